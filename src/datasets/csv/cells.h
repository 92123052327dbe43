// What one cell says, read as its column's type says.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "columns/columns.h"
#include "datasets/csv/number_text.h"
#include "datasets/csv/rows.h"
#include "datasets/csv/time_text.h"

namespace cauce::datasets::csv {

// The words that stand for "no value": nothing at all, NA, N/A, NaN, null, None and their like as
// pandas knows them, \N of database dumps, and what the caller adds. Upper and lower case differ
// ("none" can be a value); quotes around them do not matter.
class MissingWords {
 public:
  explicit MissingWords(std::vector<std::string> more = {});
  bool contains(std::string_view text) const {
    return text.empty() || (may_begin(text[0]) && is_word(text));
  }
  // Whether one of the words begins so.
  bool may_begin(char letter) const { return beginnings_[std::uint8_t(letter)]; }

 private:
  bool is_word(std::string_view text) const;

  std::vector<std::string> more_;
  std::array<bool, 256> beginnings_{};  // of all the words
};

// How the cells of one column are to be read.
struct CellFormat {
  columns::Type type = columns::Type::text;
  Decimal decimal = Decimal::point;              // of numbers
  DateOrder date_order = DateOrder::year_first;  // of dates and datetimes

  bool operator==(const CellFormat&) const = default;
};

enum class CellState {
  value,
  missing,
  dash,   // "-" in a column of numbers: missing, counted apart
  wrong,  // not of the column's type
};

// `text` is without quotes. For a text column `value` is left alone.
CellState read_cell(std::string_view text, const CellFormat& format, const MissingWords& missing,
                    double& value);

bool read_boolean(std::string_view text, double& value);  // true and false, in any case

// A field without its quotes; `scratch` holds it when doubled quotes had to be made single ones.
// White space inside the quotes is kept.
std::string_view unquoted(Field field, std::string& scratch);

// The same without white space, as numbers and dates are read.
inline std::string_view bare(Field field, std::string& scratch) {
  return trimmed(unquoted(field, scratch));
}

}  // namespace cauce::datasets::csv
