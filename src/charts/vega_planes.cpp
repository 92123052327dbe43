// What lies in a plane: contours of a density, and the charts of pairs of columns.
#include <algorithm>
#include <cmath>

#include "charts/drawing/clean_text.h"
#include "charts/drawing/contours.h"
#include "charts/drawing/surfaces.h"
#include "charts/vega_spec.h"

namespace cauce::charts {

// Regions of larger shares first, so that those of smaller ones lie upon them; a hole has the level
// of what lies around.
void VegaSpec::operator()(const SurfaceFigures& surface) {
  const std::vector<double> levels = drawing::contour_levels(surface);
  const double step_x = (surface.x_high - surface.x_low) / double(surface.nx - 1);
  const double step_y = (surface.y_high - surface.y_low) / double(surface.ny - 1);
  std::size_t number = 0;
  for (std::size_t level = 0; level < levels.size(); ++level) {
    for (const drawing::Ring& ring :
         drawing::rings_of(surface.density, surface.nx, surface.ny, levels[level])) {
      if (ring.is_hole && level == 0) continue;
      const double share = drawing::contour_shares[ring.is_hole ? level - 1 : level];
      std::size_t order = 0;
      ++number;
      for (const drawing::Vertex& vertex : ring.vertices) {
        rows_.push_back(row_of({{"ring", number},
                                {"order", order++},
                                {"share", std::lround(100 * share)},
                                {"x", value(x_, surface.x_low + step_x * vertex.x)},
                                {"y", value(y_, surface.y_low + step_y * vertex.y)}}));
      }
    }
  }
  const Json encoding = {{"x", axis("x", x_, request_.x_unit)},
                         {"y", axis("y", y_, request_.y_unit)},
                         {"detail", {{"field", "ring"}, {"type", "ordinal"}}},
                         {"order", {{"field", "order"}, {"type", "quantitative"}}},
                         {"color",
                          {{"field", "share"},
                           {"type", "ordinal"},
                           {"sort", "descending"},
                           {"title", es() ? "Parte (%)" : "Share (%)"},
                           {"scale", {{"scheme", "viridis"}}}}}};
  marks_ = {{"mark",
             {{"type", "line"},
              {"filled", true},
              {"fillOpacity", 1},
              {"strokeWidth", 0},
              {"interpolate", "linear-closed"}}},
            {"encoding", encoding}};
}

void VegaSpec::operator()(const PairsFigures& pairs) {
  is_composed_ = true;
  const auto side = std::max<std::size_t>(pairs.columns.size(), 1);
  const std::size_t width = std::size_t(request_.width_px) / side;
  const std::size_t height = std::size_t(request_.height_px) / side;
  if (pairs.values.empty()) {
    put_cells_of_pairs(pairs, width, height);
    return;
  }
  std::vector<std::string> names;
  names.reserve(pairs.columns.size());
  for (std::size_t column = 0; column < pairs.columns.size(); ++column)
    names.push_back("c" + std::to_string(column));
  for (std::size_t row = 0; row < pairs.category_of.size(); ++row) {
    Json json = row_of({{"color", shown_name(pairs.categories[pairs.category_of[row]])}});
    for (std::size_t column = 0; column < names.size(); ++column)
      json.set(names[column], pairs.values[row * names.size() + column]);
    rows_.push_back(json);
  }
  const auto repeated = [&](const char* which) {
    return Json{{"field", {{"repeat", which}}},
                {"type", "quantitative"},
                {"title", Json{}},
                {"scale", {{"zero", false}}}};
  };
  Json encoding = {{"x", repeated("column")}, {"y", repeated("row")}};
  encoding.set("color", request_.color.empty() ? Json{{"value", to_hex(look_.series[0])}}
                                               : by_group("color", drawing::words_of_column(
                                                                       request_.color, request_)));
  // Without a name of its own what is repeated may stand in a document only once.
  marks_ = {{"repeat", {{"row", json_of(names)}, {"column", json_of(names)}}},
            {"spec",
             {{"name", "panel" + std::to_string(panels_begun_)},
              {"width", width},
              {"height", height},
              {"mark", {{"type", "point"}, {"filled", true}, {"size", 12}, {"opacity", 0.6}}},
              {"encoding", encoding}}}};
}

void VegaSpec::put_cells_of_pairs(const PairsFigures& pairs, std::size_t width,
                                  std::size_t height) {
  std::size_t pair = 0;
  for (std::size_t x = 0; x < pairs.columns.size(); ++x) {
    for (std::size_t y = x + 1; y < pairs.columns.size(); ++y, ++pair) {
      const PairsColumn& across = pairs.columns[x];
      const PairsColumn& up = pairs.columns[y];
      const std::string name = shown_name(drawing::called(across.name, request_)) + " × " +
                               shown_name(drawing::called(up.name, request_));
      const double wide = (across.high - across.low) / double(pairs.cells);
      const double high = (up.high - up.low) / double(pairs.cells);
      for (std::size_t cell = 0; cell < pairs.counts[pair].size(); ++cell) {
        if (pairs.counts[pair][cell] == 0) continue;
        const std::size_t column = cell / pairs.cells;
        const std::size_t row = cell % pairs.cells;
        const double left = across.low + wide * double(column);
        const double low = up.low + high * double(row);
        rows_.push_back(row_of({{"pair", name},
                                {"x", left},
                                {"x_to", left + wide},
                                {"y", low},
                                {"y_to", low + high},
                                {"count", pairs.counts[pair][cell]}}));
      }
    }
  }
  const auto side = [](const char* field) {
    return Json{{"field", field},
                {"type", "quantitative"},
                {"title", Json{}},
                {"scale", {{"zero", false}}}};
  };
  const Json encoding = {{"x", side("x")},
                         {"x2", {{"field", "x_to"}}},
                         {"y", side("y")},
                         {"y2", {{"field", "y_to"}}},
                         {"color",
                          {{"field", "count"},
                           {"type", "quantitative"},
                           {"title", es() ? "Filas por celda" : "Rows per cell"},
                           {"scale", {{"scheme", "viridis"}, {"type", "log"}}}}}};
  marks_ = {{"facet", {{"field", "pair"}, {"type", "nominal"}, {"sort", Json{}}}},
            {"columns", pairs.columns.size()},
            {"resolve", {{"scale", {{"x", "independent"}, {"y", "independent"}}}}},
            {"spec",
             {{"width", width},
              {"height", height},
              {"mark", {{"type", "rect"}}},
              {"encoding", encoding}}}};
}

}  // namespace cauce::charts
