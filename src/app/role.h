// A role: what it works on, wired. Roles share only stores, so they can be grouped into processes
// at will; the one file <name>_role.cpp of each shows everything the role touches.
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "app/config.h"
#include "app/doors.h"
#include "app/engines.h"
#include "app/run_directory.h"
#include "base/clock.h"
#include "base/random.h"
#include "disk/free_space.h"
#include "metrics/metrics.h"
#include "work/worker.h"

namespace cauce::app {

// What every role is given. All of it outlives the role.
struct Machine {
  const Config& config;
  const Engines& engines;
  Clock& clock;
  Random& random;
  const RunDirectory& run;
  disk::FreeSpace& free_space;  // of the data directory
  metrics::Metrics& metrics;    // of this process
};

// Made by the functions below with its stores open and its sockets listening; it works when its
// workers and loops are given threads. Destroyed after those have stopped.
class Role {
 public:
  virtual ~Role() = default;
  virtual std::vector<work::Worker*> workers() = 0;
  virtual std::vector<net::Loop*> loops() { return {}; }
  // A clean stop: once, when workers and loops have stopped. What it cannot do costs the next start
  // time, and nothing else.
  virtual Result<void> close() { return {}; }
};

Result<std::unique_ptr<Role>> make_gateway(const Machine& machine, Listeners listeners);
Result<std::unique_ptr<Role>> make_lake(const Machine& machine);
Result<std::unique_ptr<Role>> make_decode(const Machine& machine);
Result<std::unique_ptr<Role>> make_processing(const Machine& machine);
Result<std::unique_ptr<Role>> make_stats(const Machine& machine);
Result<std::unique_ptr<Role>> make_alarms(const Machine& machine);
Result<std::unique_ptr<Role>> make_api(const Machine& machine, Listeners listeners);

}  // namespace cauce::app
