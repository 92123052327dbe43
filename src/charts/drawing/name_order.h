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

// Whether one name stands before another when they are ordered by name: numbers ascend, a missing
// one ("") is the last of them; other names go byte by byte.
class NameOrder {
 public:
  explicit NameOrder(const std::vector<std::string>& names)
      : names_(names), numbers_(numbers_of(names)) {}

  // Of two indices into the names, which outlive it.
  bool operator()(std::size_t one, std::size_t other) const;

 private:
  const std::vector<std::string>& names_;
  const std::optional<std::vector<double>> numbers_;
};

// Indices into `names`: numbers ascend, and so do dates, by their moments or, without, as they are
// written; other names go from most rows to fewest. A missing name ("") is the last of numbers and
// dates.
std::vector<std::size_t> order_of_names(const std::vector<std::string>& names,
                                        const std::vector<std::uint64_t>& rows, bool dates,
                                        const std::vector<double>& moments = {});

}  // namespace cauce::charts::drawing
