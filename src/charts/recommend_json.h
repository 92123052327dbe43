// Recommended charts as they are told, on the command line and over REST.
#pragma once

#include <string>
#include <vector>

#include "charts/recommend.h"

namespace cauce::charts {

// {"recommendations": [{"kind", "options": {"x", "y", …}, "reason": {"en", "es"}}]}, best first.
// The options are those of options.h: a request made of them is the chart that is recommended.
std::string recommendations_json(const std::vector<ColumnSummary>& columns);

}  // namespace cauce::charts
