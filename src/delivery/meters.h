// What the delivery of one group counts.
#pragma once

#include <string>

#include "metrics/metrics.h"

namespace cauce::delivery {

struct Meters {
  metrics::Counter batches;   // that the sink took
  metrics::Counter records;   // in them
  metrics::Counter refusals;  // times that the sink did not take one
  metrics::Counter lost;      // positions that were declared lost and passed over

  static Meters in(metrics::Metrics& metrics, const std::string& group);
};

}  // namespace cauce::delivery
