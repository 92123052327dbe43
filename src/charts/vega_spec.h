// A chart as Vega-Lite is told it: rows of numbers and the marks that they become, one kind of
// figures at a time. The document around them is made in vega_lite.cpp.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json.h"
#include "charts/drawing/dimension.h"
#include "charts/drawing/theme.h"
#include "charts/figures.h"
#include "charts/request.h"

namespace cauce::charts {

// Builds the rows and the marks of one kind; the rows of each panel are added in turn.
class VegaSpec {
 public:
  // Both outlive it.
  VegaSpec(const Figures& whole, const Request& request);

  // Rows from here on are of this panel; "": of no panel.
  void begin_panel(const std::string& name) {
    panel_ = name;
    ++panels_begun_;
  }

  void operator()(const ScatterFigures& figures);
  void operator()(const BarFigures& figures);
  void operator()(const BoxFigures& figures);
  void operator()(const DensityFigures& figures);
  void operator()(const HistogramFigures& figures);
  void operator()(const EcdfFigures& figures);
  // A line does not go on where a value is missing, nor over a gap: each stretch is a line.
  void operator()(const LineFigures& figures);
  void operator()(const HeatFigures& figures);
  // Contours as closed lines.
  void operator()(const SurfaceFigures& figures);
  // The scatter charts of all pairs, as one repeated chart.
  void operator()(const PairsFigures& figures);

  const Json& rows() const { return rows_; }
  const Json& marks() const { return marks_; }
  const drawing::Look& look() const { return look_; }
  // The marks are of several charts, which have their sizes themselves.
  bool is_composed() const { return is_composed_; }
  bool es() const { return request_.locale == Locale::es; }
  std::string shown_name(const std::string& group) const;

 private:
  using Dimension = drawing::Dimension;

  // A point of an outline: how far from the middle of its band, whose half is 1.
  struct OutlinePoint {
    double at, half;
  };

  void put_cells_of_pairs(const PairsFigures& pairs, std::size_t width, std::size_t height);
  void add_boxes(const BoxFigures& boxes);
  void add_outlines(const BoxFigures& boxes);
  void add_violins(const BoxFigures& boxes);
  void add_counts(const BoxFigures& boxes);
  void add_outline(const std::string& group, const std::vector<OutlinePoint>& upper);
  void add_bar(const BarGroup& bar, const std::string& name, const BarFigures& bars);
  void add_bins(const HistogramFigures& histogram, const std::vector<std::uint64_t>& counts,
                const std::string& group);
  // Cells that hold a row, of all categories together or one beside the other.
  void add_cells(const ScatterFigures& scatter);
  Json row_of(std::initializer_list<std::pair<std::string_view, Json>> members) const;
  // Quartiles are values themselves; of moments Vega-Lite counts milliseconds.
  static double real(const Dimension& dimension, double value);
  static double value(const Dimension& dimension, double figure);
  static Json fields(const std::vector<const char*>& names);
  static Json axis(const char* field, const Dimension& dimension, const std::string& unit);
  // Our colours, in the order in which groups appear.
  Json by_group(const char* field, const Json& title) const;

  const Figures& whole_;
  const Request& request_;
  const drawing::Look look_;
  const Dimension x_, y_;
  std::string panel_;
  std::size_t panels_begun_ = 0;
  bool is_composed_ = false;
  Json rows_ = Json::array();
  Json marks_ = Json::object();
};

// A list of texts.
Json json_of(const std::vector<std::string>& texts);

}  // namespace cauce::charts
