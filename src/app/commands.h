// The commands of the program: each family has a file of its own (<family>_command.cpp) that adds
// its subcommands to the command line. main.cpp is the list of them.
#pragma once

#include <filesystem>
#include <string>

#include "app/command_line.h"
#include "base/result.h"

namespace cauce::app {

constexpr const char* default_data = "cauce-data";
constexpr const char* data_help = "the directory that holds everything (default: cauce-data)";

// The sentence for a data directory that is not there: most likely a slip in --data.
Error no_such_data(const std::filesystem::path& data);
// not_found unless it is the data directory of a cauce that was started once.
Result<void> check_data(const std::filesystem::path& data);

// cauce serve: runs cauce until it is asked to stop.
void add_serve_command(Command program);

// cauce stream read: the records of one topic, from a position or a time on, one JSON object a
// line, or the payloads alone, one a line. cauce stream describe and verify: app/stream_command.h.
// All of them beside a running cauce too.
void add_stream_command(Command program);

// cauce query: SQL over the views of warehouse/query.h.
void add_query_command(Command program);

// cauce report daily-site-summary: a prepared report over what the warehouse holds.
void add_report_command(Command program);

// cauce device: devices of a running cauce. `device add` prints token, key and a line to publish
// with, then waits for the first message and prints its values.
void add_device_command(Command program);

// cauce device command: commands for a device of a running cauce, below `device`.
void add_commands_of_device(Command device);

// cauce device-type: those of a running cauce; which value counts a device's messages.
void add_device_type_command(Command program);

// cauce user, cauce owner-link: who may sign in to a running cauce.
void add_user_command(Command program);
void add_owner_link_command(Command program);

// cauce company, cauce site: those of a running cauce.
void add_company_command(Command program);
void add_site_command(Command program);

// cauce detect: a CSV of one series, timestamp,value, out again with an anomaly score for each row,
// by the detector that the alarms use. "-" is standard input or output. Needs no running cauce.
void add_detect_command(Command program);

// cauce dataset describe: the columns of a CSV file, what they are and hold, as JSON; or where the
// file is wrong. Needs no running cauce.
void add_dataset_command(Command program);

// cauce chart: a file's columns as a picture, and the numbers drawn. Needs no running cauce.
void add_chart_command(Command program);

// cauce backup: copies the data directory of a cauce that runs, or is stopped, or checks a backup.
void add_backup_command(Command program);

// cauce restore: makes a data directory out of a backup, checking every byte.
void add_restore_command(Command program);

// In a data directory as long as a restore into it is not complete.
constexpr const char* unfinished_restore_file = "unfinished-restore";
// `conflict` when it is there.
Result<void> check_restored(const std::filesystem::path& data);

// cauce doctor: prints what it finds, one line a check; an error when something is wrong.
void add_doctor_command(Command program);

// cauce alarms: the alarms of a running cauce, the youngest first.
void add_alarms_command(Command program);

}  // namespace cauce::app
