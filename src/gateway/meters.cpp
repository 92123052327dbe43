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
    case Ending::forbidden: return "forbidden";
    case Ending::broken: return "broken";
  }
  return "";
}

std::string_view label_of(net::DtlsEvent handshake_end) {
  switch (handshake_end) {
    case net::DtlsEvent::established: return "established";
    case net::DtlsEvent::handshake_failed: return "failed";
    case net::DtlsEvent::handshake_late: return "late";
    case net::DtlsEvent::handshake_displaced: return "displaced";
    default: return "";
  }
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
      {},
      metrics.gauge("cauce_gateway_dtls_sessions", "Sessions of devices that speak CoAP by DTLS."),
      {}};
  const auto counters = metrics.counters(
      "cauce_gateway_endings_total",
      "Connections ended, paused, not admitted or told no, and sessions that lost messages, by "
      "reason.",
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
  const auto handshakes = metrics.counters("cauce_gateway_dtls_handshakes_total",
                                           "Handshakes of DTLS that ended, by result.", {"result"});
  for (std::size_t index = 0; index < net::dtls_handshake_ends; ++index) {
    meters.dtls_handshakes[index] = handshakes.at({std::string(label_of(net::DtlsEvent(index)))});
  }
  return meters;
}

}  // namespace cauce::gateway
