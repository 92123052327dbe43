// How a CSV is written, guessed from its first bytes.
#pragma once

#include <string_view>

#include "datasets/csv/marks.h"

namespace cauce::datasets::csv {

// The delimiter of , tab ; | under which the rows of `beginning` agree best on the number of
// fields, and the newline. A delimiter that the first row does not hold is not considered; when it
// holds none, the file has one column and the answer is a comma. `is_whole` tells that the file
// ends where `beginning` does; otherwise its last row is not looked at.
Marks detect_marks(std::string_view beginning, bool is_whole);

enum class Encoding { utf8, utf16le, utf16be, windows1252 };

std::string_view name_of(Encoding encoding);

// By the byte order mark; without one, by the zero bytes that UTF-16 has beside ASCII. Windows-1252
// cannot be told from here: that is what a file is whose bytes turn out not to be UTF-8.
Encoding detect_encoding(std::string_view beginning);

// True when `bytes` is well-formed UTF-8; else `wrong_at` is the first byte that is not. A
// character cut off at the end counts as wrong.
bool is_utf8(std::string_view bytes, std::size_t& wrong_at);

}  // namespace cauce::datasets::csv
