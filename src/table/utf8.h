// Makes foreign bytes fit for a VARCHAR column, where DuckDB trusts its caller. Only for table/.
#pragma once

#include <string>
#include <string_view>

namespace cauce::table {

// True when `bytes` is well-formed UTF-8 (Unicode 15, table 3-7: no overlong forms, no surrogates).
bool is_utf8(std::string_view bytes);

// `bytes` with every byte that is part of no well-formed character replaced by U+FFFD.
std::string to_utf8(std::string_view bytes);

}  // namespace cauce::table
