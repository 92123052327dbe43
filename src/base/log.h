// Logs for the operator: one line an event, to standard error, as
//   2026-11-21T23:48:40.250Z gateway warning  port 1883 is taken …
// or, with Format::json, as one object with the same words and with fields
// (docs/operations/logs.md). A line never holds a token, a key or a payload. Any thread may log.
//
// error:   somebody must act now     warning: somebody should look today
// notice:  a step of the program's life (start, stop, recovery)
// detail:  for whoever hunts a fault; off by default
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace cauce::log {

enum class Level { detail, notice, warning, error };
enum class Format { text, json };

// What a program may want to search for; it stands in the message too. Format::text leaves it out.
struct Field {
  std::string_view name;  // as docs/operations/logs.md has it
  std::string_view value;
};
using Fields = std::initializer_list<Field>;

// Names the process in every line ("gateway", "flow") and sets the least level that is written.
// Called once, before other threads start.
void start(std::string_view process, Level least, Format format = Format::text);

// As start() set it.
Format format();

// Whether a line of this level is written: for lines that cost something to make.
bool writes(Level level);

void error(std::string_view message, Fields fields = {});
void warning(std::string_view message, Fields fields = {});
void notice(std::string_view message, Fields fields = {});
void detail(std::string_view message, Fields fields = {});

}  // namespace cauce::log
