#include "charts/figures/grouped.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace cauce::charts::figures {

GroupedRows::GroupedRows(Rows& rows, GroupedColumns columns, std::size_t kept_max,
                         std::size_t groups_max)
    : source_(rows),
      columns_(std::move(columns)),
      kept_max_(kept_max),
      groups_max_(groups_max),
      names_(groups_max),
      colors_(groups_max),
      pairs_(groups_max) {
  for (const std::size_t number : columns_.numbers) {
    wanted_.push_back({number, columns::Cell::number});
  }
  if (columns_.color) wanted_.push_back({*columns_.color, columns::Cell::text});
  if (columns_.group) {
    group_lane_ = wanted_.size();
    wanted_.push_back({*columns_.group, columns::Cell::text});
    const columns::Type type = rows.schema()[*columns_.group].type;
    if (type == columns::Type::date || type == columns::Type::datetime) {
      moment_lane_ = wanted_.size();
      wanted_.push_back({*columns_.group, columns::Cell::number});
    }
  } else {
    start_group("", "");
    groups_.resize(1);
  }
  batch_.numbers.resize(columns_.numbers.size());
}

Figures GroupedRows::figures_of(Kinds kind) const {
  Figures figures;
  figures.rows = rows_;
  figures.drawn = valid_;
  figures.excluded = infinite_;
  figures.missing = rows_ - valid_ - infinite_;
  figures.of = std::move(kind);
  return figures;
}

Result<void> GroupedRows::each(const std::function<void(const Batch&)>& use) {
  if (!counted_ || !keeping_) {
    const Result<void> scanned = scan(use);
    counted_ = true;
    return scanned;
  }
  for (const Batch& batch : kept_)
    use(batch);
  return {};
}

Result<void> GroupedRows::scan(const std::function<void(const Batch&)>& use) {
  std::uint64_t valid = 0;
  Result<void> passed = source_.each(wanted_, [&](const columns::Block& block) -> Result<void> {
    const Result<void> numbered = number_groups(block);
    if (!numbered) return numbered;
    find_valid(block);
    if (!counted_) count(block);
    gather(block);
    valid += chosen_.size();
    if (keeping_) keep_batch();
    if (!chosen_.empty()) use(batch_);
    return {};
  });
  if (passed && valid != valid_) {
    return Error{Outcome::conflict,
                 fmt::format("{} rows had values, then {}: the table was changed while it was "
                             "read; draw it again",
                             valid_, valid)};
  }
  return passed;
}

// The number of a group of two columns; Keys::none: there are too many.
std::uint32_t GroupedRows::pair_number(std::string_view name, std::string_view color) {
  const std::uint32_t named = names_.number_of(name);
  const std::uint32_t colored = colors_.number_of(color);
  if (named == Keys::none || colored == Keys::none) return Keys::none;
  const std::array<std::uint32_t, 2> pair{named, colored};
  return pairs_.number_of({reinterpret_cast<const char*>(pair.data()), sizeof pair});
}

void GroupedRows::start_group(std::string_view name, std::string_view color) {
  name_of_.push_back(names_.number_of(name));
  color_of_.push_back(columns_.color ? colors_.number_of(color) : 0);
}

Result<void> GroupedRows::number_groups(const columns::Block& block) {
  if (!columns_.group) {
    group_of_.assign(block.rows, 0);
    return {};
  }
  group_of_.resize(block.rows);
  const std::vector<std::string_view>& names = block.lanes[group_lane_].texts;
  const std::vector<std::string_view>& colors = block.lanes[columns_.numbers.size()].texts;
  for (std::size_t row = 0; row < block.rows; ++row) {
    if (names[row].data() == nullptr && !columns_.without_key_is_a_group) {
      group_of_[row] = Keys::none;
      continue;
    }
    const std::uint32_t group =
        columns_.color ? pair_number(names[row], colors[row]) : names_.number_of(names[row]);
    if (group == Keys::none) return too_many_groups();
    group_of_[row] = group;
    if (group < name_of_.size()) [[likely]] {
      continue;
    }
    start_group(names[row], colors[row]);
    if (moment_lane_ > 0 && moments_.size() < names_.size())
      moments_.push_back(block.lanes[moment_lane_].numbers[row]);
  }
  if (counted_ && name_of_.size() != groups_.size()) {
    return Error{Outcome::conflict, "the table was changed while it was read; draw it again"};
  }
  groups_.resize(name_of_.size());
  return {};
}

Error GroupedRows::too_many_groups() const {
  const std::string& column = source_.schema()[*columns_.group].name;
  const std::string with =
      columns_.color ? " with " + source_.schema()[*columns_.color].name : std::string();
  return {Outcome::invalid,
          fmt::format("{}{} has more than {} different values: choose a column with fewer", column,
                      with, groups_max_)};
}

void GroupedRows::find_valid(const columns::Block& block) {
  chosen_.resize(block.rows);
  const auto is_finite = [](double value) {
    // Not a number minus itself, and infinity minus itself, are not zero.
    return value - value == 0;
  };
  std::size_t chosen = 0;
  const double* const first = columns_.required > 0 ? block.lanes[0].numbers.data() : nullptr;
  for (std::size_t row = 0; row < block.rows; ++row) {
    chosen_[chosen] = std::uint32_t(row);
    const bool valid = first == nullptr || is_finite(first[row]);
    chosen += (valid & (group_of_[row] != Keys::none)) ? 1 : 0;
  }
  for (std::size_t number = 1; number < columns_.required; ++number) {
    const double* const values = block.lanes[number].numbers.data();
    const std::size_t candidates = chosen;
    chosen = 0;
    for (std::size_t index = 0; index < candidates; ++index) {
      const std::uint32_t row = chosen_[index];
      chosen_[chosen] = row;
      chosen += is_finite(values[row]) ? 1 : 0;
    }
  }
  chosen_.resize(chosen);
}

// The rows that count are counted by group when they are gathered.
void GroupedRows::count(const columns::Block& block) {
  rows_ += block.rows;
  valid_ += chosen_.size();
  std::size_t next = 0;
  for (std::uint32_t row = 0; row < block.rows && chosen_.size() < block.rows; ++row) {
    if (next < chosen_.size() && chosen_[next] == row) {
      ++next;
      continue;
    }
    bool missing = false;
    if (group_of_[row] == Keys::none) {
      ++without_key_;
      missing = true;
    } else {
      ++groups_[group_of_[row]].rows;
    }
    for (std::size_t number = 0; number < columns_.required; ++number) {
      missing |= std::isnan(block.lanes[number].numbers[row]);
    }
    if (!missing) ++infinite_;
  }
}

// A counting sort by group: stable, one pass to count and one to place.
void GroupedRows::gather(const columns::Block& block) {
  batch_.runs.clear();
  place_.assign(groups_.size(), 0);
  for (const std::uint32_t row : chosen_)
    ++place_[group_of_[row]];
  std::size_t begin = 0;
  for (std::uint32_t group = 0; group < place_.size(); ++group) {
    const std::size_t rows = place_[group];
    place_[group] = std::uint32_t(begin);
    if (rows == 0) continue;
    batch_.runs.push_back({group, begin, begin + rows});
    begin += rows;
    if (counted_) continue;
    groups_[group].rows += rows;
    groups_[group].valid += rows;
  }
  for (std::uint32_t& row : chosen_)
    group_of_[row] = place_[group_of_[row]]++;
  for (std::size_t number = 0; number < batch_.numbers.size(); ++number) {
    const std::vector<double>& source = block.lanes[number].numbers;
    std::vector<double>& target = batch_.numbers[number];
    target.resize(chosen_.size());
    for (const std::uint32_t row : chosen_)
      target[group_of_[row]] = source[row];
  }
}

// A run takes as much memory as two values.
void GroupedRows::keep_batch() {
  kept_values_ += chosen_.size() * columns_.numbers.size() + 2 * batch_.runs.size();
  if (kept_values_ > kept_max_) {
    keeping_ = false;
    kept_ = {};
    return;
  }
  kept_.push_back(batch_);
}

}  // namespace cauce::charts::figures
