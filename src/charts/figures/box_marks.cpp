#include "charts/figures/box_marks.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "charts/figures/bins.h"
#include "charts/figures/columns_of.h"
#include "charts/figures/group_curves.h"
#include "charts/figures/moments.h"
#include "charts/figures/on_scale.h"

namespace cauce::charts::figures {

namespace {

Result<void> add_violins(GroupedRows& rows, const Request& request, const FiguresLimits& limits,
                         BoxFigures& figures) {
  Result<void> passed = check_bandwidth(request.bandwidth);
  if (!passed) return passed;
  if (rows.size() > limits.curves_max) {
    return Error{Outcome::invalid,
                 fmt::format("{} has {} values, and there are {} violins at most: choose a column "
                             "with fewer, or boxes",
                             request.by, counted(rows.size()), counted(limits.curves_max))};
  }
  std::vector<Moments> moments(rows.size());
  std::vector<double> room;
  passed = rows.each([&](const Batch& batch) {
    for (const Run& run : batch.runs)
      moments[run.group].add(on_scale(batch.values(0, run), request.y_scale, room));
  });
  if (!passed) return passed;
  figures.violins = curves_to_add(rows, moments, request.bandwidth, request.y);
  for (DensityGroup& violin : figures.violins) {
    if (!violin.degenerate.empty() || violin.n > few_values) continue;
    violin.degenerate = fmt::format("{} values are too few for a density", violin.n);
  }
  return add_curves(rows, request.y_scale, moments, figures.violins, limits);
}

Result<void> add_counts(GroupedRows& rows, const Request& request, const Frame& frame,
                        const FiguresLimits& limits, BoxFigures& figures) {
  const Result<void> checked = check_bins(request.bins);
  if (!checked) return checked;
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (const BoxGroup& box : figures.groups) {
    if (box.n == 0) continue;
    low = std::min(low, on_scale(box.min, request.y_scale));
    high = std::max(high, on_scale(box.max, request.y_scale));
  }
  const Range range = frame.y.around(low, high);
  if (!std::isfinite(range.high - range.low)) return too_far_apart(request.y, low, high);
  const bool given = request.bins.rule == Bins::Rule::given;
  const std::uint32_t bins = given ? request.bins.count : strip_bins;
  if (std::uint64_t{bins} * rows.size() > limits.counts_max) {
    return Error{Outcome::invalid, counted(bins) + " bins of " + counted(rows.size()) +
                                       " groups are too many counts: take fewer --bins"};
  }
  const EqualBins edges{range.low, range.high, bins};
  figures.bins_low = edges.low();
  figures.bins_high = edges.high();
  for (BoxGroup& box : figures.groups)
    box.counts.assign(bins, 0);
  return rows.each([&](const Batch& batch) {
    for (const Run& run : batch.runs) {
      std::vector<std::uint64_t>& counts = figures.groups[run.group].counts;
      for (const double value : batch.values(0, run))
        ++counts[edges.index(on_scale(value, request.y_scale))];
    }
  });
}

// Of all groups, or only of those that have few.
Result<void> add_points(GroupedRows& rows, bool all, BoxFigures& figures) {
  const auto wanted = [&](const BoxGroup& box) {
    return box.n > 0 && (all || box.n <= few_values);
  };
  if (std::none_of(figures.groups.begin(), figures.groups.end(), wanted)) return {};
  const Result<void> passed = rows.each([&](const Batch& batch) {
    for (const Run& run : batch.runs) {
      BoxGroup& box = figures.groups[run.group];
      // A table that changed in between is found out at the end of the pass.
      if (!wanted(box) || box.points.size() >= box.n) continue;
      const std::span<const double> values = batch.values(0, run);
      box.points.insert(box.points.end(), values.begin(), values.end());
    }
  });
  for (BoxGroup& box : figures.groups)
    std::sort(box.points.begin(), box.points.end());
  return passed;
}

}  // namespace

Result<void> add_marks(GroupedRows& rows, const Request& request, const Frame& frame,
                       const FiguresLimits& limits, BoxFigures& figures) {
  figures.marks = request.marks;
  Result<void> passed;
  if (request.marks == Marks::violin) passed = add_violins(rows, request, limits, figures);
  const bool strip = request.marks == Marks::strip;
  const bool counts =
      strip && (rows.valid() > limits.strip_points_max || request.bins.rule == Bins::Rule::given);
  if (counts) passed = add_counts(rows, request, frame, limits, figures);
  if (!passed) return passed;
  return counts ? passed : add_points(rows, strip, figures);
}

}  // namespace cauce::charts::figures
