// Logs for the operator: one line an event, to standard error, as
//   2026-11-21T23:48:40.250Z gateway warning  port 1883 is taken …
// A line never holds a token, a key or a payload. Any thread may log.
//
// error:   somebody must act now     warning: somebody should look today
// notice:  a step of the program's life (start, stop, recovery)
// detail:  for whoever hunts a fault; off by default
#pragma once

#include <string_view>

namespace cauce::log {

enum class Level { detail, notice, warning, error };

// Names the process in every line ("gateway", "flow") and sets the least level that is written.
// Called once, before other threads start.
void start(std::string_view process, Level least);

void error(std::string_view message);
void warning(std::string_view message);
void notice(std::string_view message);
void detail(std::string_view message);

}  // namespace cauce::log
