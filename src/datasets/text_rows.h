// Formats other than CSV are converted: whoever reads one gives rows of texts, and these are
// written as a CSV of control characters that the CSV reader reads on the fly. So types, faults and
// limits are the same for all formats, and nothing is stored between.
//
// Between fields stands the unit separator (0x1F), behind rows the record separator (0x1E); a text
// that holds one of them, a quote, or white space at an end, or begins with a byte order mark (the
// reader would take it for the file's), stands in quotes.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "datasets/csv/csv.h"

namespace cauce::datasets {

struct TextRow {
  std::uint64_t number = 0;  // of its line or row in the file; rises
  std::vector<std::optional<std::string>> cells;
};

class TextRows {
 public:
  virtual ~TextRows() = default;

  // The next row; false at the end. The first one is the header.
  virtual Result<bool> next(TextRow& row) = 0;
};

using OpenTextRows = std::function<Result<std::unique_ptr<TextRows>>()>;

struct Conversion {
  std::string format;               // for the report
  std::string place = "row";        // what messages call a row's number
  std::uint64_t header_number = 0;  // of the header's row
  std::vector<bool> texts;          // by column: text whatever it holds; empty: none
};

Result<std::unique_ptr<FileTable>> open_text_rows(const OpenTextRows& open,
                                                  const csv::CsvOptions& options,
                                                  const Conversion& conversion, Report* failure);

}  // namespace cauce::datasets
