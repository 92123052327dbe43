#include "charts/drawing/part_colours.h"

#include <algorithm>
#include <numeric>

#include "charts/drawing/dimension.h"
#include "charts/drawing/multiples.h"
#include "charts/drawing/name_order.h"
#include "charts/drawing/number_text.h"

namespace cauce::charts::drawing {

namespace {

std::string name_of_part(const std::string& name, Locale locale) {
  if (!name.empty()) return name;
  return locale == Locale::es ? "sin valor" : "no value";
}

std::vector<std::uint64_t> rows_of_colors(const BarFigures& figures) {
  std::vector<std::uint64_t> rows(figures.colors.size());
  for (const BarGroup& group : figures.groups) {
    for (std::size_t part = 0; part < std::min(rows.size(), group.parts.size()); ++part)
      rows[part] += group.parts[part].rows;
  }
  return rows;
}

}  // namespace

namespace {

// In a panel those of the whole, in its order: the parts that the legend does not name are the
// others, which it names last.
std::vector<PartColour> colours_of_whole(const Sheet& sheet, const BarFigures& figures) {
  const std::vector<LegendEntry>& legend = sheet.multiples()->legend;
  std::vector<PartColour> colours;
  colours.reserve(legend.size());
  for (const LegendEntry& entry : legend)
    colours.push_back({entry.label, entry.colour, {}});
  const bool others = !colours.empty() && colours.back().colour == sheet.look().neutral;
  for (std::size_t part = 0; part < figures.colors.size(); ++part) {
    const std::string name = name_of_part(figures.colors[part], sheet.request().locale);
    const auto found = std::find_if(colours.begin(), colours.end(),
                                    [&](const PartColour& colour) { return colour.name == name; });
    if (found != colours.end()) {
      found->parts.push_back(part);
    } else if (others) {
      colours.back().parts.push_back(part);
    }
  }
  return colours;
}

}  // namespace

std::vector<PartColour> part_colours(Sheet& sheet, const BarFigures& figures) {
  const bool is_panel =
      sheet.multiples() != nullptr && sheet.multiples()->stage != Multiples::Stage::whole;
  if (is_panel) return colours_of_whole(sheet, figures);
  const bool es = sheet.request().locale == Locale::es;
  const std::vector<std::uint64_t> rows = rows_of_colors(figures);
  std::vector<std::size_t> order(figures.colors.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t one, std::size_t other) {
    return rows[one] != rows[other] ? rows[one] > rows[other] : one < other;
  });
  const std::size_t named = order.size() <= series_max ? order.size() : series_max - 1;
  const std::vector<std::size_t> rest(order.begin() + std::ptrdiff_t(named), order.end());
  order.resize(named);
  std::vector<std::string> names;
  std::vector<std::uint64_t> rows_of_names;
  for (const std::size_t part : order) {
    names.push_back(figures.colors[part]);
    rows_of_names.push_back(rows[part]);
  }
  std::vector<PartColour> colours;
  const bool dates = is_time(sheet.figures(), sheet.request().color);
  for (const std::size_t place : order_of_names(names, rows_of_names, dates)) {
    colours.push_back({name_of_part(names[place], sheet.request().locale),
                       sheet.look().series[colours.size()],
                       {order[place]}});
  }
  if (rest.empty()) return colours;
  if (figures.aggregate == Aggregate::median) {
    sheet.remark(es ? counted(rest.size(), "color menor no dibujado",
                              "colores menores no dibujados", sheet.request().locale)
                    : counted(rest.size(), "smaller colour not drawn", "smaller colours not drawn",
                              sheet.request().locale));
    return colours;
  }
  colours.push_back({(es ? "otros " : "other ") + count_text(rest.size(), sheet.request().locale),
                     sheet.look().neutral, rest});
  return colours;
}

}  // namespace cauce::charts::drawing
