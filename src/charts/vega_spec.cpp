#include "charts/vega_spec.h"

#include <algorithm>
#include <cmath>

#include "charts/drawing/clean_text.h"
#include "charts/drawing/lines.h"
#include "charts/drawing/wording.h"

namespace cauce::charts {

using drawing::ScaleKind;

Json json_of(const std::vector<std::string>& texts) {
  Json list = Json::array();
  for (const std::string& text : texts)
    list.push_back(text);
  return list;
}

VegaSpec::VegaSpec(const Figures& whole, const Request& request)
    : whole_(whole),
      request_(request),
      look_(drawing::look_of(request.theme, request.palette)),
      x_(drawing::dimension_of(whole, request, request.x, request.x_scale)),
      y_(drawing::dimension_of(whole, request, request.y, request.y_scale)) {}

std::string VegaSpec::shown_name(const std::string& group) const {
  if (!group.empty()) return drawing::clean_text(group);
  return es() ? "sin valor" : "no value";
}

Json VegaSpec::row_of(std::initializer_list<std::pair<std::string_view, Json>> members) const {
  Json row{members};
  if (!panel_.empty()) row.set("panel", panel_);
  return row;
}

double VegaSpec::real(const Dimension& dimension, double value) {
  return dimension.kind == ScaleKind::time ? value / 1000 : value;
}

double VegaSpec::value(const Dimension& dimension, double figure) {
  return real(dimension, dimension.real(figure));
}

Json VegaSpec::fields(const std::vector<const char*>& names) {
  Json list = Json::array();
  for (const char* const name : names)
    list.push_back({{"field", name}, {"type", name[0] == 'g' ? "nominal" : "quantitative"}});
  return list;
}

Json VegaSpec::axis(const char* field, const Dimension& dimension, const std::string& unit) {
  const std::string title = unit.empty() ? dimension.label : dimension.label + " (" + unit + ")";
  const bool time = dimension.kind == ScaleKind::time;
  Json scale = {{"zero", false}};
  if (dimension.kind == ScaleKind::logarithmic) scale = {{"type", "log"}};
  if (dimension.kind == ScaleKind::symmetric) scale = {{"type", "symlog"}};
  if (time) scale = {{"type", "utc"}};
  return {{"field", field},
          {"type", time ? "temporal" : "quantitative"},
          {"title", drawing::clean_text(title)},
          {"scale", scale}};
}

Json VegaSpec::by_group(const char* field, const Json& title) const {
  std::vector<std::string> colours;
  colours.reserve(look_.series.size());
  for (const drawing::Colour& colour : look_.series)
    colours.push_back(to_hex(colour));
  Json encoding = {{"field", field},
                   {"type", "nominal"},
                   {"scale", {{"range", json_of(colours)}}},
                   {"sort", Json{}}};
  if (title.text() == "null") {
    encoding.set("legend", title);
  } else {
    encoding.set("title", title);
  }
  return encoding;
}

void VegaSpec::operator()(const DensityFigures& density) {
  for (const DensityGroup& group : density.groups) {
    for (std::size_t index = 0; index < group.y.size(); ++index) {
      const double share = double(index) / double(group.y.size() - 1);
      rows_.push_back(row_of({{"group", shown_name(group.group)},
                              {"x", value(x_, group.x0 + (group.x1 - group.x0) * share)},
                              {"density", group.y[index]}}));
    }
  }
  Json encoding = {{"x", axis("x", x_, request_.x_unit)},
                   {"y",
                    {{"field", "density"},
                     {"type", "quantitative"},
                     {"stack", Json{}},
                     {"title", es() ? "Densidad" : "Density"}}}};
  encoding.set("color", request_.by.empty()
                            ? Json{{"value", to_hex(look_.series[0])}}
                            : by_group("group", drawing::words_of_column(request_.by, request_)));
  marks_ = {{"mark", {{"type", "area"}, {"fillOpacity", 0.18}, {"line", true}}},
            {"encoding", encoding}};
}

void VegaSpec::operator()(const HistogramFigures& histogram) {
  if (histogram.groups.empty()) add_bins(histogram, histogram.counts, "");
  for (std::size_t group = 0; group < histogram.groups.size(); ++group)
    add_bins(histogram, histogram.group_counts[group], shown_name(histogram.groups[group]));
  Json from = axis("from", x_, request_.x_unit);
  from.set("bin", "binned");
  Json encoding = {{"x", from},
                   {"x2", {{"field", "to"}}},
                   {"y",
                    {{"field", "count"},
                     {"type", "quantitative"},
                     {"stack", Json{}},
                     {"title", es() ? "Filas" : "Rows"}}}};
  const bool grouped = !histogram.groups.empty();
  encoding.set("color", grouped ? by_group("group", drawing::words_of_column(request_.by, request_))
                                : Json{{"value", to_hex(look_.series[0])}});
  marks_ = {{"mark", {{"type", "bar"}, {"opacity", grouped ? 0.5 : 1.0}}}, {"encoding", encoding}};
}

void VegaSpec::add_bins(const HistogramFigures& histogram, const std::vector<std::uint64_t>& counts,
                        const std::string& group) {
  const double width =
      (histogram.high - histogram.low) / double(std::max<std::size_t>(counts.size(), 1));
  for (std::size_t bin = 0; bin < counts.size(); ++bin) {
    Json row = row_of({{"from", value(x_, histogram.low + width * double(bin))},
                       {"to", value(x_, histogram.low + width * double(bin + 1))},
                       {"count", counts[bin]}});
    if (!group.empty()) row.set("group", group);
    rows_.push_back(row);
  }
}

void VegaSpec::operator()(const EcdfFigures& ecdf) {
  for (const EcdfGroup& group : ecdf.groups) {
    for (std::size_t step = 0; step < group.x.size(); ++step) {
      rows_.push_back(row_of({{"group", shown_name(group.group)},
                              {"x", real(x_, group.x[step])},
                              {"share", 100 * group.share[step]}}));
    }
  }
  const std::string title = es() ? "Valores hasta x (%)" : "Values up to x (%)";
  Json encoding = {{"x", axis("x", x_, request_.x_unit)},
                   {"y", {{"field", "share"}, {"type", "quantitative"}, {"title", title}}}};
  encoding.set("color", request_.by.empty()
                            ? Json{{"value", to_hex(look_.series[0])}}
                            : by_group("group", drawing::words_of_column(request_.by, request_)));
  marks_ = {{"mark", {{"type", "line"}, {"interpolate", "step-after"}}}, {"encoding", encoding}};
}

void VegaSpec::operator()(const LineFigures& lines) {
  std::size_t stretch = 0;
  for (const LineSeries& series : lines.series) {
    ++stretch;
    for (std::size_t index = 0; index < series.points.size(); ++index) {
      const LinePoint& point = series.points[index];
      const auto& breaks = series.breaks;
      if (std::find(breaks.begin(), breaks.end(), index) != breaks.end()) ++stretch;
      const double shown = drawing::line_value(point, lines.aggregate);
      if (!std::isfinite(shown)) {
        ++stretch;
        continue;
      }
      rows_.push_back(row_of({{"color", shown_name(series.color)},
                              {"x", real(x_, point.x)},
                              {"y", real(y_, shown)},
                              {"n", point.n},
                              {"stretch", stretch}}));
    }
  }
  Json encoding = {{"x", axis("x", x_, request_.x_unit)},
                   {"y", axis("y", y_, request_.y_unit)},
                   {"detail", {{"field", "stretch"}, {"type", "nominal"}}}};
  encoding.set("color", request_.color.empty() ? Json{{"value", to_hex(look_.series[0])}}
                                               : by_group("color", drawing::words_of_column(
                                                                       request_.color, request_)));
  marks_ = {{"mark", {{"type", "line"}, {"point", lines.series.size() <= 8}}},
            {"encoding", encoding}};
}

void VegaSpec::operator()(const HeatFigures& heat) {
  for (std::size_t cell = 0; cell < heat.counts.size(); ++cell) {
    if (heat.counts[cell] == 0) continue;
    const double shown = heat.values.empty() ? double(heat.counts[cell]) : heat.values[cell];
    rows_.push_back(row_of({{"x", shown_name(heat.x[cell / heat.y.size()])},
                            {"y", shown_name(heat.y[cell % heat.y.size()])},
                            {"value", shown},
                            {"n", heat.counts[cell]}}));
  }
  const auto side = [this](const char* field, const std::string& column) {
    return Json{{"field", field},
                {"type", "nominal"},
                {"title", drawing::words_of_column(column, request_)}};
  };
  marks_ = {{"mark", {{"type", "rect"}}},
            {"encoding",
             {{"x", side("x", request_.x)},
              {"y", side("y", request_.y)},
              {"color",
               {{"field", "value"},
                {"type", "quantitative"},
                {"title", drawing::label_of_heat(heat, request_)},
                {"scale", {{"scheme", "viridis"}}}}}}}};
}

}  // namespace cauce::charts
