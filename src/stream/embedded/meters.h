// What the writer of a topic counts.
#pragma once

#include <string>
#include <string_view>

#include "metrics/metrics.h"

namespace cauce::stream::embedded {

struct Meters {
  metrics::Counter appends;           // taken, durable or not
  metrics::Counter records;           // durable
  metrics::Counter bytes;             // durable, with frames and headers
  metrics::Histogram syncs;           // of the segment that is written
  metrics::Counter segments_deleted;  // by retention

  static Meters in(metrics::Metrics& metrics, std::string_view topic);
};

}  // namespace cauce::stream::embedded
