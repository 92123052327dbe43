#include <algorithm>

#include "charts/drawing/clean_text.h"
#include "charts/drawing/group_marks.h"
#include "charts/vega_spec.h"

namespace cauce::charts {

namespace {

constexpr std::size_t outline_points = 128;  // of a violin along each side
constexpr double of_band = 0.9;              // what the thickest outline fills

}  // namespace

void VegaSpec::operator()(const BoxFigures& boxes) {
  if (boxes.marks == Marks::box) {
    add_boxes(boxes);
  } else {
    add_outlines(boxes);
  }
}

void VegaSpec::add_boxes(const BoxFigures& boxes) {
  for (const BoxGroup& box : boxes.groups) {
    if (box.n == 0) continue;
    rows_.push_back(row_of({{"group", shown_name(box.group)},
                            {"n", box.n},
                            {"whisker_lo", real(y_, box.whisker_low)},
                            {"q1", real(y_, box.q1)},
                            {"median", real(y_, box.median)},
                            {"q3", real(y_, box.q3)},
                            {"whisker_hi", real(y_, box.whisker_high)}}));
    // A group of few values shows them instead.
    for (const double value : box.points.empty() ? box.outliers : box.points)
      rows_.push_back(row_of({{"group", shown_name(box.group)}, {"outlier", real(y_, value)}}));
  }
  const Json group = {{"field", "group"},
                      {"type", "nominal"},
                      {"title", drawing::words_of_column(request_.by, request_)},
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
  layers.push_back({{"mark", {{"type", "tick"}, {"thickness", 2.4}, {"color", to_hex(look_.ink)}}},
                    {"encoding", at("median")}});
  layers.push_back({{"mark", {{"type", "point"}, {"color", to_hex(look_.muted)}, {"size", 24}}},
                    {"encoding", at("outlier")}});
  marks_ = {{"layer", layers}};
}

// One side of an outline: how far it is from the middle of its band, in order along the values.
void VegaSpec::add_outline(const std::string& group, const std::vector<OutlinePoint>& upper) {
  std::size_t order = 0;
  const auto add = [&](double at, double offset) {
    rows_.push_back(row_of({{"group", shown_name(group)},
                            {"value", real(y_, at)},
                            {"offset", offset},
                            {"order", order++}}));
  };
  for (const OutlinePoint& point : upper)
    add(point.at, -point.half);
  for (auto point = upper.rbegin(); point != upper.rend(); ++point)
    add(point->at, point->half);
}

void VegaSpec::add_violins(const BoxFigures& boxes) {
  double peak = 0;
  for (const DensityGroup& violin : boxes.violins) {
    for (const double density : violin.y)
      peak = std::max(peak, density);
  }
  for (const DensityGroup& violin : boxes.violins) {
    if (violin.y.empty()) continue;
    const double low = violin.x0 + 3 * violin.bandwidth;
    const double high = violin.x1 - 3 * violin.bandwidth;
    std::vector<OutlinePoint> upper;
    for (std::size_t index = 0; index < outline_points; ++index) {
      const double share = double(index) / double(outline_points - 1);
      upper.push_back({y_.real(low + (high - low) * share),
                       drawing::density_at(violin, share) / peak * of_band});
    }
    add_outline(violin.group, upper);
  }
}

void VegaSpec::add_counts(const BoxFigures& boxes) {
  std::uint64_t most = 1;
  for (const BoxGroup& box : boxes.groups) {
    for (const std::uint64_t count : box.counts)
      most = std::max(most, count);
  }
  for (const BoxGroup& box : boxes.groups) {
    const double width =
        (boxes.bins_high - boxes.bins_low) / double(std::max<std::size_t>(box.counts.size(), 1));
    std::vector<OutlinePoint> upper;
    for (std::size_t bin = 0; bin < box.counts.size(); ++bin) {
      const double half = double(box.counts[bin]) / double(most) * of_band;
      upper.push_back({y_.real(boxes.bins_low + width * double(bin)), half});
      upper.push_back({y_.real(boxes.bins_low + width * double(bin + 1)), half});
    }
    add_outline(box.group, upper);
  }
}

// Violins and counts as closed lines about the middle of each band, values as points.
void VegaSpec::add_outlines(const BoxFigures& boxes) {
  add_violins(boxes);
  add_counts(boxes);
  for (const BoxGroup& box : boxes.groups) {
    if (box.n == 0) continue;
    for (std::size_t index = 0; index < box.points.size(); ++index) {
      rows_.push_back(row_of({{"group", shown_name(box.group)},
                              {"point", real(y_, box.points[index])},
                              {"offset", drawing::spread_out(std::uint32_t(index + 1)) - 0.5}}));
    }
    rows_.push_back(row_of({{"group", shown_name(box.group)},
                            {"n", box.n},
                            {"q1", real(y_, box.q1)},
                            {"median", real(y_, box.median)},
                            {"q3", real(y_, box.q3)}}));
  }
  const Json group = {{"field", "group"},
                      {"type", "nominal"},
                      {"title", drawing::words_of_column(request_.by, request_)},
                      {"sort", {{"field", "median"}, {"op", "max"}, {"order", "descending"}}}};
  const auto at = [&](const char* field) {
    return Json{{"y", group}, {"x", axis(field, y_, request_.y_unit)}};
  };
  const Json offset = {{"field", "offset"},
                       {"type", "quantitative"},
                       {"scale", {{"domain", Json::written("[-1,1]")}}}};
  Json outline = at("value");
  outline.set("yOffset", offset);
  outline.set("color", by_group("group", Json{}));
  outline.set("order", {{"field", "order"}, {"type", "quantitative"}});
  Json point = at("point");
  point.set("yOffset", offset);
  point.set("color", by_group("group", Json{}));
  Json quartiles = at("q1");
  quartiles.set("x2", {{"field", "q3"}});
  Json layers = Json::array();
  layers.push_back({{"mark",
                     {{"type", "line"},
                      {"filled", true},
                      {"fillOpacity", 0.5},
                      {"strokeWidth", 0},
                      {"interpolate", "linear-closed"}}},
                    {"encoding", outline}});
  layers.push_back({{"mark", {{"type", "point"}, {"filled", true}, {"size", 20}, {"opacity", 0.6}}},
                    {"encoding", point}});
  if (boxes.marks == Marks::violin) {
    layers.push_back({{"mark", {{"type", "rule"}, {"size", 5}, {"color", to_hex(look_.muted)}}},
                      {"encoding", quartiles}});
  }
  layers.push_back({{"mark", {{"type", "tick"}, {"thickness", 2.4}, {"color", to_hex(look_.ink)}}},
                    {"encoding", at("median")}});
  marks_ = {{"layer", layers}};
}

}  // namespace cauce::charts
