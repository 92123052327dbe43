// What passes between the board (memory) and the store (disk): all of it at start, and what one
// batch changed afterwards.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "alarms/alarm.h"
#include "alarms/instance.h"
#include "record/stream_clock.h"

namespace cauce::alarms {

// How far the role has come, in one row that changes with every batch.
struct Progress {
  std::uint64_t cursor = 0;  // one past the last record of `readings` that was judged
  record::StreamClock clock;
  std::uint64_t next_alarm = 1;  // id
  std::uint64_t next_event = 0;  // sequence
  std::uint64_t next_gap = 1;    // id

  bool operator==(const Progress&) const = default;
};

// (company, rule)
using RuleName = std::pair<std::string, std::string>;

struct Event {
  std::uint64_t sequence = 0;
  Bytes json;
};

struct Changes {
  Progress progress;
  std::vector<Key> removed;          // states to delete, before all others are written
  std::vector<Instance*> instances;  // with state_changed or alarm_changed
  std::vector<Alarm> cleared;
  std::vector<business::RuleKind> raised;  // one for each alarm that this batch raised
  std::vector<Event> events;
  std::vector<Gap> gaps;                  // to insert or replace by id
  std::map<RuleName, Bytes> definitions;  // to insert or replace; empty: to delete
};

struct StoredState {
  Key key;
  State state;
};

struct Snapshot {
  Progress progress;
  std::vector<StoredState> states;
  std::vector<Alarm> open;
  std::map<RuleName, Bytes> definitions;
  std::vector<Gap> gaps;  // the newest of each (reason, company)
};

}  // namespace cauce::alarms
