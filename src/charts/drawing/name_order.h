// The order in which groups stand when nobody asked for one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cauce::charts::drawing {

// Whether the group of index `one` is earlier than that of `other`; a missing date is the latest.
bool is_earlier(const std::vector<double>& moments, std::size_t one, std::size_t other);

// The names as numbers, NaN for the missing one (""); nothing when one of them is no number.
std::optional<std::vector<double>> numbers_of(const std::vector<std::string>& names);

// Indices into `names`: numbers ascend, and so do dates, by their moments or, without, as they are
// written; other names go from most rows to fewest. A missing name ("") is the last of numbers and
// dates.
std::vector<std::size_t> order_of_names(const std::vector<std::string>& names,
                                        const std::vector<std::uint64_t>& rows, bool dates,
                                        const std::vector<double>& moments = {});

}  // namespace cauce::charts::drawing
