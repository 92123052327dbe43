// The line below a chart: where its rows come from and what became of each of them.
#pragma once

#include <string>
#include <vector>

#include "charts/figures.h"

namespace cauce::charts::drawing {

// Where the rows come from, and how many of them are drawn, missing and left out.
std::string footer_of(const Figures& figures, const Request& request,
                      const std::vector<std::string>& remarks, std::size_t labels_left_out);
// Of a picture that has words in the place of its plot.
std::string footer_without_plot(const Figures& figures, const Request& request,
                                const std::vector<std::string>& remarks);

}  // namespace cauce::charts::drawing
