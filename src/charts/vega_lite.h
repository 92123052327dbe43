// A chart as a specification of Vega-Lite 5 (https://vega.github.io/schema/vega-lite/v5.json): for
// those who go on working with it there. It carries the figures that a picture shows as its data,
// never a row beyond the points that are drawn.
#pragma once

#include "base/bytes.h"
#include "charts/figures.h"
#include "charts/request.h"

namespace cauce::charts {

Bytes to_vega_lite(const Figures& figures, const Request& request);

}  // namespace cauce::charts
