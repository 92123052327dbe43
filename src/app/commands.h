// The commands of the program besides `serve`. Each prints to standard output and answers an error
// whose sentence main() prints.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.h"

namespace cauce::app {

// The sentence for a data directory that is not there: most likely a slip in --data.
Error no_such_data(const std::filesystem::path& data);

// cauce stream read: the records of one topic, from a position or a time on, one JSON object a
// line, or with `payload` the payloads alone, one a line. Reads beside a running cauce.
struct StreamRead {
  std::filesystem::path data;
  std::string topic;
  std::string from;  // a position, a time, or empty for the oldest record
  bool payload = false;
  std::uint64_t records_max = 0;  // 0: all there are
};
Result<void> run_stream_read(const StreamRead& command);

// cauce query: SQL over the views `lake`, `facts` and `facts_raw`.
struct Query {
  std::filesystem::path data;
  std::string sql;
  std::string format;  // "table", "csv" or "json"
  std::size_t rows_max = 10'000;
};
Result<void> run_query(const Query& command);

// cauce device add: makes the device in a running cauce, prints its token, key and a line to
// publish with, then waits for the first message and prints its values.
struct DeviceAdd {
  std::filesystem::path data;
  std::string name;
  std::string company;
  std::string type;  // empty: plain JSON, or encrypted JSON
  std::string site;
  std::string area;
  bool encrypted = false;
  bool wait = true;
};
Result<void> run_device_add(const DeviceAdd& command);

// cauce backup: copies the data directory of a cauce that runs, or is stopped, to the directory
// `target`, or checks the backup in the directory `verify`.
struct Backup {
  std::filesystem::path data;
  std::filesystem::path target;
  std::filesystem::path verify;
  bool with_key = true;
};
Result<void> run_backup(const Backup& command);

// cauce restore: makes a data directory out of a backup, checking every byte.
struct Restore {
  std::filesystem::path source;
  std::filesystem::path data;
};
Result<void> run_restore(const Restore& command);

// In a data directory as long as a restore into it is not complete.
constexpr const char* unfinished_restore_file = "unfinished-restore";
// `conflict` when it is there.
Result<void> check_restored(const std::filesystem::path& data);

// cauce doctor: prints what it finds, one line a check; answers whether nothing is wrong.
struct Doctor {
  std::filesystem::path data;         // empty: as the configuration says
  std::filesystem::path config_file;  // empty: none
  bool json = false;
};
Result<bool> run_doctor(const Doctor& command);

}  // namespace cauce::app
