// Which values of the facet column have a panel, and what the panels share.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "charts/figures.h"
#include "charts/figures/chosen_table.h"
#include "charts/figures/rows.h"

namespace cauce::charts::figures {

struct FacetValue {
  std::string name;  // as it was written; "": rows without one
  std::uint64_t rows = 0;
};

struct Facets {
  std::size_t column = 0;
  std::vector<FacetValue> panels;  // in the order in which they are drawn
  std::uint64_t values_left_out = 0;
  std::uint64_t rows_left_out = 0;

  // The rows of all panels.
  RowTest test() const;
};

// The panels_max values that most rows have. Numbers, dates and truth values ascend, text goes from
// most rows to fewest; rows without a value are the last panel. invalid or not_found: no such
// column, or more values than groups_max. May answer a conflict with retyped().
Result<Facets> find_facets(Rows& rows, const Request& request, std::size_t groups_max);

// How large one panel of so many is: cells are as small as its pixels.
Request sized_for(const Request& request, std::size_t panels);

// The request of one panel, so that its bins and cells are those of the whole, ...
Request request_of_panel(const Request& request, const Figures& whole);
// ... and where they begin and end.
Frame frame_of(const Figures& whole);

}  // namespace cauce::charts::figures
