// What each point of a scatter chart looks like: its colour by category or by number, its shape by
// category, its area by number; and the keys that say so.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "charts/drawing/cells.h"
#include "charts/drawing/sheet.h"

namespace cauce::charts::drawing {

// The names that have a look of their own, and of each index which of them it is.
struct NamedLooks {
  std::vector<std::string> names;   // with most rows first; at most series_max
  std::vector<std::uint32_t> of;    // for each category; names.size(): one of the others
  std::vector<std::uint64_t> rows;  // for each of names, and last of all others
  std::size_t others = 0;           // categories without a look of their own
};

// In a panel those of the whole, kept in `of_whole`, so that a category looks the same everywhere.
NamedLooks named_looks(const std::vector<std::string>& categories,
                       const std::vector<std::uint64_t>& rows,
                       std::optional<std::vector<std::string>>* of_whole);

class PointLooks {
 public:
  // Puts the keys, which take room of the sheet.
  PointLooks(Sheet& sheet, const ScatterFigures& figures);

  std::uint32_t style_of(const Point& point);

  double radius() const { return radius_; }
  const std::vector<SpotStyle>& styles() const { return styles_; }

 private:
  void put_colours();
  void put_tints();
  void put_shapes();
  void put_sizes();
  std::uint32_t colour_of(const Point& point) const;
  // 0: of one size; 1 to size_steps; more: there is none.
  std::uint32_t step_of(const Point& point) const;
  SpotStyle make_style(std::uint32_t colour, std::uint32_t shape, std::uint32_t step) const;

  Sheet& sheet_;
  const ScatterFigures& figures_;
  const bool tinted_;
  double radius_;
  double alpha_;
  NamedLooks colours_, shapes_;
  ColourScale tints_;
  double size_max_ = 0;    // 0: areas are all the same
  double radius_max_ = 0;  // of the largest size
  std::vector<LegendEntry> legend_;
  std::vector<SpotStyle> styles_;
  std::map<std::uint32_t, std::uint32_t> known_;  // index of a style by what it is made of
};

}  // namespace cauce::charts::drawing
