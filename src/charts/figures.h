// The numbers that a chart shows, computed from a table without sampling: the whole of what is
// drawn, and what --statistics writes. Scans the table once to three times and holds memory that
// does not grow with the number of rows (documented at each kind).
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "charts/request.h"
#include "columns/columns.h"

namespace cauce::charts {

// Why a group has no statistic, as a sentence; empty: it has one.
using Degenerate = std::string;

// A group of so few values is shown by them: quartiles and a density would say less.
inline constexpr std::uint64_t few_values = 4;

// Five numbers after Tukey. Quartiles interpolate linearly (Hyndman and Fan 1996, type 7); a
// whisker ends at the most extreme value within 1.5 interquartile ranges of the box and never
// inside it.
struct BoxGroup {
  std::string group;  // "" when there is no grouping
  std::uint64_t rows = 0;
  std::uint64_t n = 0;  // values
  std::uint64_t missing = 0;
  double min = 0, q1 = 0, median = 0, q3 = 0, max = 0, iqr = 0;
  double whisker_low = 0, whisker_high = 0;
  double mean = 0, deviation = 0;  // sample standard deviation (n - 1)
  std::uint64_t outlier_count = 0;
  // Ascending. All of them up to outliers_max; then the lowest and the highest halves of it.
  std::vector<double> outliers;
  // Ascending. All values of a group that has few_values at most, and of every group of a strip up
  // to strip_points_max values of all groups together; else empty.
  std::vector<double> points;
  // Of a strip of more values: how many lie in each of the bins of BoxFigures.
  std::vector<std::uint64_t> counts;
  Degenerate degenerate;
};

// A Gaussian kernel density estimate at 512 points from x0 = min - 3 bw to x1 = max + 3 bw.
struct DensityGroup {
  std::string group;
  std::uint64_t rows = 0;
  std::uint64_t n = 0;
  double bandwidth = 0;
  double x0 = 0, x1 = 0;
  std::vector<double> y;    // 512 densities
  std::vector<double> rug;  // the values themselves, ascending, when there are at most rug_max
  Degenerate degenerate;
};

struct BoxFigures {
  std::vector<BoxGroup> groups;
  // Of groups that are dates: when each of them is, in microseconds since 1970; else empty.
  std::vector<double> moments;
  Marks marks = Marks::box;
  // Of violins: the density of each group. On a scale of logarithms it is that of the logarithms.
  std::vector<DensityGroup> violins;
  // Of strips that count: where equal bins begin and end; logarithms on a scale of them.
  double bins_low = 0, bins_high = 0;
};

struct DensityFigures {
  std::vector<DensityGroup> groups;
};

struct Point {
  double x, y;
  std::uint32_t category = 0;  // index into ScatterFigures::categories
  double color = 0;            // of a numeric colour column; NaN where missing
  double size = 0;             // of a size column, at least 0; NaN where missing
  std::uint32_t shape = 0;     // index into ScatterFigures::shapes
};

// The density of two columns: a Gaussian product kernel on a grid from min - 3 bandwidths to
// max + 3 bandwidths along each side. On a scale of logarithms these are logarithms.
struct SurfaceFigures {
  std::uint64_t n = 0;
  std::uint32_t nx = 0, ny = 0;  // nodes, the first and last at the ends
  double x_low = 0, x_high = 0, y_low = 0, y_high = 0;
  double bandwidth_x = 0, bandwidth_y = 0;
  std::vector<double> density;  // at each node, x-major
  std::vector<Point> points;    // the rows themselves when there are at most rug_max
};

struct BarGroup {
  std::string group;
  std::uint64_t rows = 0;
  std::uint64_t count = 0;  // values that are there
  double sum = 0, mean = 0, median = 0, min = 0, max = 0;
  double deviation = 0;  // sample standard deviation (n - 1)
  // Student's t, 95 %, of the mean; NaN with fewer than two values.
  double interval_low = 0, interval_high = 0;
  // With a colour: one for each of BarFigures::colors, in its order, also where count is 0; their
  // `group` is the colour.
  std::vector<BarGroup> parts;
  Degenerate degenerate;
};

struct BarFigures {
  std::uint64_t missing_key = 0;          // rows without a value of x
  std::vector<BarGroup> groups;           // all of them, in order of first appearance
  Aggregate aggregate = Aggregate::mean;  // the one drawn
  Bars bars = Bars::grouped;
  std::vector<std::string> colors;  // in order of first appearance; "": rows without one
  // What is drawn when there are more groups than Request::top: indices into groups, the largest
  // value first, and all others as one.
  std::vector<std::uint32_t> shown;
  std::uint64_t others = 0;     // groups in `other`
  BarGroup other;               // its group is ""; only when others > 0
  std::vector<double> moments;  // as BoxFigures has them
};

// Equal bins over [low, high]; the last one includes high.
struct HistogramFigures {
  std::uint64_t n = 0;
  double low = 0, high = 0;
  std::vector<std::uint64_t> counts;
  // With --by: counts of each group in the same bins; in order of first appearance. Their sum is
  // `counts`.
  std::vector<std::string> groups;
  std::vector<std::vector<std::uint64_t>> group_counts;
  double bins_asked = 0;  // by the rule, when that is more than bins_max; else 0
  Degenerate degenerate;
};

// Where the line of all x alike may lie, with 95 % confidence (Student's t): the uncertainty of
// the mean of y at that x, not the spread of single points.
struct BandPoint {
  double x;
  double low, high;
};

// Every row with both x and y is in `counts`; the first and last cell include the ends.
struct ScatterFigures {
  std::uint64_t n = 0;
  std::uint32_t nx = 0, ny = 0;  // cells
  double x_low = 0, x_high = 0, y_low = 0, y_high = 0;
  std::vector<std::uint64_t> counts;     // nx * ny for each category, x-major
  std::vector<double> cell_color_means;  // of a numeric colour column, x-major; NaN: no value
  double pearson = 0, slope = 0, intercept = 0;  // least squares of y on x over all rows
  std::vector<BandPoint> band;  // 65 from the lowest x to the highest; empty below three rows
  std::vector<std::string> categories;  // in order of first appearance; one "" without a colour
  std::vector<std::uint64_t> category_rows;
  // Of a shape column, when points are drawn; in order of first appearance. Else empty: of cells
  // without a colour of categories, shapes are the categories.
  std::vector<std::string> shapes;
  std::vector<std::uint64_t> shape_rows;
  std::vector<Point> points;  // every row, when the chart draws points; else empty
  Degenerate degenerate;      // of correlation and line
};

// What share of the values is at or below x, for each group; steps up at each x.
struct EcdfGroup {
  std::string group;
  std::uint64_t rows = 0;
  std::uint64_t n = 0;
  // Ascending. Every distinct value up to rug_max values; of more, 1,024 equally spaced places.
  std::vector<double> x;
  std::vector<double> share;  // above 0 to 1, as many as x
  Degenerate degenerate;
};

struct EcdfFigures {
  std::vector<EcdfGroup> groups;
};

// The rows of one x, or of one of equally wide intervals of x.
struct LinePoint {
  double x;
  std::uint64_t n = 0;                         // values; 0: a gap, the line does not go on over it
  double sum = 0, mean = 0, min = 0, max = 0;  // NaN when n is 0
  double deviation = 0;                        // NaN with fewer than two values
};

struct LineSeries {
  std::string color;              // "" without a colour column, and for rows without one
  std::vector<LinePoint> points;  // by x ascending
  double spacing = 0;  // the median distance between neighbours; 0: fewer than two points
  // Indices of points before which a series that was measured regularly has a gap, at least 1.
  std::vector<std::uint32_t> breaks;
};

struct LineFigures {
  std::vector<LineSeries> series;  // in order of first appearance
  // 0: a point for each x. Else x has more values than can be told apart: points stand in the
  // middle of intervals of this width, and those without rows are left out.
  double interval = 0;
  Aggregate aggregate = Aggregate::mean;  // mean, sum or count: what is drawn
};

// One number for each pair of a value of x and a value of y.
struct HeatFigures {
  std::vector<std::string> x, y;      // in order of first appearance
  std::vector<double> x_moments;      // as BoxFigures has them
  std::vector<std::uint64_t> counts;  // rows, x-major
  std::vector<double> values;  // of the aggregate of color, x-major; NaN: no value. Empty: counts
  Aggregate aggregate = Aggregate::count;
};

// One column of a pair plot.
struct PairsColumn {
  std::string name;
  double low = 0, high = 0;
  // Rows in each of equal bins over [low, high], bin after bin for each category in turn.
  std::vector<std::uint64_t> counts;
};

// Several columns of numbers, each against each other: of the rows that have all of them.
struct PairsFigures {
  std::uint64_t n = 0;
  std::vector<PairsColumn> columns;
  std::uint32_t bins = 0;       // of each column
  std::vector<double> pearson;  // of the pairs (0, 1), (0, 2), … (1, 2), …; NaN: there is none
  std::vector<std::string> categories;  // as ScatterFigures has them
  std::vector<std::uint64_t> category_rows;
  // Row after row, a value for each column; and the category of each row. Empty: counts.
  std::vector<double> values;
  std::vector<std::uint32_t> category_of;
  // Above points_max rows: of each pair, in the order of pearson, rows in cells across times cells
  // up, x-major; x is the first column of the pair.
  std::uint32_t cells = 0;
  std::vector<std::vector<std::uint64_t>> counts;
};

using Kinds = std::variant<ScatterFigures, BarFigures, BoxFigures, DensityFigures, HistogramFigures,
                           EcdfFigures, LineFigures, HeatFigures, SurfaceFigures, PairsFigures>;

struct Panel;

struct Figures {
  std::uint64_t rows = 0;          // of the table, without those that `where` leaves out
  std::uint64_t filtered = 0;      // rows for which a condition of `where` does not hold
  std::uint64_t drawn = 0;         // rows that the chart shows
  std::uint64_t missing = 0;       // rows left out because a cell is missing
  std::uint64_t excluded = 0;      // rows left out because a value is infinite
  std::uint64_t not_positive = 0;  // rows left out because a log scale has no place for them
  std::uint64_t outside = 0;  // rows left out because a value lies outside of the limits of an axis
  std::uint64_t without_panel = 0;  // rows left out because their value of facet has no panel
  std::uint64_t values_without_panel = 0;  // of facet: all but the panels_max that most rows have
  columns::Schema schema;                  // the final types of the columns used
  Kinds of;
  // With a facet: the same figures of the rows of each panel, in the order in which they are drawn;
  // their bins and cells are those of the whole, which counts the rows of all panels.
  std::vector<Panel> panels;
};

struct Panel {
  std::string name;       // the value of the facet column; "": rows without one
  Figures figures;        // has no panels
  Degenerate degenerate;  // why this panel has nothing to draw, though it has rows
};

struct FiguresLimits {
  std::size_t groups_max = 10'000;  // distinct values of a grouping column
  std::size_t points_max = 20'000;  // scatter draws counts per cell above
  std::size_t rug_max = 2'000;
  std::size_t outliers_max = 200;
  std::size_t strip_points_max = 5'000;  // a strip counts values above
  std::size_t parts_max = 100'000;       // bars times colours
  std::size_t line_points_max = 4'096;   // of all series of a line chart
  std::size_t heat_cells_max = 40'000;
  std::size_t curves_max = 1'000;       // density curves of one chart
  std::size_t counts_max = 16'000'000;  // cells of a scatter chart times its categories (128 MB)
  std::size_t values_max = 12'000'000;  // kept in memory (96 MB) before further scans are made
};

// not_found: no such column. invalid: this chart cannot be made of these columns (says why and what
// would do), or a cell of the table is wrong.
Result<Figures> compute_figures(columns::Table& table, const Request& request,
                                const FiguresLimits& limits = {});

// The figures as JSON with the field names of `cauce chart --statistics` (docs/guides/charts.md).
std::string to_json(const Figures& figures);

}  // namespace cauce::charts
