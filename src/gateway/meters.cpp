#include "gateway/meters.h"

namespace cauce::gateway {
namespace {

std::string_view label_of(Ending ending) {
  switch (ending) {
    case Ending::left: return "left";
    case Ending::refused: return "refused";
    case Ending::violation: return "violation";
    case Ending::silent: return "silent";
    case Ending::replaced: return "replaced";
    case Ending::revoked: return "revoked";
    case Ending::slow: return "slow";
    case Ending::full: return "full";
    case Ending::undelivered: return "undelivered";
    case Ending::limited: return "limited";
    case Ending::broken: return "broken";
  }
  return "";
}

}  // namespace

Meters Meters::in(metrics::Metrics& metrics) {
  Meters meters{
      metrics.gauge("cauce_gateway_connections", "Connections of devices."),
      metrics.gauge("cauce_gateway_disk_low", "1 while messages are refused for want of disk."),
      metrics.counter("cauce_gateway_messages_total", "Messages taken from devices."),
      metrics.counter("cauce_gateway_payload_bytes_total", "Bytes of their payloads."),
      metrics.counter("cauce_gateway_acknowledged_total", "Messages durable, and told so."),
      metrics.histogram("cauce_gateway_acknowledge_seconds",
                        "From a message's arrival to its being durable."),
      {},
      {}};
  const auto counters = metrics.counters(
      "cauce_gateway_endings_total",
      "Connections ended, paused or not admitted, and sessions that lost messages, by reason.",
      {"reason"});
  for (std::size_t index = 0; index < endings; ++index) {
    meters.ended[index] = counters.at({std::string(label_of(Ending(index)))});
  }
  const auto limited =
      metrics.counters("cauce_gateway_limited_total",
                       "Pauses of reading, and refusals, because a limit was exceeded.", {"limit"});
  for (std::size_t index = 0; index < limit_count; ++index) {
    meters.limited[index] = limited.at({std::string(name_of(Limit(index)))});
  }
  return meters;
}

}  // namespace cauce::gateway
