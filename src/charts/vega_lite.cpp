#include "charts/vega_lite.h"

#include <algorithm>
#include <cmath>

#include "base/json.h"
#include "charts/drawing/clean_text.h"
#include "charts/drawing/footer.h"
#include "charts/drawing/theme.h"
#include "charts/drawing/wording.h"
#include "charts/render.h"
#include "charts/vega_spec.h"

namespace cauce::charts {

namespace {

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

std::size_t drawable_panels(const Figures& figures) {
  return std::size_t(std::count_if(figures.panels.begin(), figures.panels.end(),
                                   [](const Panel& panel) { return panel.degenerate.empty(); }));
}

// What is composed itself cannot be faceted: it stands once for each panel, with its rows.
Json view_of_panel(const std::string& panel, const Json& marks) {
  Json filters = Json::array();
  filters.push_back({{"filter", {{"field", "panel"}, {"equal", panel}}}});
  Json view = {{"title", panel}, {"transform", filters}};
  view.add_members(marks);
  return view;
}

}  // namespace

Bytes to_vega_lite(const Figures& figures, const Request& request) {
  const std::size_t shown = std::max<std::size_t>(drawable_panels(figures), 1);
  const auto across = std::size_t(std::ceil(std::sqrt(double(shown))));
  const std::size_t down = (shown + across - 1) / across;
  Request sized = request;
  sized.width_px = std::max(request.width_px / int(across), 1);
  sized.height_px = std::max(request.height_px / int(down), 1);
  VegaSpec spec{figures, sized};
  std::vector<std::string> panels;
  Json views = Json::array();
  if (figures.panels.empty()) {
    spec.begin_panel("");
    std::visit(spec, figures.of);
  }
  for (const Panel& panel : figures.panels) {
    if (!panel.degenerate.empty()) continue;
    panels.push_back(spec.shown_name(panel.name));
    spec.begin_panel(panels.back());
    std::visit(spec, panel.figures.of);
    if (spec.is_composed()) views.push_back(view_of_panel(panels.back(), spec.marks()));
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
    if (!spec.is_composed()) {
      document.set("width", request.width_px);
      document.set("height", request.height_px);
    }
    document.add_members(spec.marks());
    return Bytes(document.text() + "\n");
  }
  document.set("columns", across);
  if (spec.is_composed()) {
    document.set("concat", views);
    return Bytes(document.text() + "\n");
  }
  Json view = spec.marks();
  view.set("width", sized.width_px);
  view.set("height", sized.height_px);
  document.set("facet", {{"field", "panel"}, {"type", "nominal"}, {"sort", json_of(panels)}});
  document.set("spec", view);
  return Bytes(document.text() + "\n");
}

}  // namespace cauce::charts
