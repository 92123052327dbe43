// What the gateway counts. Connections that end are counted by why (Ending, close_log.h).
#pragma once

#include "gateway/allowance.h"
#include "gateway/close_log.h"
#include "metrics/metrics.h"
#include "net/dtls.h"

namespace cauce::gateway {

struct Meters {
  metrics::Gauge connections;
  metrics::Gauge disk_low;                            // 1 while nothing is taken for want of room
  metrics::Counter messages;                          // taken from devices
  metrics::Counter bytes;                             // of their payloads
  metrics::Counter acknowledged;                      // made durable and told so
  metrics::Histogram acknowledge;                     // from taken to durable
  std::array<metrics::Counter, endings> ended;        // by Ending
  std::array<metrics::Counter, limit_count> limited;  // by Limit
  metrics::Gauge dtls_sessions;
  std::array<metrics::Counter, net::dtls_handshake_ends> dtls_handshakes;  // by DtlsEvent

  static Meters in(metrics::Metrics& metrics);
};

}  // namespace cauce::gateway
