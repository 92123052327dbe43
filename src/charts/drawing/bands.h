// Rows of a chart that has names on its left: one band for each group.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "charts/drawing/sheet.h"

namespace cauce::charts::drawing {

struct Band {
  std::string name;
  std::string note;  // beneath or behind the name, quiet; may be empty
};

// How many bands of readable height the room holds above an axis of so many pixels.
std::size_t bands_that_fit(Sheet& sheet, double axis_height);

// A group that may have a band; groups come as the table has them.
struct BandCandidate {
  std::string name;
  double value = 0;   // what orders the bands
  double weight = 0;  // the heaviest ones are shown when there is no room for all
};

struct ChosenBand {
  std::string name;
  std::optional<std::size_t> candidate;  // none: only other panels have this group
};

// At most `places` of them, from the top to the bottom in the order asked for. In panels those of
// the whole, in its order.
std::vector<ChosenBand> choose_bands(Sheet& sheet, const std::vector<BandCandidate>& candidates,
                                     std::size_t places);

// The width of the column of names; at most a third of the room. In a panel none: names stand left
// of all panels.
double width_of_names(Sheet& sheet, const std::vector<Band>& bands);

// Middle heights of the bands between top and bottom, from the top.
std::vector<double> middles_of(std::size_t bands, double top, double bottom);

// The names, right-aligned at `right`, and the band axis.
void put_names(Sheet& sheet, const std::vector<Band>& bands, const std::vector<double>& middles,
               double right, double width, const std::string& column);

}  // namespace cauce::charts::drawing
