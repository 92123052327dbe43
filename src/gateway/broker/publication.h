// A message on its way from who published it to who subscribed. Only what is durable becomes one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/time.h"
#include "stream/stream.h"

namespace cauce::gateway::broker {

// Where a message stands in the stream: what queues hold in its place.
enum class Shelf : std::uint8_t { raw, commands };

struct Place {
  Shelf shelf = Shelf::raw;
  stream::Position position;

  auto operator<=>(const Place&) const = default;
};

constexpr Duration never = Duration::max();

// What MQTT 5.0 adds to a message and the stream does not hold.
struct Extras {
  Bytes properties;             // as forwarded_properties() answers them
  Duration expires_at = never;  // as Clock::elapsed
};

// With the content type, when the properties do not hold it; nullptr when there is nothing.
std::shared_ptr<const Extras> complete_extras(Extras extras, std::string_view content_type);

struct Publication {
  Place place;
  std::string topic;
  Bytes payload;
  std::shared_ptr<const Extras> extras;  // nullptr: none
  std::uint64_t publisher = 0;           // the id of its session; 0: none
  std::uint8_t qos = 0;
  bool retain = false;
};

using SharedPublication = std::shared_ptr<const Publication>;

}  // namespace cauce::gateway::broker
