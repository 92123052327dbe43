#include <algorithm>
#include <cmath>

#include "charts/figures/bins.h"
#include "charts/figures/columns_of.h"
#include "charts/figures/grouped.h"
#include "charts/figures/kinds.h"
#include "charts/figures/moments.h"
#include "charts/figures/quantiles.h"

namespace cauce::charts::figures {

namespace {

constexpr double whole_bins_max = 40;  // more bins of one number each say no more

Result<double> interquartile_range(GroupedRows& rows, const Moments& moments,
                                   const FiguresLimits& limits) {
  Quantiles quartiles{
      {{moments.n(), moments.min(), moments.max()}}, {0.25, 0.75}, limits.values_max / 4};
  while (!quartiles.done()) {
    Result<void> passed =
        rows.each([&](const Batch& batch) { quartiles.observe(0, batch.numbers[0]); });
    if (passed) passed = quartiles.end_pass();
    if (!passed) return passed.error();
  }
  return quartiles.value(0, 1) - quartiles.value(0, 0);
}

// How many bins, before any limit.
Result<double> bins_asked(GroupedRows& rows, const Moments& moments, const Bins& bins,
                          const FiguresLimits& limits) {
  if (bins.rule == Bins::Rule::given) return double(bins.count);
  Spread spread{moments.n(), moments.min(), moments.max(), moments.population_deviation(), 0};
  if (bins.rule == Bins::Rule::freedman_diaconis || bins.rule == Bins::Rule::automatic ||
      bins.rule == Bins::Rule::suited) {
    const Result<double> range = interquartile_range(rows, moments, limits);
    if (!range) return range.error();
    spread.interquartile_range = *range;
  }
  return bins_by(bins.rule, spread);
}

// Whether all values are whole numbers that are told apart from their neighbours.
class WholeNumbers {
 public:
  void add(std::span<const double> values) {
    for (const double value : values)
      whole_ = whole_ && std::nearbyint(value) == value && std::fabs(value) < whole_max;
  }
  bool whole() const { return whole_; }

 private:
  static constexpr double whole_max = 1e15;
  bool whole_ = true;
};

struct Edges {
  double low, high;
  double count;  // before any limit
};

// One bin for each whole number while they are few, else for so many of them that there are about
// as many bins as asked for; numbers lie in the middle of their bin.
Edges whole_edges(const Moments& moments, double asked) {
  const double numbers = moments.max() - moments.min() + 1;
  const double together =
      numbers <= whole_bins_max ? 1 : std::max(1.0, std::round(numbers / asked));
  const double count = std::ceil(numbers / together);
  return {moments.min() - 0.5, moments.min() - 0.5 + count * together, count};
}

}  // namespace

Result<Figures> histogram_figures(Rows& rows, const Request& request, const FiguresLimits& limits) {
  Result<void> passed = check_bins(request.bins);
  if (!passed) return passed.error();
  const auto x = number_column(rows.schema(), request.x, request.kind);
  if (!x) return x.error();
  GroupedColumns columns{{}, false, {*x}, 1};
  if (!request.by.empty()) {
    const auto by = columns::find_column(rows.schema(), request.by);
    if (!by) return by.error();
    columns.group = *by;
  }
  GroupedRows grouped{rows, columns, limits.values_max, limits.groups_max};
  Moments moments;
  // Those of an axis with ends of its own, of logarithms and of moments are not made whole.
  const Bounds& bounds = rows.frame().x;
  const bool may_be_whole = request.bins.rule == Bins::Rule::suited &&
                            request.x_scale == Scale::linear && !bounds.low && !bounds.high &&
                            rows.schema()[*x].type == columns::Type::number;
  WholeNumbers whole;
  passed = grouped.each([&](const Batch& batch) {
    moments.add(batch.numbers[0]);
    if (may_be_whole) whole.add(batch.numbers[0]);
  });
  if (!passed) return passed.error();
  if (moments.n() == 0) return nothing_to_draw(grouped.rows(), request.x);
  if (!(moments.max() - moments.min() < std::numeric_limits<double>::infinity())) {
    return too_far_apart(request.x, moments.min(), moments.max());
  }
  const Result<double> asked = bins_asked(grouped, moments, request.bins, limits);
  if (!asked) return asked.error();
  HistogramFigures figures;
  const Range range = bounds.around(moments.min(), moments.max());
  Edges wanted{range.low, range.high, *asked};
  if (may_be_whole && whole.whole()) wanted = whole_edges(moments, *asked);
  if (wanted.count > bins_max) figures.bins_asked = wanted.count;
  const auto count = std::uint32_t(std::min(wanted.count, double(bins_max)));
  const EqualBins edges{wanted.low, wanted.high, count};
  figures.n = moments.n();
  figures.low = edges.low();
  figures.high = edges.high();
  figures.counts.assign(count, 0);
  if (std::uint64_t{count} * grouped.size() > limits.counts_max) {
    return Error{Outcome::invalid, counted(count) + " bins of " + counted(grouped.size()) +
                                       " groups are too many counts: take fewer --bins"};
  }
  std::vector<std::vector<std::uint64_t>> by_group(grouped.size(), figures.counts);
  passed = grouped.each([&](const Batch& batch) {
    for (const Run& run : batch.runs) {
      std::vector<std::uint64_t>& counts = by_group[run.group];
      for (const double value : batch.values(0, run))
        ++counts[edges.index(value)];
    }
  });
  for (const std::vector<std::uint64_t>& counts : by_group) {
    for (std::size_t bin = 0; bin < count; ++bin)
      figures.counts[bin] += counts[bin];
  }
  if (!request.by.empty()) {
    figures.groups = grouped.names().names();
    figures.group_counts = std::move(by_group);
  }
  if (!passed) return passed.error();
  return grouped.figures_of(std::move(figures));
}

}  // namespace cauce::charts::figures
