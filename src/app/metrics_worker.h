// Writes once a second what this process counts to DIR/run/metrics/<process>.prom, where the api
// reads it.
#pragma once

#include <memory>
#include <string>

#include "app/run_directory.h"
#include "base/clock.h"
#include "metrics/metrics.h"
#include "work/worker.h"

namespace cauce::app {

// All outlive it. A file that cannot be written is logged once, and again after it could be.
std::unique_ptr<work::Worker> publish_metrics(std::string process, metrics::Metrics& metrics,
                                              const RunDirectory& run, const Clock& clock);

}  // namespace cauce::app
