#include "api/meters.h"

namespace cauce::api {

Meters Meters::in(metrics::Metrics& metrics) {
  return {metrics.counters("cauce_api_requests_total", "Requests answered, by route and status.",
                           {"route", "status"}),
          metrics.histograms("cauce_api_request_seconds",
                             "From a request's arrival to its answer, by route.", {"route"}),
          metrics.counter("cauce_api_repeats_total",
                          "Requests answered again by their Idempotency-Key.")};
}

}  // namespace cauce::api
