// Where an axis has its ticks and what they are called.
#pragma once

#include <string>
#include <vector>

#include "charts/drawing/scene.h"
#include "charts/request.h"

namespace cauce::charts::drawing {

struct TickLabels {
  std::vector<double> values;
  std::vector<std::string> labels;  // as many; empty: a tick without a name
  std::string context;              // what the labels leave open, for the axis' label: "2026"
};

// About `count` ticks.
TickLabels tick_labels(ScaleKind kind, double low, double high, int count, Locale locale);

}  // namespace cauce::charts::drawing
