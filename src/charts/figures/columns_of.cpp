#include "charts/figures/columns_of.h"

#include <fmt/core.h>

#include <array>

namespace cauce::charts::figures {

namespace {

enum class Use { no, may, must };

struct Uses {
  Use x, y, color, by;
  std::string_view example;
  Use marks_of_points = Use::no;  // size and shape
};

Uses uses_of(Kind kind) {
  switch (kind) {
    case Kind::scatter:
      return {Use::must,
              Use::must,
              Use::may,
              Use::no,
              "--x and --y with two columns of numbers or dates, and --color to tell groups apart",
              Use::may};
    case Kind::bar:
      return {Use::must, Use::may, Use::may, Use::no,
              "--x with the column that names the bars, --y with the numbers to add up, and "
              "--color for the parts of each bar"};
    case Kind::box:
      return {Use::no, Use::must, Use::no, Use::may,
              "--y with a column of numbers, and --by for a box of each group"};
    case Kind::density:
      return {Use::must, Use::may, Use::no, Use::may,
              "--x with a column of numbers, and --by to tell groups apart or --y for the density "
              "of both"};
    case Kind::histogram:
    case Kind::ecdf:
      return {Use::must, Use::no, Use::no, Use::may,
              "--x with a column of numbers, and --by to tell groups apart"};
    case Kind::line:
      return {Use::must, Use::must, Use::may, Use::no,
              "--x with a column of dates or numbers, --y with numbers, and --color for a line of "
              "each category"};
    case Kind::pairs:
      return {Use::no, Use::no, Use::may, Use::no,
              "--columns with 2 to 8 columns of numbers, and --color to tell groups apart"};
    case Kind::heat:
      return {Use::must, Use::must, Use::may, Use::no,
              "--x and --y with two columns of categories, and --color with numbers to aggregate"};
  }
  INVARIANT(false);
}

}  // namespace

namespace {

// Boxes, points, curves and bins have a scale where their numbers are; bars begin at 0, which has
// no place on a log scale.
Result<void> check_scales(const Request& request) {
  const bool both = request.kind == Kind::scatter || request.kind == Kind::line;
  const bool x = both || request.kind == Kind::density || request.kind == Kind::histogram ||
                 request.kind == Kind::ecdf;
  const bool y =
      both || request.kind == Kind::box || (request.kind == Kind::density && !request.y.empty());
  const bool wrong_x = !x && request.x_scale != Scale::linear;
  if (!wrong_x && (y || request.y_scale == Scale::linear)) return {};
  const std::string_view why = request.kind == Kind::bar
                                   ? ": bars begin at 0 and show numbers by their length"
                                   : ": its numbers are along the other axis, or are counts";
  return Error{Outcome::invalid, fmt::format("{} takes no --{}-scale{}", name_of(request.kind),
                                             wrong_x ? "x" : "y", why)};
}

Result<void> check_columns(const Request& request) {
  const bool pairs = request.kind == Kind::pairs;
  if (request.kind == Kind::density && !request.y.empty() && !request.by.empty()) {
    return Error{Outcome::invalid,
                 "the density of two columns has no --by: take --facet for one of each group"};
  }
  if (!pairs && !request.columns.empty()) {
    return Error{Outcome::invalid,
                 fmt::format("{} has no --columns: it takes {}", name_of(request.kind),
                             uses_of(request.kind).example)};
  }
  if (pairs && request.cells && request.cells->across != request.cells->up) {
    return Error{Outcome::invalid,
                 fmt::format("the cells of pairs are as many along both sides, such as 40x40, not "
                             "{}x{}",
                             request.cells->across, request.cells->up)};
  }
  const std::size_t count = request.columns.size();
  if (!pairs || (count >= 2 && count <= pairs_columns_max)) return {};
  return Error{Outcome::invalid,
               fmt::format("pairs takes {}, not {} of them", uses_of(Kind::pairs).example, count)};
}

}  // namespace

Result<void> check_request(const Request& request) {
  const Uses uses = uses_of(request.kind);
  struct Option {
    std::string_view name;
    const std::string& column;
    Use use;
  };
  const std::array options{Option{"--x", request.x, uses.x},
                           Option{"--y", request.y, uses.y},
                           Option{"--color", request.color, uses.color},
                           Option{"--by", request.by, uses.by},
                           Option{"--size", request.size, uses.marks_of_points},
                           Option{"--shape", request.shape, uses.marks_of_points}};
  std::string needed;
  bool lacking = false;
  for (const Option& option : options) {
    if (option.use == Use::must) {
      needed += fmt::format("{}{}", needed.empty() ? "" : " and ", option.name);
      lacking |= option.column.empty();
    }
  }
  if (lacking) {
    return Error{Outcome::invalid, fmt::format("{} needs {}: it takes {}", name_of(request.kind),
                                               needed, uses.example)};
  }
  for (const Option& option : options) {
    if (option.use == Use::no && !option.column.empty()) {
      return Error{Outcome::invalid, fmt::format("{} has no {}: it takes {}", name_of(request.kind),
                                                 option.name, uses.example)};
    }
  }
  const Result<void> checked = check_columns(request);
  if (!checked) return checked;
  if (request.marks != Marks::box && request.kind != Kind::box) {
    return Error{Outcome::invalid,
                 fmt::format("{} has no --marks: violins and strips are drawn by box, with {}",
                             name_of(request.kind), uses_of(Kind::box).example)};
  }
  return check_scales(request);
}

Result<std::size_t> number_column(const columns::Schema& schema, const std::string& name,
                                  Kind kind) {
  const Result<std::size_t> column = columns::find_column(schema, name);
  if (!column) return column;
  if (schema[*column].type != columns::Type::text) return column;
  const std::string_view instead =
      kind == Kind::scatter || kind == Kind::bar
          ? "take a column of numbers, or draw bars that count the rows of each value (bar --x)"
          : "take a column of numbers, or count its values with bars (bar --x)";
  return Error{Outcome::invalid, fmt::format("{} is text, and {} needs numbers there: {}", name,
                                             name_of(kind), instead)};
}

Error nothing_to_draw(std::uint64_t rows, std::string_view columns) {
  if (rows == 0) return {Outcome::invalid, "the table has no rows: there is nothing to draw"};
  return {Outcome::invalid,
          fmt::format("none of the {} rows has a value of {}: there is nothing to draw",
                      counted(rows), columns)};
}

Error too_far_apart(std::string_view column, double min, double max) {
  return {Outcome::invalid,
          fmt::format("{} goes from {} to {}, which is too far apart to be drawn: leave out the "
                      "largest values",
                      column, min, max)};
}

std::string counted(std::uint64_t number) {
  const std::string digits = std::to_string(number);
  std::string grouped;
  for (std::size_t at = 0; at < digits.size(); ++at) {
    if (at > 0 && (digits.size() - at) % 3 == 0) grouped += ',';
    grouped += digits[at];
  }
  return grouped;
}

}  // namespace cauce::charts::figures
