// The names of companies, sites, devices and metrics. They are keys: chosen once, never changed,
// equal byte by byte, safe in a path, a topic and a URL.
#pragma once

#include <cstddef>
#include <string_view>

namespace cauce {

constexpr std::size_t name_bytes_max = 64;

// 1 to name_bytes_max of A-Z a-z 0-9 _ - . beginning with a letter or a digit.
bool is_name(std::string_view text);

// As above; '/' is allowed inside too ("motor/temperature"), at most metric_bytes_max.
constexpr std::size_t metric_bytes_max = 128;
bool is_metric(std::string_view text);

}  // namespace cauce
