// What lies in a workbook's archive: its parts, read piece by piece, and the elements of their XML.
// Only for the reader of XLSX.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "datasets/xlsx_rows.h"

struct zip;
struct XML_ParserStruct;

namespace cauce::datasets {

// Hears the elements of a part. Names come without their prefix ("x:row" is "row").
class XmlListener {
 public:
  virtual ~XmlListener() = default;
  // Answers the value of an attribute, "" when it is not there.
  using Attribute = std::function<std::string_view(std::string_view name)>;
  virtual void begins(std::string_view element, const Attribute& attribute) = 0;
  virtual void ends(std::string_view element) = 0;
  virtual void text(std::string_view text) = 0;
};

// One part while it is read.
class XmlPart {
 public:
  virtual ~XmlPart() = default;
  // Reads the next piece and tells the listener; false at the end.
  virtual Result<bool> read_piece() = 0;
};

class XlsxArchive {
 public:
  static Result<std::unique_ptr<XlsxArchive>> open(const std::filesystem::path& file);
  XlsxArchive(const XlsxArchive&) = delete;
  XlsxArchive& operator=(const XlsxArchive&) = delete;
  ~XlsxArchive();

  bool has(const std::string& part) const;
  // invalid: there is no such part. Archive and listener outlive what is answered.
  Result<std::unique_ptr<XmlPart>> open_part(const std::string& part, std::uint64_t bytes_max,
                                             XmlListener& listener);
  // All of it at once.
  Result<void> read_part(const std::string& part, std::uint64_t bytes_max, XmlListener& listener);

 private:
  explicit XlsxArchive(zip* archive) : archive_(archive) {}

  zip* const archive_;
};

// What the first sheet needs from the rest of the workbook.
struct Workbook {
  std::string first_sheet;           // the part's name
  bool from_1904 = false;            // days are counted from 1904 instead of 1900
  std::vector<std::string> strings;  // shared by cells
  std::vector<bool> date_styles;     // by a cell's style: shown as a date
};

Result<Workbook> read_workbook(XlsxArchive& archive, const XlsxLimits& limits);

// A stored number as the date or moment it is shown as: 2024-02-29 or 2024-02-29T12:30:00. Empty
// when it is none (before the first day, after 9999, or a mere time of day).
std::string date_of_serial(double serial, bool from_1904);

}  // namespace cauce::datasets
