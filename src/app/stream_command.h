// The commands below `cauce stream` that have a file of their own.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "app/command_line.h"
#include "base/result.h"

namespace cauce::app {

// cauce stream verify: reads every stored byte of the topics and judges it. Beside a running cauce
// or without one; an error when anything is damaged.
void add_stream_verify(Command stream);

// cauce stream repair: makes a damaged stream readable again, while cauce is stopped.
void add_stream_repair(Command stream);

// cauce stream repair: makes a damaged stream readable again, while cauce is stopped.
void add_stream_repair(Command stream);

// cauce stream describe: positions, times, bytes, segments and groups of the topics.
void add_stream_describe(Command stream);

// `topic` alone, or all of them when it is empty. `invalid` when there is no such topic, or no data
// directory.
Result<std::vector<std::string>> chosen_topics(const std::filesystem::path& data,
                                               const std::string& topic);

constexpr const char* topic_help =
    "raw, readings, facts, events or commands; all of them otherwise";

}  // namespace cauce::app
