#include "charts/figures/small_multiples.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "charts/figures/calendar.h"
#include "charts/figures/columns_of.h"
#include "charts/figures/keys.h"

namespace cauce::charts::figures {

namespace {

// Where a value stands among the others of its column; text stands by its rows.
double place_of(const std::string& name, columns::Type type) {
  double number = 0;
  if (type == columns::Type::number) {
    std::from_chars(name.data(), name.data() + name.size(), number);
  } else if (type != columns::Type::boolean) {
    number = parse_moment(name).value_or(0);
  }
  return number;
}

void put_in_order(std::vector<FacetValue>& values, columns::Type type) {
  const bool text = type == columns::Type::text;
  std::sort(values.begin(), values.end(), [&](const FacetValue& one, const FacetValue& other) {
    if (one.name.empty() != other.name.empty()) return other.name.empty();
    if (text && one.rows != other.rows) return one.rows > other.rows;
    const double first = text ? 0 : place_of(one.name, type);
    const double second = text ? 0 : place_of(other.name, type);
    return first != second ? first < second : one.name < other.name;
  });
}

// A strip of more values than can be told apart.
bool counts_values(const BoxFigures& boxes) {
  return !boxes.groups.empty() && !boxes.groups.front().counts.empty();
}

}  // namespace

RowTest Facets::test() const {
  std::vector<std::string> names;
  names.reserve(panels.size());
  for (const FacetValue& panel : panels)
    names.push_back(panel.name);
  return RowTest::named(column, std::move(names));
}

Result<Facets> find_facets(Rows& rows, const Request& request, std::size_t groups_max) {
  const auto column = columns::find_column(rows.schema(), request.facet);
  if (!column) return column.error();
  Keys names{groups_max};
  std::vector<FacetValue> values;
  const Result<void> passed =
      rows.each({{*column, columns::Cell::text}}, [&](const columns::Block& block) -> Result<void> {
        for (const std::string_view name : block.lanes.front().texts) {
          const std::uint32_t number = names.number_of(name);
          if (number == Keys::none) {
            return Error{Outcome::invalid,
                         fmt::format("{} has more than {} different values: choose a column with "
                                     "fewer for --facet",
                                     request.facet, counted(groups_max))};
          }
          if (number == values.size()) values.push_back({std::string(name), 0});
          ++values[number].rows;
        }
        return {};
      });
  if (!passed) return passed.error();
  Facets facets{*column, std::move(values), 0, 0};
  std::vector<FacetValue>& panels = facets.panels;
  if (panels.size() > panels_max) {
    std::sort(panels.begin(), panels.end(), [](const FacetValue& one, const FacetValue& other) {
      return one.rows != other.rows ? one.rows > other.rows : one.name < other.name;
    });
    facets.values_left_out = panels.size() - panels_max;
    for (std::size_t index = panels_max; index < panels.size(); ++index)
      facets.rows_left_out += panels[index].rows;
    panels.resize(panels_max);
  }
  put_in_order(panels, rows.schema()[*column].type);
  return facets;
}

Request sized_for(const Request& request, std::size_t panels) {
  Request sized = request;
  const double side = std::ceil(std::sqrt(double(std::max<std::size_t>(panels, 1))));
  sized.width_px = std::max(2, int(request.width_px / side));
  sized.height_px = std::max(2, int(request.height_px / side));
  return sized;
}

Request request_of_panel(const Request& request, const Figures& whole) {
  Request panel = request;
  if (const auto* histogram = std::get_if<HistogramFigures>(&whole.of)) {
    panel.bins = {Bins::Rule::given,
                  std::uint32_t(std::max<std::size_t>(histogram->counts.size(), 1))};
  }
  const auto* boxes = std::get_if<BoxFigures>(&whole.of);
  if (boxes != nullptr && counts_values(*boxes)) {
    panel.bins = {Bins::Rule::given, std::uint32_t(boxes->groups.front().counts.size())};
  }
  const auto* scatter = std::get_if<ScatterFigures>(&whole.of);
  if (scatter != nullptr && !scatter->counts.empty()) panel.cells = Cells{scatter->nx, scatter->ny};
  if (const auto* pairs = std::get_if<PairsFigures>(&whole.of)) {
    panel.bins = {Bins::Rule::given, pairs->bins};
    if (pairs->cells > 0) panel.cells = Cells{pairs->cells, pairs->cells};
  }
  return panel;
}

Frame frame_of(const Figures& whole) {
  Frame frame;
  if (const auto* histogram = std::get_if<HistogramFigures>(&whole.of)) {
    frame.x = {histogram->low, histogram->high};
  }
  const auto* boxes = std::get_if<BoxFigures>(&whole.of);
  if (boxes != nullptr && counts_values(*boxes)) frame.y = {boxes->bins_low, boxes->bins_high};
  const auto* scatter = std::get_if<ScatterFigures>(&whole.of);
  if (scatter != nullptr && !scatter->counts.empty()) {
    frame.x = {scatter->x_low, scatter->x_high};
    frame.y = {scatter->y_low, scatter->y_high};
  }
  if (const auto* pairs = std::get_if<PairsFigures>(&whole.of)) {
    for (const PairsColumn& column : pairs->columns)
      frame.columns.push_back({column.low, column.high});
  }
  return frame;
}

}  // namespace cauce::charts::figures
