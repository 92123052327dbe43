#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "charts/figures/bins.h"
#include "charts/figures/columns_of.h"
#include "charts/figures/grouped.h"
#include "charts/figures/kinds.h"
#include "charts/figures/moments.h"
#include "charts/figures/student.h"

namespace cauce::charts::figures {

namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

struct Extent {
  double low = nothing, high = nothing;

  void add(std::span<const double> values) {
    for (const double value : values) {
      low = low <= value ? low : value;
      high = high >= value ? high : value;
    }
  }
};

// Where each column of a request is among the numbers and groups of its rows.
struct ScatterColumns {
  GroupedColumns read;
  std::size_t tint = 0;  // of the numbers; 0: no colour column of numbers
  std::size_t size = 0;
  bool colored = false;  // by category
  bool shaped = false;
};

bool is_category(columns::Type type) {
  return type == columns::Type::text || type == columns::Type::boolean;
}

Result<void> add_size(const columns::Schema& schema, const Request& request,
                      ScatterColumns& columns) {
  if (request.size.empty()) return {};
  const auto size = number_column(schema, request.size, request.kind);
  if (!size) return size.error();
  if (schema[*size].type != columns::Type::number) {
    return Error{Outcome::invalid, request.size + " is a column of type " +
                                       std::string(columns::name_of(schema[*size].type)) +
                                       ": --size is for numbers; take it for --color"};
  }
  columns.size = columns.read.numbers.size();
  columns.read.numbers.push_back(*size);
  return {};
}

// A shape splits the categories of a colour, or else is the category.
Result<void> add_shape(const columns::Schema& schema, const Request& request,
                       ScatterColumns& columns) {
  if (request.shape.empty()) return {};
  const auto shape = columns::find_column(schema, request.shape);
  if (!shape) return shape.error();
  columns.shaped = true;
  (columns.colored ? columns.read.color : columns.read.group) = *shape;
  return {};
}

Result<ScatterColumns> columns_of(const columns::Schema& schema, const Request& request) {
  const auto x = number_column(schema, request.x, request.kind);
  if (!x) return x.error();
  const auto y = number_column(schema, request.y, request.kind);
  if (!y) return y.error();
  if (*x == *y) {
    return Error{Outcome::invalid, "scatter of " + request.x +
                                       " against itself is a line: take another column for "
                                       "--y, or draw a histogram of it"};
  }
  ScatterColumns columns{{{}, true, {*x, *y}, 2}};
  if (!request.color.empty()) {
    const auto color = columns::find_column(schema, request.color);
    if (!color) return color.error();
    columns.colored = is_category(schema[*color].type);
    if (columns.colored) {
      columns.read.group = *color;
    } else {
      columns.tint = columns.read.numbers.size();
      columns.read.numbers.push_back(*color);
    }
  }
  Result<void> added = add_size(schema, request, columns);
  if (added) added = add_shape(schema, request, columns);
  if (!added) return added.error();
  return columns;
}

void add_line(ScatterFigures& figures, const CoMoments& moments, const Request& request) {
  figures.pearson = figures.slope = figures.intercept = nothing;
  if (moments.n() < 2) {
    figures.degenerate = "one point has no line";
    return;
  }
  if (figures.x_low == figures.x_high) {
    figures.degenerate = "all values of " + request.x + " are the same: no line, no correlation";
    return;
  }
  figures.slope = moments.products() / moments.squares_x();
  figures.intercept = moments.mean_y() - figures.slope * moments.mean_x();
  if (figures.y_low == figures.y_high) {
    figures.slope = 0;
    figures.intercept = figures.y_low;
    figures.degenerate = "all values of " + request.y + " are the same: no correlation";
    return;
  }
  figures.pearson = std::clamp(
      moments.products() / std::sqrt(moments.squares_x()) / std::sqrt(moments.squares_y()), -1.0,
      1.0);
}

constexpr int band_steps = 64;

// Of the regression line: Draper and Smith 1998, section 1.4.
void add_band(ScatterFigures& figures, const CoMoments& moments) {
  const auto n = double(moments.n());
  if (moments.n() < 3 || !std::isfinite(figures.slope)) return;
  const double left = moments.squares_y() - figures.slope * moments.products();
  const double error = std::sqrt(std::max(left, 0.0) / (n - 2));
  const double t = student_t_95(moments.n() - 2);
  for (int step = 0; step <= band_steps; ++step) {
    const double share = double(step) / band_steps;
    const double x = figures.x_low * (1 - share) + figures.x_high * share;
    const double apart = x - moments.mean_x();
    const double half = t * error * std::sqrt(1 / n + apart * apart / moments.squares_x());
    const double y = moments.mean_y() + figures.slope * apart;
    figures.band.push_back({x, y - half, y + half});
  }
}

// One cell for about two CSS pixels of each side, fewer when there are many categories.
Cells cells_of_size(const Request& request, std::size_t categories, std::size_t counts_max) {
  auto across = std::uint32_t(std::clamp(request.width_px / 2, 1, int(cells_max)));
  auto up = std::uint32_t(std::clamp(request.height_px / 2, 1, int(cells_max)));
  while (std::uint64_t{across} * up * categories > counts_max && across * up > 1) {
    across = std::max(across / 2, 1U);
    up = std::max(up / 2, 1U);
  }
  return {across, up};
}

Result<Cells> cells_of(const Request& request, std::size_t categories,
                       const FiguresLimits& limits) {
  if (!request.cells) return cells_of_size(request, categories, limits.counts_max);
  const Cells cells = *request.cells;
  if (std::uint64_t{cells.across} * cells.up * categories > limits.counts_max) {
    return Error{Outcome::invalid, counted(cells.across) + " x " + counted(cells.up) +
                                       " cells of " + counted(categories) + " values of " +
                                       request.color + " are more than " +
                                       counted(limits.counts_max) + " counts: take fewer cells"};
  }
  return cells;
}

// The names of the rows' groups, with the rows that each of them has.
void add_categories(const GroupedRows& rows, const ScatterColumns& columns, bool points,
                    ScatterFigures& figures) {
  // Shapes alone are the groups: of points their shape, of cells their category.
  const bool shapes_alone = columns.shaped && !columns.colored;
  const bool shapes = columns.shaped && points;
  figures.categories = shapes_alone && points ? std::vector<std::string>{""} : rows.names().names();
  if (shapes) figures.shapes = shapes_alone ? rows.names().names() : rows.colors().names();
  figures.category_rows.resize(figures.categories.size());
  figures.shape_rows.resize(figures.shapes.size());
  for (std::size_t group = 0; group < rows.size(); ++group) {
    const std::size_t name = rows.name_number(group);
    figures.category_rows[shapes_alone && points ? 0 : name] += rows[group].valid;
    if (shapes)
      figures.shape_rows[shapes_alone ? name : rows.color_number(group)] += rows[group].valid;
  }
}

Result<void> check_sizes(const ScatterFigures& figures, const Request& request) {
  const auto least =
      std::min_element(figures.points.begin(), figures.points.end(),
                       [](const Point& one, const Point& other) { return one.size < other.size; });
  if (least == figures.points.end() || !(least->size < 0)) return {};
  return Error{Outcome::invalid,
               fmt::format("{} goes down to {}, and no area is below 0: take it for --color, or "
                           "leave these rows out with --where",
                           request.size, least->size)};
}

Result<void> add_points(GroupedRows& rows, const ScatterColumns& columns, const Request& request,
                        ScatterFigures& figures) {
  figures.points.reserve(figures.n);
  const bool shapes_alone = columns.shaped && !columns.colored;
  const Result<void> passed = rows.each([&](const Batch& batch) {
    for (const Run& run : batch.runs) {
      const std::uint32_t name = rows.name_number(run.group);
      for (std::size_t row = run.begin; row < run.end; ++row) {
        Point point{batch.numbers[0][row], batch.numbers[1][row]};
        point.category = shapes_alone ? 0 : name;
        if (columns.shaped) point.shape = shapes_alone ? name : rows.color_number(run.group);
        if (columns.tint > 0) point.color = batch.numbers[columns.tint][row];
        if (columns.size > 0) {
          const double size = batch.numbers[columns.size][row];
          point.size = std::isfinite(size) ? size : nothing;
        }
        figures.points.push_back(point);
      }
    }
  });
  if (!passed) return passed;
  return columns.size > 0 ? check_sizes(figures, request) : passed;
}

Result<void> add_counts(GroupedRows& rows, const Cells& cells, std::size_t tint, const Frame& frame,
                        ScatterFigures& figures) {
  const bool tinted = tint > 0;
  const Range x = frame.x.around(figures.x_low, figures.x_high);
  const Range y = frame.y.around(figures.y_low, figures.y_high);
  const EqualBins across{x.low, x.high, cells.across};
  const EqualBins up{y.low, y.high, cells.up};
  const std::size_t size = std::size_t{cells.across} * cells.up;
  figures.nx = cells.across;
  figures.ny = cells.up;
  figures.counts.assign(size * figures.categories.size(), 0);
  std::vector<double> sums(tinted ? size : 0);
  std::vector<std::uint64_t> colored(sums.size());
  const Result<void> passed = rows.each([&](const Batch& batch) {
    for (const Run& run : batch.runs) {
      std::uint64_t* const counts = figures.counts.data() + size * rows.name_number(run.group);
      for (std::size_t row = run.begin; row < run.end; ++row) {
        const std::size_t cell = std::size_t{across.index(batch.numbers[0][row])} * cells.up +
                                 up.index(batch.numbers[1][row]);
        ++counts[cell];
        if (!tinted || !std::isfinite(batch.numbers[tint][row])) continue;
        sums[cell] += batch.numbers[tint][row];
        ++colored[cell];
      }
    }
  });
  for (std::size_t cell = 0; cell < sums.size(); ++cell) {
    sums[cell] = colored[cell] == 0 ? nothing : sums[cell] / double(colored[cell]);
  }
  figures.cell_color_means = std::move(sums);
  figures.x_low = across.low();
  figures.x_high = across.high();
  figures.y_low = up.low();
  figures.y_high = up.high();
  return passed;
}

Result<void> check_cells(const Request& request) {
  if (!request.cells) return {};
  const auto [across, up] = *request.cells;
  if (across >= 1 && across <= cells_max && up >= 1 && up <= cells_max) return {};
  return Error{Outcome::invalid, "there are 1 to 4,096 cells to each side, not " + counted(across) +
                                     " x " + counted(up)};
}

}  // namespace

Result<Figures> scatter_figures(Rows& rows, const Request& request, const FiguresLimits& limits) {
  Result<void> passed = check_cells(request);
  if (!passed) return passed.error();
  const auto columns = columns_of(rows.schema(), request);
  if (!columns) return columns.error();
  GroupedRows grouped{rows, columns->read, limits.values_max / one_more_scan, limits.groups_max};
  Extent x;
  Extent y;
  CoMoments moments;
  passed = grouped.each([&](const Batch& batch) {
    x.add(batch.numbers[0]);
    y.add(batch.numbers[1]);
    moments.add(batch.numbers[0], batch.numbers[1]);
  });
  if (!passed) return passed.error();
  if (moments.n() == 0) return nothing_to_draw(grouped.rows(), request.x + " and " + request.y);
  const double endless = std::numeric_limits<double>::infinity();
  if (!(x.high - x.low < endless)) return too_far_apart(request.x, x.low, x.high);
  if (!(y.high - y.low < endless)) return too_far_apart(request.y, y.low, y.high);
  ScatterFigures figures;
  figures.n = moments.n();
  figures.x_low = x.low;
  figures.x_high = x.high;
  figures.y_low = y.low;
  figures.y_high = y.high;
  add_line(figures, moments, request);
  add_band(figures, moments);
  const bool points = !request.cells && figures.n <= limits.points_max;
  add_categories(grouped, *columns, points, figures);
  if (points) {
    passed = add_points(grouped, *columns, request, figures);
  } else {
    const Result<Cells> cells = cells_of(request, figures.categories.size(), limits);
    if (!cells) return cells.error();
    passed = add_counts(grouped, *cells, columns->tint, rows.frame(), figures);
  }
  if (!passed) return passed.error();
  return grouped.figures_of(std::move(figures));
}

}  // namespace cauce::charts::figures
