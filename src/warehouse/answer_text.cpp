#include "warehouse/answer_text.h"

#include <fmt/core.h>

#include <algorithm>
#include <cstdint>
#include <vector>

#include "base/json.h"

namespace cauce::warehouse {
namespace {

using table::Type;

// Characters of one value in a table; payloads of 1 MiB would hide all others.
constexpr std::size_t cell_characters_max = 80;
constexpr std::string_view ellipsis = "…";

bool begins_character(char byte) {
  return (static_cast<std::uint8_t>(byte) & 0xc0) != 0x80;
}

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), begins_character));
}

// Device names and payloads are foreign: no escape sequence of theirs may reach the terminal.
std::string escaped(std::string_view text) {
  std::string cell;
  for (std::size_t index = 0; index < text.size(); ++index) {
    const auto byte = static_cast<std::uint8_t>(text[index]);
    // U+0080 to U+009F are control characters too.
    const bool long_control = byte == 0xc2 && index + 1 < text.size() &&
                              static_cast<std::uint8_t>(text[index + 1]) < 0xa0;
    if (long_control) {
      cell += fmt::format("\\u{:04x}", static_cast<std::uint8_t>(text[++index]));
    } else if (byte < 0x20 || byte == 0x7f) {
      cell += fmt::format("\\u{:04x}", byte);
    } else {
      cell += text[index];
    }
  }
  return cell;
}

std::string cell_of(std::string_view text) {
  std::size_t end = 0;
  for (std::size_t count = 0; end < text.size(); ++end) {
    if (begins_character(text[end]) && ++count > cell_characters_max) break;
  }
  std::string cell = escaped(text.substr(0, end));
  if (end < text.size()) cell += ellipsis;
  return cell;
}

bool is_number(Type type) {
  switch (type) {
    case Type::int32:
    case Type::int64:
    case Type::uint32:
    case Type::uint64:
    case Type::real64: return true;
    default: return false;
  }
}

void print_line(const std::vector<std::string>& cells, const std::vector<std::size_t>& widths,
                const std::vector<table::Column>& columns, std::ostream& target) {
  std::string line;
  for (std::size_t index = 0; index < cells.size(); ++index) {
    const std::string padding(widths[index] - characters(cells[index]), ' ');
    const bool right = is_number(columns[index].type);
    if (index > 0) line += "  ";
    line += right ? padding + cells[index] : cells[index] + padding;
  }
  line.erase(line.find_last_not_of(' ') + 1);
  target << line << '\n';
}

void print_table(const table::Answer& answer, std::ostream& target) {
  std::vector<std::string> header;
  std::vector<std::size_t> widths;
  for (const table::Column& column : answer.columns) {
    header.push_back(cell_of(column.name));
    widths.push_back(characters(header.back()));
  }
  std::vector<std::vector<std::string>> rows;
  for (const auto& row : answer.rows) {
    auto& cells = rows.emplace_back();
    for (std::size_t index = 0; index < row.size(); ++index) {
      cells.push_back(cell_of(row[index]));
      widths[index] = std::max(widths[index], characters(cells.back()));
    }
  }
  print_line(header, widths, answer.columns, target);
  std::vector<std::string> rules;
  rules.reserve(widths.size());
  for (const std::size_t width : widths) {
    rules.emplace_back(width, '-');
  }
  print_line(rules, widths, answer.columns, target);
  for (const auto& cells : rows) {
    print_line(cells, widths, answer.columns, target);
  }
}

std::string csv_field(std::string_view text, bool is_null) {
  if (is_null) return {};
  if (!text.empty() && text.find_first_of("\",\r\n") == std::string_view::npos) {
    return std::string(text);
  }
  std::string field = "\"";
  for (const char character : text) {
    field += character;
    if (character == '"') field += '"';
  }
  return field + "\"";
}

void print_csv(const table::Answer& answer, std::ostream& target) {
  std::string line;
  for (const table::Column& column : answer.columns) {
    if (!line.empty()) line += ',';
    line += csv_field(column.name, false);
  }
  target << line << "\r\n";
  for (std::size_t row = 0; row < answer.rows.size(); ++row) {
    line.clear();
    for (std::size_t index = 0; index < answer.rows[row].size(); ++index) {
      if (index > 0) line += ',';
      line += csv_field(answer.rows[row][index], answer.nulls[row][index]);
    }
    target << line << "\r\n";
  }
}

std::string json_value(Type type, std::string_view text, bool is_null) {
  if (is_null) return "null";
  // JSON has no word for infinity and "not a number": they stay text.
  const bool plain =
      type == Type::boolean ||
      (is_number(type) && text.find_first_not_of("0123456789+-.e") == std::string_view::npos);
  return plain ? std::string(text) : json_string(text);
}

void print_json(const table::Answer& answer, std::ostream& target) {
  target << '[';
  for (std::size_t row = 0; row < answer.rows.size(); ++row) {
    std::string line = row == 0 ? "\n{" : ",\n{";
    for (std::size_t index = 0; index < answer.rows[row].size(); ++index) {
      if (index > 0) line += ", ";
      line +=
          json_string(answer.columns[index].name) + ": " +
          json_value(answer.columns[index].type, answer.rows[row][index], answer.nulls[row][index]);
    }
    target << line << '}';
  }
  target << "\n]\n";
}

}  // namespace

Result<AnswerFormat> parse_answer_format(std::string_view text) {
  if (text == "table") return AnswerFormat::table;
  if (text == "csv") return AnswerFormat::csv;
  if (text == "json") return AnswerFormat::json;
  return Error{Outcome::invalid,
               fmt::format("\"{}\" is no format of an answer; write table, csv or json",
                           text.substr(0, 32))};
}

void print_answer(const table::Answer& answer, AnswerFormat format, std::ostream& target) {
  switch (format) {
    case AnswerFormat::table: return print_table(answer, target);
    case AnswerFormat::csv: return print_csv(answer, target);
    case AnswerFormat::json: return print_json(answer, target);
  }
}

std::optional<std::string> cut_notice(const table::Answer& answer) {
  if (!answer.cut) return std::nullopt;
  return fmt::format(
      "the answer is cut after {} rows; ask for fewer with WHERE or LIMIT, or for "
      "more with --rows",
      answer.rows.size());
}

}  // namespace cauce::warehouse
