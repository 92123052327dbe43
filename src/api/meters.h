// What the interface counts.
#pragma once

#include "metrics/metrics.h"

namespace cauce::api {

struct Meters {
  metrics::Each<metrics::Counter> requests;     // by route and status
  metrics::Each<metrics::Histogram> durations;  // by route
  metrics::Counter repeats;                     // answered once more by their Idempotency-Key

  static Meters in(metrics::Metrics& metrics);
};

}  // namespace cauce::api
