#include "business/normalise.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace cauce::business {

Result<Normalised> normalise(const record::Reading& reading, const DeviceType* type) {
  Normalised kept{reading.metric, reading.value, reading.unit};
  if (type == nullptr) return kept;
  const auto mapping = std::find_if(
      type->metrics.begin(), type->metrics.end(),
      [&](const MetricMapping& candidate) { return candidate.source == reading.metric; });
  if (mapping == type->metrics.end()) return kept;
  Normalised normalised{mapping->metric, reading.value, mapping->unit};
  if (double* value = std::get_if<double>(&normalised.value)) {
    *value = *value * mapping->scale + mapping->offset;
    if (!std::isfinite(*value)) {
      return Error{
          Outcome::invalid,
          fmt::format("{} of {} is too large a number after * {} + {}; check the scale of "
                      "device type {}",
                      reading.metric, reading.device, mapping->scale, mapping->offset, type->name)};
    }
  }
  return normalised;
}

}  // namespace cauce::business
