#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "charts/figures/bins.h"
#include "charts/figures/columns_of.h"
#include "charts/figures/grouped.h"
#include "charts/figures/kinds.h"
#include "charts/figures/moments.h"

namespace cauce::charts::figures {

namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

// More than a chart has pixels across, most of the time: the same for every size, so that the
// numbers do not depend on it.
constexpr std::size_t intervals_max = 1'024;

LinePoint point_of(double x, const Moments& moments) {
  LinePoint point{x};
  point.n = moments.n();
  point.sum = moments.n() == 0 ? nothing : moments.sum();
  point.mean = moments.mean();
  point.min = moments.min();
  point.max = moments.max();
  point.deviation = moments.deviation();
  return point;
}

// A point for each x of each series, as long as they are not too many.
class Points {
 public:
  explicit Points(std::size_t points_max) : points_max_(points_max) {}

  bool too_many() const { return too_many_; }

  // A y that is not finite leaves a gap.
  void add(std::size_t series, double x, double y) {
    if (too_many_) return;
    if (series >= of_series_.size()) of_series_.resize(series + 1);
    const auto [point, added] =
        of_series_[series].try_emplace(std::bit_cast<std::uint64_t>(x + 0.0));
    if (added && ++points_ > points_max_) {
      too_many_ = true;
      of_series_.clear();
      return;
    }
    if (std::isfinite(y)) point->second.add(std::span{&y, 1});
  }

  std::vector<LinePoint> points(std::size_t series) const {
    std::vector<LinePoint> points;
    if (series >= of_series_.size()) return points;
    for (const auto& [x, moments] : of_series_[series]) {
      points.push_back(point_of(std::bit_cast<double>(x), moments));
    }
    std::sort(points.begin(), points.end(),
              [](const LinePoint& one, const LinePoint& other) { return one.x < other.x; });
    return points;
  }

 private:
  std::size_t points_max_;
  std::size_t points_ = 0;
  bool too_many_ = false;
  std::vector<std::unordered_map<std::uint64_t, Moments>> of_series_;  // by the bits of x
};

// What the first pass sees besides the points.
struct Seen {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();
  std::uint64_t drawn = 0;
  std::uint64_t infinite = 0;

  void add(double x, double y) {
    low = std::min(low, x);
    high = std::max(high, x);
    drawn += std::isfinite(y) ? 1 : 0;
    infinite += std::isinf(y) ? 1 : 0;
  }
};

// The second pass, when there are more x than can be told apart.
Result<void> add_intervals(GroupedRows& rows, const Seen& seen, std::uint32_t intervals,
                           LineFigures& figures) {
  const EqualBins bins{seen.low, seen.high, intervals};
  figures.interval = (bins.high() - bins.low()) / double(intervals);
  std::vector<std::vector<Moments>> moments(rows.size(), std::vector<Moments>(intervals));
  const Result<void> passed = rows.each([&](const Batch& batch) {
    for (const Run& run : batch.runs) {
      for (std::size_t row = run.begin; row < run.end; ++row) {
        const double& y = batch.numbers[1][row];
        if (!std::isfinite(y)) continue;
        moments[run.group][bins.index(batch.numbers[0][row])].add(std::span{&y, 1});
      }
    }
  });
  for (std::size_t series = 0; series < rows.size(); ++series) {
    for (std::uint32_t interval = 0; interval < intervals; ++interval) {
      if (moments[series][interval].n() == 0) continue;
      const double middle = bins.low() + (double(interval) + 0.5) * figures.interval;
      figures.series[series].points.push_back(point_of(middle, moments[series][interval]));
    }
  }
  return passed;
}

// A regular series has at least three of four distances up to half more than the median. Its gaps
// are longer than three of them, which a weekend in daily figures is, and half a one.
constexpr double regular_up_to = 1.5;
constexpr double gap_above = 3.5;

void find_breaks(LineSeries& series) {
  const std::vector<LinePoint>& points = series.points;
  std::vector<double> distances;
  for (std::size_t at = 1; at < points.size(); ++at)
    distances.push_back(points[at].x - points[at - 1].x);
  if (distances.empty()) return;
  const auto middle = distances.begin() + std::ptrdiff_t(distances.size() / 2);
  std::nth_element(distances.begin(), middle, distances.end());
  series.spacing = *middle;
  const auto regular = std::count_if(distances.begin(), distances.end(), [&](double distance) {
    return distance <= regular_up_to * series.spacing;
  });
  if (std::size_t(regular) * 4 < distances.size() * 3) return;
  for (std::size_t at = 1; at < points.size(); ++at) {
    if (points[at].x - points[at - 1].x > gap_above * series.spacing)
      series.breaks.push_back(std::uint32_t(at));
  }
}

Result<GroupedColumns> columns_of(const columns::Schema& schema, const Request& request) {
  if (request.aggregate == Aggregate::median) {
    return Error{Outcome::invalid,
                 "line shows the mean, the sum or the count of each x; box shows medians"};
  }
  const auto x = number_column(schema, request.x, request.kind);
  if (!x) return x.error();
  const auto y = number_column(schema, request.y, request.kind);
  if (!y) return y.error();
  GroupedColumns columns{{}, true, {*x, *y}, 1};
  if (!request.color.empty()) {
    const auto color = columns::find_column(schema, request.color);
    if (!color) return color.error();
    columns.group = *color;
  }
  return columns;
}

}  // namespace

Result<Figures> line_figures(Rows& rows, const Request& request, const FiguresLimits& limits) {
  const Result<GroupedColumns> columns = columns_of(rows.schema(), request);
  if (!columns) return columns.error();
  GroupedRows grouped{rows, *columns, limits.values_max / one_more_scan,
                      std::min(limits.groups_max, limits.curves_max)};
  Points points{limits.line_points_max};
  Seen seen;
  Result<void> passed = grouped.each([&](const Batch& batch) {
    for (const Run& run : batch.runs) {
      for (std::size_t row = run.begin; row < run.end; ++row) {
        const double x = batch.numbers[0][row];
        const double y = batch.numbers[1][row];
        seen.add(x, y);
        points.add(run.group, x, y);
      }
    }
  });
  if (!passed) return passed.error();
  if (seen.drawn == 0) return nothing_to_draw(grouped.rows(), request.x + " and " + request.y);
  if (!(seen.high - seen.low < std::numeric_limits<double>::infinity())) {
    return too_far_apart(request.x, seen.low, seen.high);
  }
  LineFigures figures;
  figures.aggregate = request.aggregate;
  for (std::size_t series = 0; series < grouped.size(); ++series) {
    figures.series.push_back({grouped.name(series), points.points(series), 0, {}});
  }
  if (points.too_many()) {
    const std::size_t most = std::max<std::size_t>(limits.line_points_max / grouped.size(), 4);
    passed = add_intervals(grouped, seen, std::uint32_t(std::min(intervals_max, most)), figures);
    if (!passed) return passed.error();
  }
  for (LineSeries& series : figures.series)
    find_breaks(series);
  Figures all = grouped.figures_of(std::move(figures));
  all.drawn = seen.drawn;
  all.excluded += seen.infinite;
  all.missing = all.rows - all.drawn - all.excluded;
  return all;
}

}  // namespace cauce::charts::figures
