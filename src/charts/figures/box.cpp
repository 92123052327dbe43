#include <emmintrin.h>

#include <algorithm>
#include <limits>

#include "charts/figures/box_marks.h"
#include "charts/figures/columns_of.h"
#include "charts/figures/grouped.h"
#include "charts/figures/kinds.h"
#include "charts/figures/moments.h"
#include "charts/figures/quantiles.h"

namespace cauce::charts::figures {

namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

// The outliers of one group: all of them, or the lowest and the highest of them.
class Outliers {
 public:
  explicit Outliers(std::size_t outliers_max) : outliers_max_(outliers_max) {}

  void add(double value) {
    ++count_;
    values_.push_back(value);
    // A sort every so often keeps memory bounded and costs a few steps a value.
    if (values_.size() >= 4 * outliers_max_ + 4096) cut();
  }

  void give(BoxGroup& box) {
    cut();
    box.outlier_count = count_;
    box.outliers = std::move(values_);
  }

 private:
  void cut() {
    std::sort(values_.begin(), values_.end());
    if (values_.size() <= outliers_max_) return;
    const auto half = std::ptrdiff_t(outliers_max_ / 2);
    values_.erase(values_.begin() + half, values_.end() - half);
  }

  std::size_t outliers_max_;
  std::uint64_t count_ = 0;
  std::vector<double> values_;
};

// McGill, Tukey and Larsen 1978: the whisker ends at a datum, not at the fence.
class Whiskers {
 public:
  Whiskers(const BoxGroup& box, std::size_t outliers_max)
      : fence_low_(box.q1 - 1.5 * box.iqr),
        fence_high_(box.q3 + 1.5 * box.iqr),
        low_(box.q1),
        high_(box.q3),
        outliers_(outliers_max) {}

  void add(std::span<const double> values) {
    const __m128d fences_low = _mm_set1_pd(fence_low_);
    const __m128d fences_high = _mm_set1_pd(fence_high_);
    __m128d lows = _mm_set1_pd(low_);
    __m128d highs = _mm_set1_pd(high_);
    std::size_t index = 0;
    for (; index + 2 <= values.size(); index += 2) {
      const __m128d two = _mm_loadu_pd(values.data() + index);
      const __m128d outside =
          _mm_or_pd(_mm_cmplt_pd(two, fences_low), _mm_cmpgt_pd(two, fences_high));
      if (_mm_movemask_pd(outside) != 0) [[unlikely]] {
        add(values[index]);
        add(values[index + 1]);
        continue;
      }
      lows = _mm_min_pd(two, lows);
      highs = _mm_max_pd(two, highs);
    }
    if (index < values.size()) add(values[index]);
    low_ = std::min({low_, lows[0], lows[1]});
    high_ = std::max({high_, highs[0], highs[1]});
  }

  void give(BoxGroup& box) {
    box.whisker_low = low_;
    box.whisker_high = high_;
    outliers_.give(box);
  }

 private:
  void add(double value) {
    if (value < fence_low_ || value > fence_high_) return outliers_.add(value);
    low_ = std::min(low_, value);
    high_ = std::max(high_, value);
  }

  double fence_low_, fence_high_;
  double low_, high_;  // begin at the box, so they never end inside it
  Outliers outliers_;
};

std::vector<BoxGroup> boxes_of(const GroupedRows& rows, const std::vector<Moments>& moments,
                               const std::string& column) {
  std::vector<BoxGroup> boxes(rows.size());
  for (std::size_t group = 0; group < boxes.size(); ++group) {
    BoxGroup& box = boxes[group];
    box.group = rows.name(group);
    box.rows = rows[group].rows;
    box.n = rows[group].valid;
    box.missing = box.rows - box.n;
    box.min = moments[group].min();
    box.max = moments[group].max();
    box.mean = moments[group].mean();
    box.deviation = moments[group].deviation();
    if (box.n > 0) continue;
    box.q1 = box.median = box.q3 = box.iqr = box.whisker_low = box.whisker_high = nothing;
    box.degenerate = "no row of this group has a value of " + column;
  }
  return boxes;
}

Result<void> add_quartiles(GroupedRows& rows, std::vector<BoxGroup>& boxes,
                           const FiguresLimits& limits) {
  std::vector<Quantiles::Extent> extents;
  extents.reserve(boxes.size());
  for (const BoxGroup& box : boxes)
    extents.push_back({box.n, box.min, box.max});
  Quantiles quartiles{extents, {0.25, 0.5, 0.75}, limits.values_max / 4};
  Result<void> found = find_quantiles(rows, 0, quartiles);
  if (!found) return found;
  std::vector<Whiskers> whiskers;
  for (std::size_t group = 0; group < boxes.size(); ++group) {
    BoxGroup& box = boxes[group];
    if (box.n > 0) {
      box.q1 = quartiles.value(group, 0);
      box.median = quartiles.value(group, 1);
      box.q3 = quartiles.value(group, 2);
      box.iqr = box.q3 - box.q1;
    }
    whiskers.emplace_back(box, limits.outliers_max);
  }
  found = rows.each([&](const Batch& batch) {
    for (const Run& run : batch.runs)
      whiskers[run.group].add(batch.values(0, run));
  });
  for (std::size_t group = 0; group < boxes.size(); ++group)
    whiskers[group].give(boxes[group]);
  return found;
}

}  // namespace

Result<Figures> box_figures(Rows& rows, const Request& request, const FiguresLimits& limits) {
  const auto y = number_column(rows.schema(), request.y, request.kind);
  if (!y) return y.error();
  GroupedColumns columns{{}, false, {*y}, 1};
  if (!request.by.empty()) {
    const auto by = columns::find_column(rows.schema(), request.by);
    if (!by) return by.error();
    columns.group = *by;
  }
  GroupedRows grouped{rows, columns, limits.values_max, limits.groups_max};
  std::vector<Moments> moments;
  Result<void> passed = grouped.each([&](const Batch& batch) {
    moments.resize(grouped.size());
    for (const Run& run : batch.runs)
      moments[run.group].add(batch.values(0, run));
  });
  if (!passed) return passed.error();
  if (grouped.valid() == 0) return nothing_to_draw(grouped.rows(), request.y);
  moments.resize(grouped.size());
  BoxFigures figures;
  figures.groups = boxes_of(grouped, moments, request.y);
  figures.moments = grouped.moments();
  passed = add_quartiles(grouped, figures.groups, limits);
  if (passed) passed = add_marks(grouped, request, rows.frame(), limits, figures);
  if (!passed) return passed.error();
  return grouped.figures_of(std::move(figures));
}

}  // namespace cauce::charts::figures
