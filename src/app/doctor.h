// What cauce doctor looks at: one finding for each check. Nothing here writes to a store, and each
// check works on an installation that runs, is stopped, or is damaged.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "app/config.h"
#include "app/engines.h"
#include "base/clock.h"

namespace cauce::app {

enum class State { ok, warning, wrong };
std::string_view name_of(State state);

struct Finding {
  State state = State::ok;
  std::string check;     // "disk space"
  std::string sentence;  // what is so; unless ok, also what to do
};
using Findings = std::vector<Finding>;

// The machine: program, system, processor's memory, clock, files a process may open.
void examine_machine(const Config& config, Findings& findings);
// Certificate and key, when any are configured.
void examine_tls(const Config& config, const Clock& clock, Findings& findings);
// The disk below the data directory: room, kind of file system, time of a sync.
void examine_disk(const Config& config, const Clock& clock, Findings& findings);
// Owner and mode of what lies in the data directory, and the master key.
void examine_rights(const Config& config, Findings& findings);
// Ports, processes and health, of the cauce that runs on the directory if one does.
void examine_serving(const Config& config, Findings& findings);
// The bytes of every store, and the wall clock against the newest message.
void examine_stores(const Config& config, const Clock& clock, Findings& findings);

}  // namespace cauce::app
