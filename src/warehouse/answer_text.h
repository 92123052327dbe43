// An answer as text for a terminal, a spreadsheet or a program.
#pragma once

#include <optional>
#include <ostream>
#include <string>
#include <string_view>

#include "table/table.h"

namespace cauce::warehouse {

enum class AnswerFormat {
  table,  // aligned columns; long values cut, control characters escaped; for reading
  csv,    // RFC 4180 with a header; NULL is an empty field, an empty text is ""
  json,   // an array with one object a row; numbers, true, false and null as such
};

// "table", "csv" or "json"; anything else is invalid.
Result<AnswerFormat> parse_answer_format(std::string_view text);

void print_answer(const table::Answer& answer, AnswerFormat format, std::ostream& target);

// For the error stream, so that what is piped on stays clean: that the answer was cut, where, and
// what to do about it. Nothing when it is whole.
std::optional<std::string> cut_notice(const table::Answer& answer);

}  // namespace cauce::warehouse
