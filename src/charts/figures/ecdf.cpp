#include <algorithm>

#include "charts/figures/bins.h"
#include "charts/figures/columns_of.h"
#include "charts/figures/grouped.h"
#include "charts/figures/kinds.h"
#include "charts/figures/moments.h"

namespace cauce::charts::figures {

namespace {

constexpr std::uint32_t places = 1024;

// Each distinct value, and what share of all lies at or below it.
void add_steps(std::vector<double>& values, EcdfGroup& group) {
  std::sort(values.begin(), values.end());
  for (std::size_t at = 0; at < values.size(); ++at) {
    if (at + 1 < values.size() && values[at + 1] == values[at]) continue;
    group.x.push_back(values[at]);
    group.share.push_back(double(at + 1) / double(values.size()));
  }
}

// At the upper edge of each bin: all values of the bins so far are below it, in the last one at it.
void add_places(const EqualBins& bins, const std::vector<std::uint64_t>& counts, EcdfGroup& group) {
  const double width = (bins.high() - bins.low()) / double(places);
  std::uint64_t below = 0;
  for (std::uint32_t bin = 0; bin < places; ++bin) {
    below += counts[bin];
    if (below == 0) continue;
    group.x.push_back(bin + 1 == places ? bins.high() : bins.low() + width * double(bin + 1));
    group.share.push_back(double(below) / double(group.n));
  }
}

// The second pass.
Result<void> add_shares(GroupedRows& rows, const EqualBins& bins, std::vector<EcdfGroup>& groups,
                        std::uint64_t values_max) {
  std::vector<std::vector<double>> values(groups.size());
  std::vector<std::vector<std::uint64_t>> counts(groups.size());
  for (std::size_t index = 0; index < groups.size(); ++index) {
    if (groups[index].n > values_max) counts[index].assign(places, 0);
  }
  const Result<void> passed = rows.each([&](const Batch& batch) {
    for (const Run& run : batch.runs) {
      const std::span<const double> slice = batch.values(0, run);
      std::vector<std::uint64_t>& counted = counts[run.group];
      if (counted.empty()) {
        values[run.group].insert(values[run.group].end(), slice.begin(), slice.end());
        continue;
      }
      for (const double value : slice)
        ++counted[bins.index(value)];
    }
  });
  if (!passed) return passed;
  for (std::size_t index = 0; index < groups.size(); ++index) {
    if (counts[index].empty()) {
      add_steps(values[index], groups[index]);
    } else {
      add_places(bins, counts[index], groups[index]);
    }
  }
  return {};
}

}  // namespace

Result<Figures> ecdf_figures(Rows& rows, const Request& request, const FiguresLimits& limits) {
  const auto x = number_column(rows.schema(), request.x, request.kind);
  if (!x) return x.error();
  GroupedColumns columns{{}, false, {*x}, 1};
  if (!request.by.empty()) {
    const auto by = columns::find_column(rows.schema(), request.by);
    if (!by) return by.error();
    columns.group = *by;
  }
  GroupedRows grouped{rows, columns, limits.values_max / one_more_scan,
                      std::min(limits.groups_max, limits.curves_max)};
  Moments moments;
  Result<void> passed = grouped.each([&](const Batch& batch) { moments.add(batch.numbers[0]); });
  if (!passed) return passed.error();
  if (moments.n() == 0) return nothing_to_draw(grouped.rows(), request.x);
  if (!(moments.max() - moments.min() < std::numeric_limits<double>::infinity())) {
    return too_far_apart(request.x, moments.min(), moments.max());
  }
  EcdfFigures figures;
  for (std::size_t index = 0; index < grouped.size(); ++index) {
    EcdfGroup group;
    group.group = grouped.name(index);
    group.rows = grouped[index].rows;
    group.n = grouped[index].valid;
    if (group.n == 0) group.degenerate = "no row of this group has a value of " + request.x;
    figures.groups.push_back(std::move(group));
  }
  const EqualBins bins{moments.min(), moments.max(), places};
  passed = add_shares(grouped, bins, figures.groups, limits.rug_max);
  if (!passed) return passed.error();
  return grouped.figures_of(std::move(figures));
}

}  // namespace cauce::charts::figures
