// The supervisor: starts the processes of one machine, restarts one that dies, with back-off, and
// ends them all when it ends. It holds the listening sockets, so a client that connects while the
// gateway restarts waits a moment instead of being refused. It serves nothing itself.
#pragma once

#include <string>
#include <vector>

#include "app/config.h"
#include "app/doors.h"
#include "app/run_directory.h"
#include "base/clock.h"

namespace cauce::app {

// One process and the roles that live in it.
struct ProcessPlan {
  std::string name;
  std::vector<std::string> roles;
};

// gateway | flow (lake, decode, processing, stats) | alarms | api.
std::vector<ProcessPlan> default_plan();

// How long a process that has died `deaths` times in a row rests before its next start: at once the
// first time, then 100 ms doubling to 10 s. One that has lived for 30 s has no deaths in a row.
Duration restart_delay(int deaths);

// Runs until SIGTERM or SIGINT, then stops the processes, waiting 10 s for each before it kills
// them. `arguments` are what every process gets on its command line besides its roles and sockets.
// Blocks the signals it handles; call before any thread exists.
Result<void> supervise(const std::vector<ProcessPlan>& plan,
                       const std::vector<std::string>& arguments, const Listeners& listeners,
                       const RunDirectory& run, const Clock& clock);

}  // namespace cauce::app
