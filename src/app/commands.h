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

// cauce detect: a CSV of one series, timestamp,value, out again with an anomaly score for each row,
// by the detector that the alarms use. "-" is standard input or output. Needs no running cauce.
struct Detect {
  std::filesystem::path data;
  std::filesystem::path out;
};
Result<void> run_detect(const Detect& command);

// cauce alarms: the alarms of a running cauce, the youngest first.
struct AlarmsList {
  std::filesystem::path data;
  std::string company;  // needed when there are several
  std::string device;   // empty: every device
  std::string state;    // "open" or "all"
  std::string format;   // "table" or "json"
  std::size_t alarms_max = 1000;
};
Result<void> run_alarms_list(const AlarmsList& command);

}  // namespace cauce::app
