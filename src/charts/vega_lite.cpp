#include "charts/vega_lite.h"

#include <algorithm>
#include <cmath>

#include "base/json.h"
#include "charts/drawing/clean_text.h"
#include "charts/drawing/dimension.h"
#include "charts/drawing/lines.h"
#include "charts/drawing/theme.h"
#include "charts/drawing/wording.h"
#include "charts/options.h"
#include "charts/render.h"

namespace cauce::charts {

namespace {

using drawing::Dimension;
using drawing::ScaleKind;

Json json_of(const std::vector<std::string>& texts) {
  Json list = Json::array();
  for (const std::string& text : texts)
    list.push_back(text);
  return list;
}

// Builds the rows and the marks of one kind; the rows of each panel are added in turn.
class Spec {
 public:
  Spec(const Figures& whole, const Request& request)
      : whole_(whole),
        request_(request),
        look_(drawing::look_of(request.theme, request.palette)),
        x_(drawing::dimension_of(whole, request.x, request.x_scale)),
        y_(drawing::dimension_of(whole, request.y, request.y_scale)) {}

  // Rows from here on are of this panel; "": of no panel.
  void begin_panel(const std::string& name) { panel_ = name; }

  void operator()(const ScatterFigures& scatter) {
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
      rows_.push_back(row);
    }
    const Json mark = {{"type", "point"}, {"filled", true}, {"size", 38}, {"opacity", 0.65}};
    Json encoding = {{"x", axis("x", x_, request_.x_unit)}, {"y", axis("y", y_, request_.y_unit)}};
    if (tinted) {
      encoding.set("color", {{"field", "color"},
                             {"type", "quantitative"},
                             {"title", drawing::words_of_column(request_.color)},
                             {"scale", {{"scheme", "viridis"}}}});
    } else if (!request_.color.empty()) {
      encoding.set("color", by_group("color", drawing::words_of_column(request_.color)));
      encoding.set("shape", {{"field", "color"}, {"type", "nominal"}});
    } else {
      encoding.set("color", {{"value", to_hex(look_.series[0])}});
    }
    marks_ = {{"mark", mark}, {"encoding", encoding}};
  }

  void operator()(const BarFigures& bars) {
    for (const std::uint32_t index : bars.shown)
      add_bar(bars.groups[index], shown_name(bars.groups[index].group), bars);
    if (bars.others > 0)
      add_bar(bars.other, (es() ? "otros " : "other ") + std::to_string(bars.others), bars);
    const std::string title =
        request_.y.empty() ? (es() ? "Filas" : "Rows") : drawing::words_of_column(request_.y);
    Json length = {{"field", "value"}, {"type", "quantitative"}, {"title", title}};
    Json encoding = {{"y",
                      {{"field", "group"},
                       {"type", "nominal"},
                       {"sort", Json{}},
                       {"title", drawing::words_of_column(request_.x)}}},
                     {"tooltip", fields({"group", "value", "n"})}};
    if (bars.colors.empty()) {
      encoding.set("color", {{"value", to_hex(look_.series[0])}});
    } else {
      encoding.set("color", by_group("color", drawing::words_of_column(request_.color)));
      if (bars.bars == Bars::grouped)
        encoding.set("yOffset", {{"field", "color"}, {"type", "nominal"}, {"sort", Json{}}});
      length.set("stack", bars.bars == Bars::shares    ? Json{"normalize"}
                          : bars.bars == Bars::stacked ? Json{"zero"}
                                                       : Json{});
    }
    encoding.set("x", length);
    marks_ = {{"mark", {{"type", "bar"}}}, {"encoding", encoding}};
  }

  void operator()(const BoxFigures& boxes) {
    for (const BoxGroup& box : boxes.groups) {
      if (box.n == 0) continue;
      rows_.push_back(row_of({{"group", shown_name(box.group)},
                              {"n", box.n},
                              {"whisker_lo", real(y_, box.whisker_low)},
                              {"q1", real(y_, box.q1)},
                              {"median", real(y_, box.median)},
                              {"q3", real(y_, box.q3)},
                              {"whisker_hi", real(y_, box.whisker_high)}}));
      for (const double outlier : box.outliers)
        rows_.push_back(row_of({{"group", shown_name(box.group)}, {"outlier", real(y_, outlier)}}));
    }
    const Json group = {{"field", "group"},
                        {"type", "nominal"},
                        {"title", drawing::words_of_column(request_.by)},
                        {"sort", {{"field", "median"}, {"op", "max"}, {"order", "descending"}}}};
    const auto between = [&](const char* from, const char* to) {
      Json place = axis(from, y_, request_.y_unit);
      return Json{{"y", group}, {"x", place}, {"x2", {{"field", to}}}};
    };
    const auto at = [&](const char* field) {
      return Json{{"y", group}, {"x", axis(field, y_, request_.y_unit)}};
    };
    Json box = between("q1", "q3");
    box.set("color", by_group("group", Json{}));
    Json layers = Json::array();
    layers.push_back({{"mark", {{"type", "rule"}, {"color", to_hex(look_.muted)}}},
                      {"encoding", between("whisker_lo", "whisker_hi")}});
    layers.push_back({{"mark", {{"type", "bar"}, {"opacity", 0.5}}}, {"encoding", box}});
    layers.push_back(
        {{"mark", {{"type", "tick"}, {"thickness", 2.4}, {"color", to_hex(look_.ink)}}},
         {"encoding", at("median")}});
    layers.push_back({{"mark", {{"type", "point"}, {"color", to_hex(look_.muted)}, {"size", 24}}},
                      {"encoding", at("outlier")}});
    marks_ = {{"layer", layers}};
  }

  void operator()(const DensityFigures& density) {
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
                              : by_group("group", drawing::words_of_column(request_.by)));
    marks_ = {{"mark", {{"type", "area"}, {"fillOpacity", 0.18}, {"line", true}}},
              {"encoding", encoding}};
  }

  void operator()(const HistogramFigures& histogram) {
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
    encoding.set("color", grouped ? by_group("group", drawing::words_of_column(request_.by))
                                  : Json{{"value", to_hex(look_.series[0])}});
    marks_ = {{"mark", {{"type", "bar"}, {"opacity", grouped ? 0.5 : 1.0}}},
              {"encoding", encoding}};
  }

  void operator()(const EcdfFigures& ecdf) {
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
                              : by_group("group", drawing::words_of_column(request_.by)));
    marks_ = {{"mark", {{"type", "line"}, {"interpolate", "step-after"}}}, {"encoding", encoding}};
  }

  // A line does not go on where a value is missing, nor over a gap: each stretch is a line.
  void operator()(const LineFigures& lines) {
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
    encoding.set("color", request_.color.empty()
                              ? Json{{"value", to_hex(look_.series[0])}}
                              : by_group("color", drawing::words_of_column(request_.color)));
    marks_ = {{"mark", {{"type", "line"}, {"point", lines.series.size() <= 8}}},
              {"encoding", encoding}};
  }

  void operator()(const HeatFigures& heat) {
    for (std::size_t cell = 0; cell < heat.counts.size(); ++cell) {
      if (heat.counts[cell] == 0) continue;
      const double shown = heat.values.empty() ? double(heat.counts[cell]) : heat.values[cell];
      rows_.push_back(row_of({{"x", shown_name(heat.x[cell / heat.y.size()])},
                              {"y", shown_name(heat.y[cell % heat.y.size()])},
                              {"value", shown},
                              {"n", heat.counts[cell]}}));
    }
    const auto side = [](const char* field, const std::string& column) {
      return Json{
          {"field", field}, {"type", "nominal"}, {"title", drawing::words_of_column(column)}};
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

  Json rows() const { return rows_; }
  Json marks() const { return marks_; }
  const drawing::Look& look() const { return look_; }
  bool es() const { return request_.locale == Locale::es; }
  std::string shown_name(const std::string& group) const {
    if (!group.empty()) return drawing::clean_text(group);
    return es() ? "sin valor" : "no value";
  }

 private:
  void add_bar(const BarGroup& bar, const std::string& name, const BarFigures& bars) {
    if (!bar.degenerate.empty()) return;
    if (bars.colors.empty()) {
      rows_.push_back(row_of(
          {{"group", name}, {"value", drawing::bar_value(bar, bars.aggregate)}, {"n", bar.count}}));
    }
    for (const BarGroup& part : bar.parts) {
      if (part.count == 0) continue;
      rows_.push_back(row_of({{"group", name},
                              {"color", shown_name(part.group)},
                              {"value", drawing::bar_value(part, bars.aggregate)},
                              {"n", part.count}}));
    }
  }

  void add_bins(const HistogramFigures& histogram, const std::vector<std::uint64_t>& counts,
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

  // Cells that hold a row, of all categories together or one beside the other.
  void add_cells(const ScatterFigures& scatter) {
    const std::size_t size = std::size_t{scatter.nx} * scatter.ny;
    const bool tinted = !scatter.cell_color_means.empty();
    const double wide = (scatter.x_high - scatter.x_low) / double(std::max(scatter.nx, 1U));
    const double high = (scatter.y_high - scatter.y_low) / double(std::max(scatter.ny, 1U));
    for (std::size_t index = 0; index < scatter.counts.size(); ++index) {
      if (scatter.counts[index] == 0) continue;
      const std::size_t cell = index % size;
      const double left = scatter.x_low + wide * double(cell / scatter.ny);
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
    colour.set("title", tinted ? drawing::words_of_column(request_.color)
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

  Json row_of(std::initializer_list<std::pair<std::string_view, Json>> members) const {
    Json row{members};
    if (!panel_.empty()) row.set("panel", panel_);
    return row;
  }

  // Quartiles are values themselves; of moments Vega-Lite counts milliseconds.
  static double real(const Dimension& dimension, double value) {
    return dimension.kind == ScaleKind::time ? value / 1000 : value;
  }
  static double value(const Dimension& dimension, double figure) {
    return real(dimension, dimension.real(figure));
  }

  static Json fields(const std::vector<const char*>& names) {
    Json list = Json::array();
    for (const char* const name : names)
      list.push_back({{"field", name}, {"type", name[0] == 'g' ? "nominal" : "quantitative"}});
    return list;
  }

  static Json axis(const char* field, const Dimension& dimension, const std::string& unit) {
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

  // Our colours, in the order in which groups appear.
  Json by_group(const char* field, const Json& title) const {
    std::vector<std::string> colours;
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

  const Figures& whole_;
  const Request& request_;
  const drawing::Look look_;
  const Dimension x_, y_;
  std::string panel_;
  Json rows_ = Json::array();
  Json marks_ = Json::object();
};

// What our charts look like, as far as Vega-Lite can be told.
Json config_of(const drawing::Look& look) {
  const Json axis = {{"domain", false},
                     {"ticks", false},
                     {"gridColor", to_hex(look.grid)},
                     {"gridWidth", 0.7},
                     {"labelColor", to_hex(look.muted)},
                     {"titleColor", to_hex(look.muted)},
                     {"labelFontSize", 11.5},
                     {"titleFontSize", 11.5},
                     {"titleFontWeight", "normal"}};
  const Json title = {{"anchor", "start"},
                      {"color", to_hex(look.ink)},
                      {"fontSize", 17},
                      {"subtitleColor", to_hex(look.muted)},
                      {"subtitleFontSize", 12.5}};
  const Json names = {{"grid", false}, {"labelColor", to_hex(look.ink)}, {"labelFontSize", 12.5}};
  return {{"font", "Inter, Noto Sans, DejaVu Sans, sans-serif"},
          {"view", {{"stroke", Json{}}}},
          {"axis", axis},
          {"axisBand", names},
          {"title", title},
          {"header",
           {{"labelColor", to_hex(look.ink)}, {"labelFontWeight", "bold"}, {"title", Json{}}}},
          {"legend", {{"labelColor", to_hex(look.ink)}, {"titleColor", to_hex(look.muted)}}}};
}

}  // namespace

Bytes to_vega_lite(const Figures& figures, const Request& request) {
  Spec spec{figures, request};
  std::vector<std::string> panels;
  if (figures.panels.empty()) {
    spec.begin_panel("");
    std::visit(spec, figures.of);
  }
  for (const Panel& panel : figures.panels) {
    if (!panel.degenerate.empty()) continue;
    panels.push_back(spec.shown_name(panel.name));
    spec.begin_panel(panels.back());
    std::visit(spec, panel.figures.of);
  }
  std::vector<std::string> lines{drawing::clean_text(drawing::subtitle_of(figures, request)),
                                 drawing::clean_text(drawing::footer_of(figures, request, {}, 0))};
  Json document = {{"$schema", "https://vega.github.io/schema/vega-lite/v5.json"},
                   {"description", alternative_text(figures, request)},
                   {"title",
                    {{"text", drawing::clean_text(drawing::title_of(figures, request))},
                     {"subtitle", json_of(lines)}}},
                   {"background", to_hex(spec.look().ground)},
                   {"config", config_of(spec.look())},
                   {"data", {{"values", spec.rows()}}}};
  if (panels.empty()) {
    document.set("width", request.width_px);
    document.set("height", request.height_px);
    document.add_members(spec.marks());
    return Bytes(document.text() + "\n");
  }
  const auto across = std::size_t(std::ceil(std::sqrt(double(panels.size()))));
  const std::size_t down = (panels.size() + across - 1) / across;
  Json view = spec.marks();
  view.set("width", std::max(request.width_px / int(across), 1));
  view.set("height", std::max(request.height_px / int(down), 1));
  document.set("facet", {{"field", "panel"}, {"type", "nominal"}, {"sort", json_of(panels)}});
  document.set("columns", across);
  document.set("spec", view);
  return Bytes(document.text() + "\n");
}

}  // namespace cauce::charts
