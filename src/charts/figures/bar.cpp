#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "charts/figures/columns_of.h"
#include "charts/figures/grouped.h"
#include "charts/figures/kinds.h"
#include "charts/figures/moments.h"
#include "charts/figures/quantiles.h"
#include "charts/figures/student.h"

namespace cauce::charts::figures {

namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

// What one bar is made of: a group, a colour of it, or the groups that are drawn as one.
struct Made {
  std::uint64_t rows = 0;
  std::uint64_t valid = 0;
  Moments moments;

  void join(const Made& other) {
    rows += other.rows;
    valid += other.valid;
    moments.join(other.moments);
  }
};

BarGroup bar_of(const std::string& name, const Made& made, const Request& request) {
  BarGroup bar;
  const Moments& moments = made.moments;
  bar.group = name;
  bar.rows = made.rows;
  bar.count = made.valid;
  bar.sum = moments.sum();
  bar.mean = moments.mean();
  bar.median = nothing;
  bar.min = moments.min();
  bar.max = moments.max();
  bar.deviation = moments.deviation();
  const MeanInterval interval = mean_interval_95(moments.n(), bar.mean, bar.deviation);
  bar.interval_low = interval.low;
  bar.interval_high = interval.high;
  if (bar.count == 0) bar.degenerate = "no row of this group has a value of " + request.y;
  return bar;
}

double drawn_value(const BarGroup& bar, Aggregate aggregate) {
  switch (aggregate) {
    case Aggregate::count: return double(bar.count);
    case Aggregate::sum: return bar.sum;
    case Aggregate::mean: return bar.mean;
    case Aggregate::median: return bar.median;
  }
  INVARIANT(false);
}

// The bars of a table: groups by name, their parts by colour.
class BarBuilder {
 public:
  BarBuilder(GroupedRows& rows, const Request& request, const FiguresLimits& limits, bool medians)
      : rows_(rows), request_(request), limits_(limits), medians_(medians) {
    figures_.aggregate = request.y.empty() ? Aggregate::count : request.aggregate;
    figures_.bars = request.bars;
  }

  Result<BarFigures> build() {
    std::vector<Moments> moments;
    Result<void> passed = rows_.each([&](const Batch& batch) {
      moments.resize(rows_.size());
      if (batch.numbers.empty()) return;
      for (const Run& run : batch.runs)
        moments[run.group].add(batch.values(0, run));
    });
    if (!passed) return passed.error();
    if (rows_.valid() == 0) {
      return nothing_to_draw(rows_.rows(),
                             request_.x + (request_.y.empty() ? "" : " and " + request_.y));
    }
    if (rows_.names().size() * rows_.colors().size() > limits_.parts_max) {
      return Error{
          Outcome::invalid,
          fmt::format("{} values of {} by {} of {} are more than {} parts of bars: choose "
                      "columns with fewer",
                      counted(rows_.names().size()), request_.x, counted(rows_.colors().size()),
                      request_.color, counted(limits_.parts_max))};
    }
    moments.resize(rows_.size());
    add_groups(moments);
    passed = check_shares();
    if (passed && medians_) passed = add_medians();
    if (passed) passed = choose_shown();
    if (!passed) return passed.error();
    return std::move(figures_);
  }

 private:
  bool colored() const { return !request_.color.empty(); }

  void add_groups(const std::vector<Moments>& moments) {
    figures_.missing_key = rows_.without_key();
    figures_.moments = rows_.moments();
    if (colored()) figures_.colors = rows_.colors().names();
    const std::size_t names = rows_.names().size();
    made_.resize(names);
    parts_.resize(names, std::vector<Made>(figures_.colors.size()));
    for (std::size_t group = 0; group < rows_.size(); ++group) {
      const Made made{rows_[group].rows, rows_[group].valid, moments[group]};
      made_[rows_.name_number(group)].join(made);
      if (colored()) parts_[rows_.name_number(group)][rows_.color_number(group)] = made;
    }
    for (std::size_t name = 0; name < names; ++name) {
      figures_.groups.push_back(bar_of(rows_.names().names()[name], made_[name], request_));
      figures_.groups.back().parts = bars_of_parts(parts_[name]);
    }
  }

  std::vector<BarGroup> bars_of_parts(const std::vector<Made>& parts) const {
    std::vector<BarGroup> bars;
    bars.reserve(parts.size());
    for (std::size_t color = 0; color < parts.size(); ++color) {
      bars.push_back(bar_of(figures_.colors[color], parts[color], request_));
    }
    return bars;
  }

  Result<void> check_shares() const {
    if (request_.bars != Bars::shares || figures_.aggregate != Aggregate::sum) return {};
    for (const BarGroup& group : figures_.groups) {
      for (const BarGroup& part : group.parts) {
        if (!(part.sum < 0)) continue;
        return Error{Outcome::invalid,
                     fmt::format("{} of {} adds up to {} and has no share of a whole: take --bars "
                                 "stacked or grouped",
                                 part.group, group.group, part.sum)};
      }
    }
    return {};
  }

  // Of the groups, and after them of all their parts, in the same passes.
  Result<void> add_medians() {
    const std::size_t names = figures_.groups.size();
    std::vector<BarGroup*> bars;
    bars.reserve(figures_.groups.size());
    for (BarGroup& bar : figures_.groups)
      bars.push_back(&bar);
    for (std::size_t group = 0; colored() && group < rows_.size(); ++group) {
      bars.push_back(&figures_.groups[rows_.name_number(group)].parts[rows_.color_number(group)]);
    }
    std::vector<Quantiles::Extent> extents;
    extents.reserve(bars.size());
    for (const BarGroup* bar : bars)
      extents.push_back({bar->count, bar->min, bar->max});
    Quantiles medians{extents, {0.5}, limits_.values_max / 4};
    while (!medians.done()) {
      Result<void> passed = rows_.each([&](const Batch& batch) {
        for (const Run& run : batch.runs) {
          medians.observe(rows_.name_number(run.group), batch.values(0, run));
          if (colored()) medians.observe(names + run.group, batch.values(0, run));
        }
      });
      if (passed) passed = medians.end_pass();
      if (!passed) return passed;
    }
    for (std::size_t bar = 0; bar < bars.size(); ++bar) {
      if (bars[bar]->count > 0) bars[bar]->median = medians.value(bar, 0);
    }
    return {};
  }

  Result<void> choose_shown() {
    std::vector<std::uint32_t>& shown = figures_.shown;
    shown.resize(figures_.groups.size());
    std::iota(shown.begin(), shown.end(), 0U);
    const auto value = [&](std::uint32_t group) {
      const double drawn = drawn_value(figures_.groups[group], figures_.aggregate);
      return std::isnan(drawn) ? -std::numeric_limits<double>::infinity() : drawn;
    };
    // Ties in order of appearance: std::stable_sort would do the same, with a deprecated buffer.
    std::sort(shown.begin(), shown.end(), [&](std::uint32_t one, std::uint32_t other) {
      const double first = value(one);
      const double second = value(other);
      return first != second ? first > second : one < other;
    });
    // One bar in place of one bar would hide its name for nothing.
    const bool dates = !figures_.moments.empty();
    if (dates || request_.top == 0 || shown.size() <= request_.top + 1) return {};
    const std::vector<std::uint32_t> rest(shown.begin() + request_.top, shown.end());
    shown.resize(request_.top);
    return add_other(rest);
  }

  Result<void> add_other(const std::vector<std::uint32_t>& rest) {
    Made made;
    std::vector<Made> parts(figures_.colors.size());
    std::vector<char> is_other(figures_.groups.size(), 0);
    for (const std::uint32_t group : rest) {
      is_other[group] = 1;
      made.join(made_[group]);
      for (std::size_t color = 0; color < parts.size(); ++color) {
        parts[color].join(parts_[group][color]);
      }
    }
    figures_.others = rest.size();
    figures_.other = bar_of("", made, request_);
    figures_.other.parts = bars_of_parts(parts);
    return medians_ ? add_medians_of_other(is_other) : Result<void>{};
  }

  Result<void> add_medians_of_other(const std::vector<char>& is_other) {
    std::vector<BarGroup*> bars{&figures_.other};
    for (BarGroup& part : figures_.other.parts)
      bars.push_back(&part);
    std::vector<Quantiles::Extent> extents;
    extents.reserve(bars.size());
    for (const BarGroup* bar : bars)
      extents.push_back({bar->count, bar->min, bar->max});
    Quantiles medians{extents, {0.5}, limits_.values_max / 4};
    while (!medians.done()) {
      Result<void> passed = rows_.each([&](const Batch& batch) {
        for (const Run& run : batch.runs) {
          if (is_other[rows_.name_number(run.group)] == 0) continue;
          medians.observe(0, batch.values(0, run));
          if (colored()) medians.observe(1 + rows_.color_number(run.group), batch.values(0, run));
        }
      });
      if (passed) passed = medians.end_pass();
      if (!passed) return passed;
    }
    for (std::size_t bar = 0; bar < bars.size(); ++bar) {
      if (bars[bar]->count > 0) bars[bar]->median = medians.value(bar, 0);
    }
    return {};
  }

  GroupedRows& rows_;
  const Request& request_;
  const FiguresLimits& limits_;
  const bool medians_;
  std::vector<Made> made_;                // for each name
  std::vector<std::vector<Made>> parts_;  // for each name and colour
  BarFigures figures_;
};

Result<GroupedColumns> columns_of(const columns::Schema& schema, const Request& request) {
  const auto x = columns::find_column(schema, request.x);
  if (!x) return x.error();
  GroupedColumns columns{*x};
  if (!request.y.empty()) {
    const auto y = number_column(schema, request.y, request.kind);
    if (!y) return y.error();
    columns.numbers = {*y};
    columns.required = 1;
  }
  if (!request.color.empty()) {
    const auto color = columns::find_column(schema, request.color);
    if (!color) return color.error();
    columns.color = *color;
  }
  return columns;
}

Result<void> check_aggregate(const Request& request) {
  const bool adds_up = request.y.empty() || request.aggregate == Aggregate::sum ||
                       request.aggregate == Aggregate::count;
  if (request.y.empty() &&
      (request.aggregate == Aggregate::sum || request.aggregate == Aggregate::median)) {
    return Error{Outcome::invalid,
                 "bar needs --y with a column of numbers for a sum or a median; without --y it "
                 "counts rows"};
  }
  if (request.bars != Bars::grouped && request.color.empty()) {
    return Error{Outcome::invalid, "stacked bars and shares need --color: it names their parts"};
  }
  if (request.bars != Bars::grouped && !adds_up) {
    return Error{Outcome::invalid,
                 "means and medians do not add up to a whole: take --aggregate sum or count, or "
                 "--bars grouped"};
  }
  return {};
}

}  // namespace

Result<Figures> bar_figures(Rows& rows, const Request& request, const FiguresLimits& limits) {
  const Result<void> checked = check_aggregate(request);
  if (!checked) return checked.error();
  const Result<GroupedColumns> columns = columns_of(rows.schema(), request);
  if (!columns) return columns.error();
  const bool medians =
      !request.y.empty() && (request.every_statistic || request.aggregate == Aggregate::median);
  GroupedRows grouped{rows, *columns, medians ? limits.values_max : 0, limits.groups_max};
  Result<BarFigures> figures = BarBuilder{grouped, request, limits, medians}.build();
  if (!figures) return figures.error();
  return grouped.figures_of(std::move(*figures));
}

}  // namespace cauce::charts::figures
