// Whatever a device sends: the parser ends, breaks none of its own promises, and never accepts what
// a second, independent JSON parser refuses.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/invariant.h"
#include "base/names.h"
#include "decode/formats/json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace cauce;
  static decode::JsonParser parser;
  const std::string_view payload(reinterpret_cast<const char*>(bytes), size);
  const decode::JsonLimits limits;
  const auto measurements = parser.parse(payload, time_min);
  if (!measurements) {
    INVARIANT(measurements.error().outcome == Outcome::invalid);
    INVARIANT(!measurements.error().message.empty());
    INVARIANT(measurements.error().message.size() <= 512);
    return 0;
  }
  INVARIANT(nlohmann::json::accept(payload));
  INVARIANT(measurements->size() <= limits.members_max);
  for (const decode::Measurement& measurement : *measurements) {
    INVARIANT(is_metric(measurement.metric));
    INVARIANT(measurement.time >= time_min && measurement.time < time_max);
    if (const double* number = std::get_if<double>(&measurement.value)) {
      INVARIANT(std::isfinite(*number));
    }
    if (const std::string* text = std::get_if<std::string>(&measurement.value)) {
      INVARIANT(text->size() <= limits.text_bytes_max);
    }
  }
  return 0;
}
