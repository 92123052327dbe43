#include "processing/processing.h"

#include <fmt/core.h>

#include <utility>

#include "base/failpoint.h"
#include "business/normalise.h"

namespace cauce::processing {

using record::Fact;
using record::Reading;

Fact make_fact(Reading reading, const business::Registry& registry) {
  const business::Device* device = registry.device(reading.company, reading.device);
  const business::DeviceType* type =
      device == nullptr ? nullptr : registry.device_type(reading.company, device->type);
  auto normalised = business::normalise(reading, type);

  Fact fact;
  fact.quality = reading.quality;
  if (normalised) {
    fact.metric = std::move(normalised->metric);
    fact.value = std::move(normalised->value);
    fact.unit = std::move(normalised->unit);
  } else {
    fact.metric = std::move(reading.metric);
    fact.value = std::move(reading.value);
    fact.unit = std::move(reading.unit);
    fact.quality = record::Quality::bad;
  }
  if (device != nullptr) {
    fact.site = device->site;
    fact.area = device->area;
    fact.device_type = device->type;
  }
  fact.company = std::move(reading.company);
  fact.device = std::move(reading.device);
  fact.time = reading.time;
  fact.received_at = reading.received_at;
  fact.origin = reading.origin;
  return fact;
}

Processing::Processing(business::Registry& registry, stream::Writer& facts, Partitions partitions,
                       std::size_t frame_bytes)
    : DerivingSink(facts, partitions, frame_bytes),
      registry_(registry),
      source_(partitions.source) {}

Result<void> Processing::begin_frame() {
  if (auto refreshed = registry_.refresh(); !refreshed) {
    return refreshed.error().during("processing: read the business data");
  }
  return {};
}

Result<void> Processing::derive(stream::Position position, BytesView bytes,
                                std::vector<Bytes>& derived) {
  auto record = record::decode_reading(bytes);
  if (!record) {
    // Our own decode wrote it and its checksum is right: a newer program is at work here.
    return Error{Outcome::corrupt,
                 fmt::format("position {} of readings, partition {}, is no "
                             "record of this version: {}",
                             position.number, source_.number, record.error().message)};
  }
  if (Reading* reading = std::get_if<Reading>(&*record)) {
    derived.push_back(record::encode(make_fact(std::move(*reading), registry_)));
  }
  return {};
}

Result<void> Processing::before_append(const stream::Source&) {
  FAILPOINT("processing.before_append");
  return {};
}

}  // namespace cauce::processing
