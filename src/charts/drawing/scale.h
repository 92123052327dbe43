// From numbers to pixels, and the round numbers where a reader's eye finds hold.
#pragma once

#include <vector>

#include "charts/drawing/scene.h"

namespace cauce::charts::drawing {

struct Scale {
  ScaleKind kind = ScaleKind::linear;
  // Domain; of a logarithmic scale both above 0. Where both are one place, all is in the middle.
  double low = 0, high = 1;
  double start = 0, end = 1;  // pixels

  double operator()(double value) const;
};

// The step between ticks: 1, 2 or 5 times a power of ten, for about `count` ticks (the rule of
// d3-array's tickIncrement). 0 when low and high are the same, not finite, or nearer than 1e-290.
double tick_step(double low, double high, int count);

// Multiples of the step within [low, high], ascending; one tick when low == high, none without a
// step.
std::vector<double> linear_ticks(double low, double high, int count);

// The domain widened to multiples of the step, as d3's scale.nice(count) does.
void make_nice(double& low, double& high, int count);

// Powers of ten and what lies between them, within [low, high]; both above 0.
std::vector<double> logarithmic_ticks(double low, double high, int count);

// Zero and powers of ten on both sides of it, as far apart as about `count` ticks stand; multiples
// of a step where the range holds fewer than two of them.
std::vector<double> symmetric_ticks(double low, double high, int count);

// Digits after the point that tell ticks of this step apart.
int decimals_of_step(double step);

}  // namespace cauce::charts::drawing
