// The reading side of alarms.db, for the process that serves the API. It never blocks the writer
// and works before the file exists: there are then no alarms. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "alarms/alarm.h"
#include "record/fact.h"
#include "sql/database.h"

namespace cauce::alarms {

class History {
 public:
  // One more than a page of the API, which asks for it to see whether another page follows.
  static constexpr std::size_t page_max = 1001;

  explicit History(std::filesystem::path file) : file_(std::move(file)) {}

  enum class Select { open, all };
  struct Query {
    std::string company;  // empty: every company (the installation's owner)
    std::string device;   // empty: every device
    Select select = Select::open;
    std::optional<std::uint64_t> after;  // the id that ended the page before
    std::size_t limit = 100;             // at most page_max are given
  };
  // Newest first: ids descend.
  Result<std::vector<Alarm>> list(const Query& query);

  // `not_found` also for an alarm of another company; an empty company sees all.
  Result<Alarm> get(std::string_view company, std::uint64_t id);

  struct Counts {
    std::uint64_t open = 0;
    std::uint64_t all = 0;
    std::map<std::string, std::uint64_t> open_by_severity;
  };
  Result<Counts> counts(std::string_view company);

  // Alarms whose [raised_value_time, cleared_value_time] touches [from, to), oldest first, for
  // marking a curve: those of the metric, and the device's silence and undecodable alarms, whose
  // metric is empty. At most page_max, the newest ones of those older than the alarm `after`.
  Result<std::vector<Alarm>> overlapping(const record::Series& series, Time from, Time to,
                                         std::optional<std::uint64_t> after = std::nullopt);

  // When each device under a silence rule was last heard, by name, in stream time. A device under
  // such a rule that is missing here is waiting for its first message.
  Result<std::map<std::string, Time>> heard(std::string_view company);

  // What could not be evaluated, newest first; those of every company (retention) are included.
  Result<std::vector<Gap>> gaps(std::string_view company, std::size_t limit);

 private:
  // nullptr when there is no file yet.
  Result<sql::Database*> database();

  std::filesystem::path file_;
  std::optional<sql::Database> database_;
};

}  // namespace cauce::alarms
