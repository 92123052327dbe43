// Whatever a device sends: the parser ends, breaks none of its own promises, and never accepts what
// a second, independent JSON parser refuses.
#include <cmath>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string_view>

#include "base/invariant.h"
#include "base/names.h"
#include "decode/formats/senml.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace cauce;
  const decode::SenmlLimits limits{.records_max = 100, .text_bytes_max = 200};
  static decode::SenmlParser parser(limits);
  const std::string_view payload(reinterpret_cast<const char*>(bytes), size);
  const auto measurements =
      parser.parse(payload, "mote-1", from_microseconds(1'795'304'920'000'000));
  if (!measurements) {
    INVARIANT(measurements.error().outcome == Outcome::invalid);
    INVARIANT(!measurements.error().message.empty());
    INVARIANT(measurements.error().message.size() <= 512);
    return 0;
  }
  INVARIANT(nlohmann::json::accept(payload));
  INVARIANT(measurements->size() <= 2 * limits.records_max);
  for (const decode::Measurement& measurement : *measurements) {
    INVARIANT(is_metric(measurement.metric));
    INVARIANT(measurement.time >= time_min && measurement.time < time_max);
    INVARIANT(measurement.unit.size() <= limits.unit_bytes_max);
    if (const double* number = std::get_if<double>(&measurement.value)) {
      INVARIANT(std::isfinite(*number));
    }
    if (const std::string* text = std::get_if<std::string>(&measurement.value)) {
      INVARIANT(text->size() <= limits.text_bytes_max);
    }
  }
  return 0;
}
