#include "datasets/csv/cells.h"

#include <algorithm>
#include <array>

namespace cauce::datasets::csv {

namespace {

// The words that pandas.read_csv takes as missing, and PostgreSQL's.
constexpr std::array<std::string_view, 19> known_words{
    "NA",   "N/A", "n/a",      "NaN",     "nan",    "-NaN",     "-nan", "null",    "NULL", "None",
    "#N/A", "#NA", "#N/A N/A", "-1.#IND", "1.#IND", "-1.#QNAN", "<NA>", "1.#QNAN", "\\N"};
constexpr std::size_t known_word_bytes_max = 8;

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(),
                    [](char one, char other) { return (one | 0x20) == other; });
}

}  // namespace

MissingWords::MissingWords(std::vector<std::string> more) : more_(std::move(more)) {
  for (const std::string_view word : known_words)
    beginnings_[std::uint8_t(word[0])] = true;
  for (const std::string& word : more_) {
    if (!word.empty()) beginnings_[std::uint8_t(word[0])] = true;
  }
}

bool MissingWords::is_word(std::string_view text) const {
  const bool may_be_known = text.size() <= known_word_bytes_max;
  return (may_be_known &&
          std::find(known_words.begin(), known_words.end(), text) != known_words.end()) ||
         std::find(more_.begin(), more_.end(), text) != more_.end();
}

bool read_boolean(std::string_view text, double& value) {
  const bool is_true = equals_ignoring_case(text, "true");
  if (!is_true && !equals_ignoring_case(text, "false")) return false;
  value = is_true ? 1 : 0;
  return true;
}

CellState read_cell(std::string_view text, const CellFormat& format, const MissingWords& missing,
                    double& value) {
  if (missing.contains(text)) return CellState::missing;
  bool good = true;
  switch (format.type) {
    case columns::Type::number:
      if (text == "-") return CellState::dash;
      good = read_number(text, format.decimal, value) == NumberText::number;
      break;
    case columns::Type::date:
    case columns::Type::datetime: {
      std::int64_t microseconds = 0;
      good = read_time(text, format.date_order, microseconds) != TimeText::other;
      value = double(microseconds);
      break;
    }
    case columns::Type::boolean: good = read_boolean(text, value); break;
    case columns::Type::text: break;
  }
  return good ? CellState::value : CellState::wrong;
}

std::string_view unquoted(Field field, std::string& scratch) {
  if (field.size() < 2 || field.front() != '"') return field;
  const std::string_view inner = field.substr(1, field.size() - 2);
  const std::size_t first = inner.find('"');
  if (first == std::string_view::npos) return inner;
  scratch.assign(inner.substr(0, first + 1));
  for (std::size_t at = first + 2; at < inner.size(); ++at) {
    scratch += inner[at];
    if (inner[at] == '"') ++at;
  }
  return scratch;
}

}  // namespace cauce::datasets::csv
