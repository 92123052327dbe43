#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "charts/figures/bins.h"
#include "charts/figures/columns_of.h"
#include "charts/figures/grouped.h"
#include "charts/figures/kinds.h"
#include "charts/figures/moments.h"

namespace cauce::charts::figures {

namespace {

constexpr std::uint32_t cells_default = 40;    // of a pair, along each side
constexpr std::uint32_t cells_in_panels = 16;  // of small multiples, whose plots are small

std::uint32_t cells_along(const Request& request) {
  if (request.cells) return request.cells->across;
  return request.facet.empty() ? cells_default : cells_in_panels;
}
constexpr double bins_max_of_column = 30;

Result<GroupedColumns> columns_of(const columns::Schema& schema, const Request& request) {
  GroupedColumns columns{{}, true};
  for (const std::string& name : request.columns) {
    const auto column = number_column(schema, name, request.kind);
    if (!column) return column.error();
    if (std::find(columns.numbers.begin(), columns.numbers.end(), *column) !=
        columns.numbers.end()) {
      return Error{Outcome::invalid, fmt::format("--columns names {} twice: once is enough", name)};
    }
    columns.numbers.push_back(*column);
  }
  columns.required = columns.numbers.size();
  if (request.color.empty()) return columns;
  const auto color = columns::find_column(schema, request.color);
  if (!color) return color.error();
  columns.group = *color;
  return columns;
}

double pearson_of(const CoMoments& moments) {
  const double spread = std::sqrt(moments.squares_x()) * std::sqrt(moments.squares_y());
  if (moments.n() < 2 || !(spread > 0)) return std::numeric_limits<double>::quiet_NaN();
  return std::clamp(moments.products() / spread, -1.0, 1.0);
}

// The pairs in the order of PairsFigures::pearson.
template <class Use>
void each_pair(std::size_t columns, Use&& use) {
  std::size_t pair = 0;
  for (std::size_t x = 0; x < columns; ++x) {
    for (std::size_t y = x + 1; y < columns; ++y)
      use(pair++, x, y);
  }
}

// Two passes over the rows: what they reach, then what is drawn.
class Pairs {
 public:
  Pairs(GroupedRows& rows, const Frame& frame, const Request& request, const FiguresLimits& limits)
      : rows_(rows),
        frame_(frame),
        request_(request),
        limits_(limits),
        columns_(request.columns.size()),
        cells_along_(cells_along(request)) {}

  Result<PairsFigures> compute() {
    Result<void> passed = find_extents();
    if (passed) passed = check_ranges();
    if (!passed) return passed.error();
    const std::size_t pairs = columns_ * (columns_ - 1) / 2;
    const bool points =
        !request_.cells && figures_.n <= std::min(limits_.points_max / pairs, limits_.rug_max);
    for (std::size_t column = 0; column < columns_; ++column) {
      PairsColumn& of = figures_.columns[column];
      bins_.emplace_back(of.low, of.high, figures_.bins);
      cells_.emplace_back(of.low, of.high, cells_along_);
      of.counts.assign(rows_.size() * figures_.bins, 0);
    }
    if (!points) {
      figures_.cells = cells_along_;
      figures_.counts.assign(pairs, std::vector<std::uint64_t>(cells_along_ * cells_along_));
    }
    passed = rows_.each([&](const Batch& batch) {
      for (const Run& run : batch.runs) {
        count_bins(batch, run);
        points ? keep(batch, run) : count_cells(batch, run);
      }
    });
    if (!passed) return passed.error();
    return std::move(figures_);
  }

 private:
  Result<void> find_extents() {
    std::vector<CoMoments> moments(columns_ * (columns_ - 1) / 2);
    std::vector<Moments> single(columns_);
    const Result<void> passed = rows_.each([&](const Batch& batch) {
      for (std::size_t column = 0; column < columns_; ++column)
        single[column].add(batch.numbers[column]);
      each_pair(columns_, [&](std::size_t pair, std::size_t x, std::size_t y) {
        moments[pair].add(batch.numbers[x], batch.numbers[y]);
      });
    });
    if (!passed) return passed;
    figures_.n = rows_.valid();
    if (figures_.n == 0) {
      std::string all;
      for (const std::string& name : request_.columns)
        all += (all.empty() ? "" : " and ") + name;
      return nothing_to_draw(rows_.rows(), all);
    }
    for (std::size_t column = 0; column < columns_; ++column) {
      const Bounds bounds = frame_.columns.empty() ? Bounds{} : frame_.columns[column];
      const Range range = bounds.around(single[column].min(), single[column].max());
      figures_.columns.push_back({request_.columns[column], range.low, range.high, {}});
    }
    for (const CoMoments& pair : moments)
      figures_.pearson.push_back(pearson_of(pair));
    const double sturges = std::ceil(std::log2(double(figures_.n)) + 1);
    const bool given = request_.bins.rule == Bins::Rule::given;
    figures_.bins =
        given ? request_.bins.count : std::uint32_t(std::clamp(sturges, 6.0, bins_max_of_column));
    for (std::size_t category = 0; category < rows_.size(); ++category) {
      figures_.categories.push_back(rows_.name(category));
      figures_.category_rows.push_back(rows_[category].valid);
    }
    return {};
  }

  Result<void> check_ranges() const {
    for (const PairsColumn& column : figures_.columns) {
      if (!std::isfinite(column.high - column.low))
        return too_far_apart(column.name, column.low, column.high);
    }
    return {};
  }

  void count_bins(const Batch& batch, const Run& run) {
    for (std::size_t column = 0; column < columns_; ++column) {
      std::uint64_t* const counts =
          figures_.columns[column].counts.data() + std::size_t{run.group} * figures_.bins;
      for (const double value : batch.values(column, run))
        ++counts[bins_[column].index(value)];
    }
  }

  void keep(const Batch& batch, const Run& run) {
    for (std::size_t row = run.begin; row < run.end; ++row) {
      for (std::size_t column = 0; column < columns_; ++column)
        figures_.values.push_back(batch.numbers[column][row]);
      figures_.category_of.push_back(run.group);
    }
  }

  void count_cells(const Batch& batch, const Run& run) {
    std::vector<std::uint32_t> cells(columns_);
    for (std::size_t row = run.begin; row < run.end; ++row) {
      for (std::size_t column = 0; column < columns_; ++column)
        cells[column] = cells_[column].index(batch.numbers[column][row]);
      each_pair(columns_, [&](std::size_t pair, std::size_t x, std::size_t y) {
        ++figures_.counts[pair][std::size_t{cells[x]} * cells_along_ + cells[y]];
      });
    }
  }

  GroupedRows& rows_;
  const Frame& frame_;
  const Request& request_;
  const FiguresLimits& limits_;
  const std::size_t columns_;
  const std::uint32_t cells_along_;
  std::vector<EqualBins> bins_, cells_;
  PairsFigures figures_;
};

}  // namespace

Result<Figures> pairs_figures(Rows& rows, const Request& request, const FiguresLimits& limits) {
  const Result<GroupedColumns> columns = columns_of(rows.schema(), request);
  if (!columns) return columns.error();
  GroupedRows grouped{rows, *columns, limits.values_max / one_more_scan,
                      std::min(limits.groups_max, limits.curves_max)};
  Result<PairsFigures> figures = Pairs{grouped, rows.frame(), request, limits}.compute();
  if (!figures) return figures.error();
  return grouped.figures_of(std::move(*figures));
}

}  // namespace cauce::charts::figures
