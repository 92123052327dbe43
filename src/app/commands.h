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

// cauce query: SQL over the views of warehouse/query.h.
struct Query {
  std::filesystem::path data;
  std::string sql;
  std::string format;  // "table", "csv" or "json"
  std::size_t rows_max = 10'000;
};
Result<void> run_query(const Query& command);

// cauce report daily-site-summary: a prepared report over what the warehouse holds.
struct DailySiteSummary {
  std::filesystem::path data;
  std::string company;  // empty: all
  std::string site;     // empty: all
  std::string from;     // a local day; empty: six days before `to`
  std::string to;       // a local day; empty: today
  std::string format;   // "table", "csv" or "json"
};
Result<void> run_daily_site_summary(const DailySiteSummary& command);

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

}  // namespace cauce::app
