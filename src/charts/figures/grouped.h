// The numbers of some columns, those of a group together, as often as they are needed: kept in
// memory while they fit, otherwise read from the table again. Every statistic is computed from
// batches of them, so none knows which of the two it was.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "charts/figures.h"
#include "charts/figures/keys.h"
#include "charts/figures/rows.h"

namespace cauce::charts::figures {

struct GroupedColumns {
  std::optional<std::size_t> group;     // read as text; not given: one group named ""
  bool without_key_is_a_group = false;  // rows without a group form one named ""; else left out
  std::vector<std::size_t> numbers = {};
  std::size_t required = 0;  // the first so many of `numbers` must be there for a row to count
  std::optional<std::size_t> color = {};  // splits each group; rows without one have color ""
};

// Consecutive values of one group.
struct Run {
  std::uint32_t group;
  std::size_t begin;
  std::size_t end;
};

// Rows that count, each group's together and in the table's order.
struct Batch {
  std::vector<std::vector<double>> numbers;  // in the order of GroupedColumns::numbers
  std::vector<Run> runs;                     // each group at most once

  std::span<const double> values(std::size_t number, const Run& run) const {
    return std::span{numbers[number]}.subspan(run.begin, run.end - run.begin);
  }
};

// A chart that needs its values only once more keeps the third part of values_max: one more scan
// costs less than the memory of a large table.
inline constexpr std::size_t one_more_scan = 3;

class GroupedRows {
 public:
  struct Group {
    std::uint64_t rows = 0;
    std::uint64_t valid = 0;  // rows that count
  };

  // Keeps up to `kept_max` values in memory for later passes; 0: no later pass will be made, or it
  // may as well read the table again.
  GroupedRows(Rows& rows, GroupedColumns columns, std::size_t kept_max, std::size_t groups_max);

  // Hands out every row that counts. The first pass also fills what is counted below. Values of a
  // later pass are those of the first one unless the table changed in between, which is an error
  // (conflict) only at the end of the pass: bound every index that is computed from a value.
  Result<void> each(const std::function<void(const Batch&)>& use);

  std::size_t size() const { return groups_.size(); }
  const std::string& name(std::size_t group) const { return names_.names()[name_of_[group]]; }
  // When each name is, in microseconds since 1970, if the group is a column of dates; else empty.
  const std::vector<double>& moments() const { return moments_; }
  // Names and colours by number, in order of first appearance; without a colour column, one "".
  const Keys& names() const { return names_; }
  const Keys& colors() const { return colors_; }
  std::uint32_t name_number(std::size_t group) const { return name_of_[group]; }
  std::uint32_t color_number(std::size_t group) const { return color_of_[group]; }
  const Group& operator[](std::size_t group) const { return groups_[group]; }

  std::uint64_t rows() const { return rows_; }  // of the table
  std::uint64_t valid() const { return valid_; }
  std::uint64_t without_key() const { return without_key_; }
  std::uint64_t infinite() const { return infinite_; }  // nothing missing, but not finite

  // The figures of a chart that shows every row that counts.
  Figures figures_of(Kinds kind) const;

 private:
  Result<void> scan(const std::function<void(const Batch&)>& use);
  Result<void> number_groups(const columns::Block& block);
  std::uint32_t pair_number(std::string_view name, std::string_view color);
  void start_group(std::string_view name, std::string_view color);
  Error too_many_groups() const;
  void find_valid(const columns::Block& block);
  void count(const columns::Block& block);
  void gather(const columns::Block& block);
  void keep_batch();

  Rows& source_;
  const GroupedColumns columns_;
  const std::size_t kept_max_;
  const std::size_t groups_max_;
  std::vector<columns::Wanted> wanted_;
  std::size_t group_lane_ = 0;   // in a block
  std::size_t moment_lane_ = 0;  // 0: the group is no column of dates
  std::vector<double> moments_;
  Keys names_;
  Keys colors_;
  Keys pairs_;                          // of a name and a colour, when there is a colour
  std::vector<std::uint32_t> name_of_;  // for each group
  std::vector<std::uint32_t> color_of_;
  std::vector<Group> groups_;
  std::uint64_t rows_ = 0;
  std::uint64_t valid_ = 0;
  std::uint64_t without_key_ = 0;
  std::uint64_t infinite_ = 0;
  bool counted_ = false;  // the first pass is over

  bool keeping_ = true;
  std::uint64_t kept_values_ = 0;
  std::vector<Batch> kept_;

  // Of the block at hand, reused from one to the next.
  Batch batch_;
  std::vector<std::uint32_t> group_of_;  // for each row; Keys::none: the row is left out
  std::vector<std::uint32_t> chosen_;    // rows that count
  std::vector<std::uint32_t> place_;     // for each group: rows, then where its next value goes
};

}  // namespace cauce::charts::figures
