#include <algorithm>
#include <nlohmann/json.hpp>

#include "charts/figures.h"

namespace cauce::charts {

namespace {

using Json = nlohmann::ordered_json;

// A number that is not one becomes null (nlohmann/json does that itself).
void add_degenerate(Json& json, const Degenerate& reason) {
  if (!reason.empty()) json["degenerate"] = reason;
}

Json json_of(const BoxGroup& box) {
  Json json{{"group", box.group},
            {"rows", box.rows},
            {"n", box.n},
            {"missing", box.missing},
            {"min", box.min},
            {"q1", box.q1},
            {"median", box.median},
            {"q3", box.q3},
            {"max", box.max},
            {"iqr", box.iqr},
            {"whisker_lo", box.whisker_low},
            {"whisker_hi", box.whisker_high},
            {"mean", box.mean},
            {"std", box.deviation},
            {"n_outliers", box.outlier_count},
            {"outliers", box.outliers}};
  if (!box.points.empty()) json["points"] = box.points;
  if (!box.counts.empty()) json["counts"] = box.counts;
  add_degenerate(json, box.degenerate);
  return json;
}

Json json_of(const DensityGroup& density) {
  Json json{{"group", density.group}, {"rows", density.rows}, {"n", density.n}};
  if (density.degenerate.empty()) {
    json.update(
        {{"bw", density.bandwidth}, {"x0", density.x0}, {"x1", density.x1}, {"y", density.y}});
  }
  add_degenerate(json, density.degenerate);
  return json;
}

Json json_of(const BarGroup& bar) {
  Json json{{"group", bar.group},
            {"rows", bar.rows},
            {"count", bar.count},
            {"sum", bar.sum},
            {"mean", bar.mean},
            {"median", bar.median},
            {"min", bar.min},
            {"max", bar.max},
            {"std", bar.deviation},
            {"mean_lo", bar.interval_low},
            {"mean_hi", bar.interval_high}};
  for (const BarGroup& part : bar.parts) {
    Json json_of_part = json_of(part);
    json_of_part["color"] = part.group;
    json_of_part.erase("group");
    json["parts"].push_back(std::move(json_of_part));
  }
  add_degenerate(json, bar.degenerate);
  return json;
}

Json json_of(const EcdfGroup& ecdf) {
  Json json{{"group", ecdf.group},
            {"rows", ecdf.rows},
            {"n", ecdf.n},
            {"x", ecdf.x},
            {"share", ecdf.share}};
  add_degenerate(json, ecdf.degenerate);
  return json;
}

Json json_of(const LineSeries& series) {
  Json points = Json::array();
  for (const LinePoint& point : series.points) {
    points.push_back({{"x", point.x},
                      {"n", point.n},
                      {"sum", point.sum},
                      {"mean", point.mean},
                      {"min", point.min},
                      {"max", point.max},
                      {"std", point.deviation}});
  }
  return {{"color", series.color},
          {"spacing", series.spacing},
          {"breaks", series.breaks},
          {"points", points}};
}

template <class Groups>
Json groups_of(const Groups& groups) {
  Json json = Json::array();
  for (const auto& group : groups)
    json.push_back(json_of(group));
  return json;
}

void add(Json& json, const BoxFigures& figures) {
  json["groups"] = groups_of(figures.groups);
  if (!figures.violins.empty()) json["violins"] = groups_of(figures.violins);
  if (figures.bins_low < figures.bins_high)
    json["counts_range"] = {figures.bins_low, figures.bins_high};
}

void add(Json& json, const DensityFigures& figures) {
  json["groups"] = groups_of(figures.groups);
}

void add(Json& json, const BarFigures& figures) {
  json["missing_key"] = figures.missing_key;
  json["groups"] = groups_of(figures.groups);
  if (figures.others > 0) {
    json["other_groups"] = figures.others;
    json["other"] = json_of(figures.other);
  }
}

void add(Json& json, const HistogramFigures& figures) {
  json["n"] = figures.n;
  json["bins"] = figures.counts.size();
  json["lo"] = figures.low;
  json["hi"] = figures.high;
  json["counts"] = figures.counts;
  for (std::size_t group = 0; group < figures.groups.size(); ++group) {
    json["groups"].push_back(
        {{"group", figures.groups[group]}, {"counts", figures.group_counts[group]}});
  }
  if (figures.bins_asked > 0) json["bins_asked"] = figures.bins_asked;
  add_degenerate(json, figures.degenerate);
}

// The cells of [first, first + nx * ny), one list for each step along x.
template <class Value>
Json by_x(const std::vector<Value>& cells, std::size_t first, std::uint32_t nx, std::uint32_t ny) {
  Json columns = Json::array();
  for (std::uint32_t x = 0; x < nx; ++x) {
    const auto begin = cells.begin() + std::ptrdiff_t(first + std::size_t{x} * ny);
    columns.push_back(std::vector<Value>(begin, begin + ny));
  }
  return columns;
}

Json points_of(const ScatterFigures& figures) {
  Json points = Json::array();
  for (const Point& point : figures.points)
    points.push_back({point.x, point.y});
  return points;
}

// Sizes and shapes, in the order of the points.
void add_looks(Json& json, const ScatterFigures& figures) {
  const bool sized = std::any_of(figures.points.begin(), figures.points.end(),
                                 [](const Point& point) { return point.size != 0; });
  for (const Point& point : figures.points) {
    if (sized) json["sizes"].push_back(point.size);
    if (!figures.shapes.empty()) json["point_shapes"].push_back(point.shape);
  }
  for (std::size_t shape = 0; shape < figures.shapes.size(); ++shape)
    json["shapes"].push_back(
        {{"shape", figures.shapes[shape]}, {"rows", figures.shape_rows[shape]}});
}

Json categories_of(const ScatterFigures& figures) {
  Json categories = Json::array();
  const std::size_t cells = std::size_t{figures.nx} * figures.ny;
  for (std::size_t category = 0; category < figures.categories.size(); ++category) {
    Json json{{"category", figures.categories[category]},
              {"rows", figures.category_rows[category]}};
    if (cells > 0) {
      json["counts_x_major"] = by_x(figures.counts, category * cells, figures.nx, figures.ny);
    }
    categories.push_back(std::move(json));
  }
  return categories;
}

// Over all categories.
std::vector<std::uint64_t> all_counts(const ScatterFigures& figures) {
  const std::size_t cells = std::size_t{figures.nx} * figures.ny;
  std::vector<std::uint64_t> counts(cells);
  for (std::size_t index = 0; index < figures.counts.size(); ++index) {
    counts[index % cells] += figures.counts[index];
  }
  return counts;
}

void add(Json& json, const ScatterFigures& figures) {
  json["n"] = figures.n;
  json["nx"] = figures.nx;
  json["ny"] = figures.ny;
  json["x_range"] = {figures.x_low, figures.x_high};
  json["y_range"] = {figures.y_low, figures.y_high};
  json["counts_x_major"] = by_x(all_counts(figures), 0, figures.nx, figures.ny);
  json["pearson"] = figures.pearson;
  json["slope"] = figures.slope;
  json["intercept"] = figures.intercept;
  add_degenerate(json, figures.degenerate);
  for (const BandPoint& at : figures.band)
    json["band"].push_back({at.x, at.low, at.high});
  const bool colored = figures.categories.size() > 1 || !figures.categories.front().empty();
  if (colored) json["categories"] = categories_of(figures);
  if (!figures.cell_color_means.empty()) {
    json["color_means_x_major"] = by_x(figures.cell_color_means, 0, figures.nx, figures.ny);
  }
  if (!figures.points.empty()) json["points"] = points_of(figures);
  add_looks(json, figures);
}

void add(Json& json, const EcdfFigures& figures) {
  json["groups"] = groups_of(figures.groups);
}

void add(Json& json, const LineFigures& figures) {
  json["interval"] = figures.interval;
  json["series"] = groups_of(figures.series);
}

void add(Json& json, const SurfaceFigures& figures) {
  json["n"] = figures.n;
  json["nx"] = figures.nx;
  json["ny"] = figures.ny;
  json["x_range"] = {figures.x_low, figures.x_high};
  json["y_range"] = {figures.y_low, figures.y_high};
  json["bw"] = {figures.bandwidth_x, figures.bandwidth_y};
  json["density_x_major"] = by_x(figures.density, 0, figures.nx, figures.ny);
}

void add(Json& json, const PairsFigures& figures) {
  json["n"] = figures.n;
  for (std::size_t category = 0; category < figures.categories.size(); ++category) {
    json["categories"].push_back(
        {{"category", figures.categories[category]}, {"rows", figures.category_rows[category]}});
  }
  const auto categories = std::uint32_t(figures.categories.size());
  for (const PairsColumn& column : figures.columns) {
    json["columns"].push_back({{"column", column.name},
                               {"lo", column.low},
                               {"hi", column.high},
                               {"counts", by_x(column.counts, 0, categories, figures.bins)}});
  }
  std::size_t pair = 0;
  for (std::size_t x = 0; x < figures.columns.size(); ++x) {
    for (std::size_t y = x + 1; y < figures.columns.size(); ++y, ++pair) {
      Json of_pair{{"x", figures.columns[x].name},
                   {"y", figures.columns[y].name},
                   {"pearson", figures.pearson[pair]}};
      if (!figures.counts.empty())
        of_pair["counts_x_major"] = by_x(figures.counts[pair], 0, figures.cells, figures.cells);
      json["pairs"].push_back(std::move(of_pair));
    }
  }
}

void add(Json& json, const HeatFigures& figures) {
  const auto nx = std::uint32_t(figures.x.size());
  const auto ny = std::uint32_t(figures.y.size());
  json["x"] = figures.x;
  json["y"] = figures.y;
  json["counts_x_major"] = by_x(figures.counts, 0, nx, ny);
  if (!figures.values.empty()) json["values_x_major"] = by_x(figures.values, 0, nx, ny);
}

}  // namespace

namespace {

Json json_of(const Figures& figures) {
  Json json{{"rows", figures.rows},
            {"drawn", figures.drawn},
            {"missing_rows", figures.missing},
            {"excluded_rows", figures.excluded},
            {"filtered_rows", figures.filtered},
            {"not_positive_rows", figures.not_positive}};
  if (figures.outside > 0) json["outside_rows"] = figures.outside;
  std::visit([&](const auto& kind) { add(json, kind); }, figures.of);
  if (!figures.panels.empty()) {
    json["rows_without_panel"] = figures.without_panel;
    json["values_without_panel"] = figures.values_without_panel;
  }
  for (const Panel& panel : figures.panels) {
    Json of_panel{{"panel", panel.name}};
    of_panel.update(panel.degenerate.empty()
                        ? json_of(panel.figures)
                        : Json{{"rows", panel.figures.rows}, {"degenerate", panel.degenerate}});
    json["panels"].push_back(std::move(of_panel));
  }
  return json;
}

}  // namespace

std::string to_json(const Figures& figures) {
  return json_of(figures).dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
}

}  // namespace cauce::charts
