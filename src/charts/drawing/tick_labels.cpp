#include "charts/drawing/tick_labels.h"

#include <cmath>

#include "charts/drawing/calendar.h"
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
  TickLabels ticks;
  if (kind == ScaleKind::time) {
    ticks.values = time_ticks(low, high, count);
    for (const double value : ticks.values)
      ticks.labels.push_back(time_label(value, locale));
    ticks.context = time_context(ticks.values, locale);
    return ticks;
  }
  if (kind != ScaleKind::logarithmic && kind != ScaleKind::symmetric)
    return linear_labels(low, high, count, locale);
  ticks.values = kind == ScaleKind::symmetric ? symmetric_ticks(low, high, count)
                                              : logarithmic_ticks(low, high, count);
  // Of many ticks in each power of ten only 1, 2 and 5 are called by name.
  const bool crowded = ticks.values.size() > 2 * std::size_t(count);
  for (const double value : ticks.values) {
    const double size = std::abs(value);
    const double digit = size == 0 ? 1 : size / std::pow(10, std::floor(std::log10(size) + 1e-9));
    const bool round =
        std::abs(digit - 1) < 1e-6 || std::abs(digit - 2) < 1e-6 || std::abs(digit - 5) < 1e-6;
    ticks.labels.push_back(round || !crowded ? number_text(value, 12, locale) : "");
  }
  return ticks;
}

}  // namespace cauce::charts::drawing
