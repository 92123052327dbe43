// cauce serve: the supervisor with its four processes or, with roles named, those roles in this
// process.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "app/config.h"
#include "base/result.h"

namespace cauce::app {

struct Serve {
  Config config;
  std::string config_file;             // empty: none was read
  std::vector<std::string> roles;      // empty: all of them, under the supervisor
  std::string process_name;            // in logs; set by the supervisor
  std::vector<std::string> inherited;  // listening sockets of the supervisor's: "mqtt=5"
  std::optional<int> tell_started;     // where this process writes its number once it works
};

// Returns when asked to stop (SIGTERM, SIGINT), or with what made it impossible to go on.
Result<void> run_serve(const Serve& command);

}  // namespace cauce::app
