#include "charts/drawing/tick_labels.h"

#include <cmath>

#include "charts/drawing/number_text.h"
#include "charts/drawing/scale.h"

namespace cauce::charts::drawing {

namespace {

// Beyond, zeros would hide the digits.
constexpr double plain_max = 1e12;
constexpr int decimals_max = 6;

TickLabels linear_labels(double low, double high, int count, Locale locale) {
  TickLabels ticks;
  ticks.values = linear_ticks(low, high, count);
  const int decimals = decimals_of_step(tick_step(low, high, count));
  const bool plain =
      decimals <= decimals_max && std::max(std::abs(low), std::abs(high)) < plain_max;
  for (const double value : ticks.values)
    ticks.labels.push_back(plain ? fixed_text(value, decimals, locale)
                                 : number_text(value, 12, locale));
  return ticks;
}

}  // namespace

TickLabels tick_labels(ScaleKind kind, double low, double high, int count, Locale locale) {
  if (kind != ScaleKind::logarithmic) return linear_labels(low, high, count, locale);
  TickLabels ticks;
  ticks.values = logarithmic_ticks(low, high, count);
  for (const double value : ticks.values)
    ticks.labels.push_back(number_text(value, 12, locale));
  return ticks;
}

}  // namespace cauce::charts::drawing
