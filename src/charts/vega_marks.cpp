#include "charts/vega_spec.h"

#include <algorithm>
#include <cmath>

#include "charts/drawing/clean_text.h"
#include "charts/drawing/wording.h"

namespace cauce::charts {

void VegaSpec::operator()(const ScatterFigures& scatter) {
  if (scatter.points.empty()) {
    add_cells(scatter);
    return;
  }
  const bool tinted = drawing::colours_by_number(whole_, request_);
  for (const Point& point : scatter.points) {
    Json row = row_of({{"x", value(x_, point.x)}, {"y", value(y_, point.y)}});
    if (tinted) row.set("color", point.color);
    if (!tinted && !request_.color.empty())
      row.set("color", shown_name(scatter.categories[point.category]));
    if (!scatter.shapes.empty()) row.set("shape", shown_name(scatter.shapes[point.shape]));
    if (!request_.size.empty()) row.set("size", point.size);
    rows_.push_back(row);
  }
  const Json mark = {{"type", "point"}, {"filled", true}, {"size", 38}, {"opacity", 0.65}};
  Json encoding = {{"x", axis("x", x_, request_.x_unit)}, {"y", axis("y", y_, request_.y_unit)}};
  if (tinted) {
    encoding.set("color", {{"field", "color"},
                           {"type", "quantitative"},
                           {"title", drawing::words_of_column(request_.color, request_)},
                           {"scale", {{"scheme", "viridis"}}}});
  } else if (!request_.color.empty()) {
    encoding.set("color", by_group("color", drawing::words_of_column(request_.color, request_)));
    if (scatter.shapes.empty()) encoding.set("shape", {{"field", "color"}, {"type", "nominal"}});
  } else {
    encoding.set("color", {{"value", to_hex(look_.series[0])}});
  }
  if (!scatter.shapes.empty()) {
    encoding.set("shape", {{"field", "shape"},
                           {"type", "nominal"},
                           {"sort", Json{}},
                           {"title", drawing::words_of_column(request_.shape, request_)}});
  }
  if (!request_.size.empty()) {
    encoding.set("size", {{"field", "size"},
                          {"type", "quantitative"},
                          {"title", drawing::words_of_column(request_.size, request_)},
                          {"scale", {{"zero", true}, {"rangeMax", 600}}}});
  }
  marks_ = {{"mark", mark}, {"encoding", encoding}};
}

void VegaSpec::add_cells(const ScatterFigures& scatter) {
  const std::size_t size = std::size_t{scatter.nx} * scatter.ny;
  const bool tinted = !scatter.cell_color_means.empty();
  const double wide = (scatter.x_high - scatter.x_low) / double(std::max(scatter.nx, 1U));
  const double high = (scatter.y_high - scatter.y_low) / double(std::max(scatter.ny, 1U));
  for (std::size_t index = 0; index < scatter.counts.size(); ++index) {
    if (scatter.counts[index] == 0) continue;
    const std::size_t cell = index % size;
    const std::size_t column = cell / scatter.ny;
    const double left = scatter.x_low + wide * double(column);
    const double low = scatter.y_low + high * double(cell % scatter.ny);
    Json row = row_of({{"x", value(x_, left)},
                       {"x_to", value(x_, left + wide)},
                       {"y", value(y_, low)},
                       {"y_to", value(y_, low + high)},
                       {"count", scatter.counts[index]}});
    if (tinted) row.set("color", scatter.cell_color_means[cell]);
    if (scatter.categories.size() > 1)
      row.set("category", shown_name(scatter.categories[index / size]));
    rows_.push_back(row);
  }
  Json colour = {{"field", tinted ? "color" : "count"}, {"type", "quantitative"}};
  colour.set("title", tinted ? drawing::words_of_column(request_.color, request_)
                             : std::string(es() ? "Filas por celda" : "Rows per cell"));
  colour.set("scale",
             tinted ? Json{{"scheme", "viridis"}} : Json{{"scheme", "viridis"}, {"type", "log"}});
  Json encoding = {{"x", axis("x", x_, request_.x_unit)},
                   {"x2", {{"field", "x_to"}}},
                   {"y", axis("y", y_, request_.y_unit)},
                   {"y2", {{"field", "y_to"}}},
                   {"color", colour}};
  if (scatter.categories.size() > 1)
    encoding.set("detail", {{"field", "category"}, {"type", "nominal"}});
  marks_ = {{"mark", {{"type", "rect"}}}, {"encoding", encoding}};
}

void VegaSpec::operator()(const BarFigures& bars) {
  for (const std::uint32_t index : bars.shown)
    add_bar(bars.groups[index], shown_name(bars.groups[index].group), bars);
  if (bars.others > 0)
    add_bar(bars.other, (es() ? "otros " : "other ") + std::to_string(bars.others), bars);
  const std::string title = request_.y.empty() ? (es() ? "Filas" : "Rows")
                                               : drawing::words_of_column(request_.y, request_);
  Json length = {{"field", "value"}, {"type", "quantitative"}, {"title", title}};
  const bool upright = request_.direction == Direction::upright;
  const char* const across = upright ? "x" : "y";
  const char* const along = upright ? "y" : "x";
  const bool grouped = !bars.colors.empty() && bars.bars == Bars::grouped;
  Json place = {{across,
                 {{"field", "group"},
                  {"type", "nominal"},
                  {"sort", Json{}},
                  {"title", drawing::words_of_column(request_.x, request_)}}}};
  if (grouped) {
    place.set(upright ? "xOffset" : "yOffset",
              {{"field", "color"}, {"type", "nominal"}, {"sort", Json{}}});
  }
  Json bar = place;
  bar.set("tooltip", fields({"group", "value", "n"}));
  if (bars.colors.empty()) {
    bar.set("color", {{"value", to_hex(look_.series[0])}});
  } else {
    bar.set("color", by_group("color", drawing::words_of_column(request_.color, request_)));
    length.set("stack", bars.bars == Bars::shares    ? Json{"normalize"}
                        : bars.bars == Bars::stacked ? Json{"zero"}
                                                     : Json{});
  }
  bar.set(along, length);
  if (bars.aggregate != Aggregate::mean) {
    marks_ = {{"mark", {{"type", "bar"}}}, {"encoding", bar}};
    return;
  }
  Json interval = place;
  interval.set(along, {{"field", "mean_lo"}, {"type", "quantitative"}, {"title", title}});
  interval.set(upright ? "y2" : "x2", {{"field", "mean_hi"}});
  Json layers = Json::array();
  layers.push_back({{"mark", {{"type", "bar"}}}, {"encoding", bar}});
  layers.push_back(
      {{"mark", {{"type", "rule"}, {"color", to_hex(look_.ink)}}}, {"encoding", interval}});
  marks_ = {{"layer", layers}};
}

void VegaSpec::add_bar(const BarGroup& bar, const std::string& name, const BarFigures& bars) {
  if (!bar.degenerate.empty()) return;
  const auto row = [&](const BarGroup& of) {
    Json json = row_of(
        {{"group", name}, {"value", drawing::bar_value(of, bars.aggregate)}, {"n", of.count}});
    if (bars.aggregate != Aggregate::mean) return json;
    json.set("mean_lo", of.interval_low);
    json.set("mean_hi", of.interval_high);
    return json;
  };
  if (bars.colors.empty()) rows_.push_back(row(bar));
  for (const BarGroup& part : bar.parts) {
    if (part.count == 0) continue;
    Json json = row(part);
    json.set("color", shown_name(part.group));
    rows_.push_back(json);
  }
}

}  // namespace cauce::charts
