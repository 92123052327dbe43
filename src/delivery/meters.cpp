#include "delivery/meters.h"

namespace cauce::delivery {

Meters Meters::in(metrics::Metrics& metrics, const std::string& group) {
  const auto counter = [&](std::string_view name, std::string_view help) {
    return metrics.counters(name, help, {"group"}).at({group});
  };
  return {counter("cauce_delivery_batches_total", "Batches that a group of consumers took."),
          counter("cauce_delivery_records_total", "Records in these batches."),
          counter("cauce_delivery_refusals_total",
                  "Times that a batch was not taken and waited to be tried again."),
          counter("cauce_delivery_lost_total",
                  "Positions without a record, declared lost by cauce stream repair.")};
}

}  // namespace cauce::delivery
