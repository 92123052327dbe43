#include "alarms/meters.h"

namespace cauce::alarms {

Meters Meters::in(metrics::Metrics& metrics) {
  return {
      metrics.gauge("cauce_alarms_open", "Alarms that are open."),
      metrics.counters("cauce_alarms_raised_total", "Alarms raised, by kind of rule.", {"kind"}),
      metrics.gauge("cauce_alarms_outbox_events", "Events that wait for the topic events.")};
}

}  // namespace cauce::alarms
