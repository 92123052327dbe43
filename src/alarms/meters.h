// What the alarms role counts.
#pragma once

#include "metrics/metrics.h"

namespace cauce::alarms {

struct Meters {
  metrics::Gauge open;                     // alarms
  metrics::Each<metrics::Counter> raised;  // by kind of rule
  metrics::Gauge outbox;                   // events committed that the topic has not got durably

  static Meters in(metrics::Metrics& metrics);
};

}  // namespace cauce::alarms
