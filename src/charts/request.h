// What is to be drawn: one chart of one table, as asked for on the command line or by REST. Plain
// values; which of them go together is checked where the figures are computed (figures.h).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "charts/annotation.h"
#include "charts/condition.h"

namespace cauce::charts {

// Limits of what is asked for.
inline constexpr std::uint32_t bins_max = 10'000;
inline constexpr std::uint32_t cells_max = 4'096;  // along each side
inline constexpr std::size_t panels_max = 24;      // of small multiples
inline constexpr std::size_t pairs_columns_max = 8;
inline constexpr int side_px_min = 160;
inline constexpr int side_px_max = 4'096;

enum class Kind {
  scatter,
  bar,
  box,
  density,
  histogram,
  ecdf,   // the share of values at or below x
  line,   // y along x, a number or a date; color: one line for each category
  heat,   // x and y by category; color: a column of numbers to aggregate, without it rows count
  pairs,  // several columns of numbers, each against each other
};

enum class Aggregate { count, sum, mean, median };

// How the parts of a bar stand when it has a colour: side by side, one on the other, or as shares
// of the whole bar. Only counts and sums add up to a whole.
enum class Bars { grouped, stacked, shares };

// Bars on their side, with their names beside them, or standing, with their names below.
enum class Direction { horizontal, upright };

// What stands for a group of a box chart: its quartiles, the density of its values mirrored, or the
// values themselves.
enum class Marks { box, violin, strip };

// A line through the points of a scatter chart: none, or the one of least squares with the interval
// of 95 % in which it lies.
enum class Trend { none, linear };

// Of a density curve, also of a violin. Scott 1992: factor n^(-1/5); Silverman as scipy has it:
// (3n/4)^(-1/5); the bandwidth is the factor times the sample standard deviation (n - 1).
struct Bandwidth {
  enum class Rule { scott, silverman, given };
  Rule rule = Rule::scott;
  double width = 0;  // in units of x, above 0; of `given`
};

// Of a histogram, and of a strip that counts its values, as numpy.histogram_bin_edges names and
// computes them; `automatic` takes the finer one of Sturges and Freedman-Diaconis. `suited`, when
// nobody asks for bins: the same, but bins of whole numbers are whole.
struct Bins {
  enum class Rule { suited, sturges, scott, freedman_diaconis, automatic, given };
  Rule rule = Rule::suited;
  std::uint32_t count = 0;  // 1 to bins_max; of `given`
};

// Counts per cell of a scatter chart instead of single points.
struct Cells {
  std::uint32_t across = 64;  // 1 to cells_max
  std::uint32_t up = 48;      // 1 to cells_max
};

enum class Scale {
  linear,
  log,     // decimal; rows at or below 0 are excluded and counted
  symlog,  // sign(v) log10(1 + |v|): shows both signs and zero (Webber 2013)
};

// Calendar periods into which a column of dates is gathered, named by their first day: 2026-11-21,
// 2026-W47 (ISO 8601), 2026-11, 2026.
enum class Period { none, day, week, month, year };

// Of bars and boxes, from the top: the largest value first, by their names, or as the table has
// them.
enum class Order { value, name, given };

enum class Theme { light, dark, print };

struct Rgb {
  std::uint8_t red = 0, green = 0, blue = 0;

  bool operator==(const Rgb&) const = default;
};

inline constexpr std::size_t palette_max = 8;

enum class Locale { en, es };

// What to call a column whose name is not made for people.
struct ColumnWords {
  std::string column;
  std::string words;  // as within a sentence: "desviación típica"
};

struct Request {
  Kind kind = Kind::scatter;
  std::string x;  // column names; empty: not given
  std::string y;
  std::string color;                 // scatter: by category or by number
  std::string size;                  // scatter: numbers, shown by the area of a point
  std::string shape;                 // scatter: categories, shown by the shape of a point
  std::string by;                    // one group for each of its values
  std::vector<std::string> columns;  // of a pair plot, 2 to pairs_columns_max
  std::string facet;                 // small multiples: one panel for each of its values
  std::vector<Condition> where;      // only rows for which all of them hold; at most conditions_max
  Scale x_scale = Scale::linear;
  Scale y_scale = Scale::linear;
  // Rows outside are left out and counted; an end is where the axis ends.
  std::optional<Span> x_limits, y_limits;
  Period period = Period::none;  // of x, a column of dates
  Aggregate aggregate = Aggregate::mean;
  Bars bars = Bars::grouped;
  Direction direction = Direction::horizontal;
  Marks marks = Marks::box;
  std::uint32_t top = 20;  // bars drawn, the largest first, the others as one; 0: all
  Bandwidth bandwidth;
  Bins bins;
  // False: only what is drawn. The medians of bars that show means then cost no further scan.
  bool every_statistic = true;
  Trend trend = Trend::none;
  std::optional<Cells> cells;  // scatter: not given: points while the eye can tell them apart

  std::string title;   // empty: made of the columns
  std::string source;  // named in the footer, a file's name for example; may be empty
  std::string footer;  // words of one's own before the counts
  std::string x_unit;  // behind the name of the axis, in brackets
  std::string y_unit;
  std::vector<ColumnWords> words;  // in the language of `locale`; other columns go by their names
  std::vector<Annotation> annotations;  // at most annotations_max
  std::string highlight;                // the group that keeps its colour; the others are grey
  std::vector<Rgb> palette;             // of the first groups; at most palette_max
  Order order = Order::value;
  Theme theme = Theme::light;
  Locale locale = Locale::en;
  int width_px = 720;  // CSS pixels, side_px_min to side_px_max
  int height_px = 440;
  int ratio = 1;  // device pixels of the PNG for one CSS pixel: 1, 2 or 3
};

}  // namespace cauce::charts
