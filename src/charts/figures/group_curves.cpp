#include "charts/figures/group_curves.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "charts/figures/columns_of.h"
#include "charts/figures/curve.h"
#include "charts/figures/on_scale.h"

namespace cauce::charts::figures {

namespace {

double bandwidth_of(const Bandwidth& asked, const Moments& moments) {
  const auto n = double(moments.n());
  switch (asked.rule) {
    case Bandwidth::Rule::given: return asked.width;
    case Bandwidth::Rule::scott: return std::pow(n, -0.2) * moments.deviation();
    case Bandwidth::Rule::silverman: return std::pow(n * 0.75, -0.2) * moments.deviation();
  }
  INVARIANT(false);
}

std::string why_no_curve(const Moments& moments, double bandwidth, const std::string& column) {
  if (moments.n() == 0) return "no row of this group has a value of " + column;
  if (moments.n() == 1) {
    return fmt::format("{} has one value, {}: a density curve needs two", column, moments.min());
  }
  if (moments.min() == moments.max()) {
    return fmt::format("all {} values of {} are {}: they have no density curve",
                       counted(moments.n()), column, moments.min());
  }
  const double range = (moments.max() - moments.min()) + 6 * bandwidth;
  if (!(bandwidth > 0) || !std::isfinite(range / bandwidth)) {
    return fmt::format("{} goes from {} to {}, out of proportion to its bandwidth of {}", column,
                       moments.min(), moments.max(), bandwidth);
  }
  return "";
}

}  // namespace

Result<void> check_bandwidth(const Bandwidth& bandwidth) {
  if (bandwidth.rule != Bandwidth::Rule::given ||
      (bandwidth.width > 0 && std::isfinite(bandwidth.width))) {
    return {};
  }
  return Error{Outcome::invalid,
               fmt::format("a bandwidth is above 0, not {}: it is a width in units of the values",
                           bandwidth.width)};
}

std::vector<DensityGroup> curves_to_add(const GroupedRows& rows,
                                        const std::vector<Moments>& moments,
                                        const Bandwidth& bandwidth, const std::string& column) {
  std::vector<DensityGroup> groups;
  for (std::size_t index = 0; index < rows.size(); ++index) {
    DensityGroup group;
    group.group = rows.name(index);
    group.rows = rows[index].rows;
    group.n = rows[index].valid;
    group.bandwidth = bandwidth_of(bandwidth, moments[index]);
    group.degenerate = why_no_curve(moments[index], group.bandwidth, column);
    group.x0 = moments[index].min() - 3 * group.bandwidth;
    group.x1 = moments[index].max() + 3 * group.bandwidth;
    groups.push_back(std::move(group));
  }
  return groups;
}

Result<void> add_curves(GroupedRows& rows, Scale scale, const std::vector<Moments>& moments,
                        std::vector<DensityGroup>& groups, const FiguresLimits& limits) {
  std::size_t binned = 0;
  for (const DensityGroup& group : groups)
    binned += group.n > limits.rug_max ? 1 : 0;
  std::vector<WeightedCells> cells(groups.size());
  for (std::size_t index = 0; index < groups.size(); ++index) {
    const DensityGroup& group = groups[index];
    if (!group.degenerate.empty() || group.n <= limits.rug_max) continue;
    cells[index] =
        WeightedCells{moments[index].min(), moments[index].max(), group.bandwidth, binned};
  }
  std::vector<double> room;
  const Result<void> passed = rows.each([&](const Batch& batch) {
    for (const Run& run : batch.runs) {
      DensityGroup& group = groups[run.group];
      const std::span<const double> values = on_scale(batch.values(0, run), scale, room);
      if (group.n <= limits.rug_max) {
        group.rug.insert(group.rug.end(), values.begin(), values.end());
      } else if (group.degenerate.empty()) {
        cells[run.group].add(values);
      }
    }
  });
  if (!passed) return passed;
  for (std::size_t index = 0; index < groups.size(); ++index) {
    DensityGroup& group = groups[index];
    std::sort(group.rug.begin(), group.rug.end());
    if (!group.degenerate.empty()) continue;
    Curve curve{group.x0, group.x1, group.bandwidth};
    for (const double value : group.rug)
      curve.add(value, 1);
    cells[index].add_to(curve);
    group.y = curve.density(double(group.n));
  }
  return {};
}

}  // namespace cauce::charts::figures
