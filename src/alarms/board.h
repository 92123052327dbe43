// The board: every rule at work and every open alarm, in memory. Fed with the records of
// `readings` in order, it says what changed; it does no I/O. The same records on the same state
// give the same changes, so what a crash lost comes again.
//
// Time is stream time throughout; a reading's own time only orders and dates it (threshold.h).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "alarms/changes.h"
#include "alarms/event.h"
#include "alarms/rulebook.h"
#include "business/business.h"
#include "record/reading.h"

namespace cauce::alarms {

struct BoardLimits {
  // A company with so many open alarms has another problem than the next one; further ones are not
  // raised until some clear, and a Gap says so.
  std::size_t alarms_open_max = 10'000;
  // (rule, device) pairs of one company, about 500 bytes each; of anomaly rules (rule, device,
  // metric), about 1.5 KB each.
  std::size_t instances_max = 200'000;
};

class Board {
 public:
  Board(BoardLimits limits, Snapshot snapshot);

  // Takes the rules and devices as they are now: call it first, and whenever the registry changed.
  // Clears the alarms of rules and devices that are gone, off or different. `registry` is asked
  // about devices met later, until the next call.
  void follow(const business::Registry& registry);

  void judge(const record::ReadingRecord& record);

  // Records [from, to) are lost for judging: said as a Gap, and the next record begins a new run of
  // stream time, because devices may have sent what we did not see.
  void skip(std::uint64_t from, std::uint64_t to);

  // The position after the last record judged.
  std::uint64_t cursor() const { return changes_.progress.cursor; }
  void move_cursor(std::uint64_t cursor) { changes_.progress.cursor = cursor; }

  // What to commit, and that it was committed.
  const Changes& changes() const { return changes_; }
  void committed();

  std::size_t alarms_open() const { return alarms_open_total_; }

 private:
  // A rule that applies to one device; `instance` is made when there is something to keep.
  struct Slot {
    ActiveRule* rule = nullptr;
    Instance* instance = nullptr;
  };
  struct Watched {
    std::string device;
    const business::DeviceType* type = nullptr;  // in types_; nullptr when the registry has none
    std::vector<Slot> silence;
    std::vector<Slot> undecodable;
    std::map<std::string, std::vector<Slot>, std::less<>> thresholds;  // by metric of facts
    std::vector<ActiveRule*> anomaly_rules;
    std::map<std::string, std::vector<Slot>, std::less<>> anomalies;  // of metrics met so far
  };
  // A reading's number as facts have it.
  struct Measured {
    std::string metric;
    std::string unit;
    double value = 0;
    bool is_truth = false;
  };
  struct Usage {
    std::size_t alarms_open = 0;
    std::size_t instances = 0;
  };

  void pass_time(Time at);
  void pass_rule(ActiveRule& active);
  Watched* find_watched(std::string_view company, std::string_view device);
  Watched* watch(std::string_view company, std::string_view device);
  void hear(Watched& watched, Time value_time);
  static std::optional<Measured> measure(const Watched& watched, const record::Reading& reading);
  void judge_reading(const record::Reading& reading);
  void judge_threshold(Slot& slot, const record::Reading& reading, const Measured& measured);
  void judge_anomalies(Watched& watched, const record::Reading& reading, const Measured& measured);
  void judge_anomaly(Slot& slot, const record::Reading& reading, const Measured& measured);
  void raise_anomaly(Instance& instance, ActiveRule& active, const record::Reading& reading,
                     const Measured& measured, const detectors::Judgement& judgement);
  void remember_value(Watched& watched, const record::Reading& reading, const Measured& measured);
  void judge_undecodable(const record::Undecodable& undecodable);

  Instance* instance_of(Slot& slot, std::string_view device, std::string_view metric);
  std::optional<ClearReason> end_of(const Instance& instance, const business::Registry& registry,
                                    const std::set<RuleName>& disabled);
  bool survives(const Instance& instance, const business::Registry& registry);
  void compare_definitions();
  void queue_all();
  void enqueue(Instance& instance, ActiveRule& active);
  void dequeue(Instance& instance);

  // False when the company has alarms_open_max already.
  bool raise(Instance& instance, const ActiveRule& active, Alarm alarm);
  void clear(Instance& instance, ClearReason reason, Time value_time);
  void post(EventType type, const Alarm& alarm);
  void state_changed(Instance& instance);
  void alarm_changed(Instance& instance);
  void note_limit(GapReason reason, std::string_view company);
  void end_skipped_gap(Time at);

  BoardLimits limits_;
  const business::Registry* registry_ = nullptr;  // of the last follow()
  std::map<std::pair<std::string, std::string>, business::DeviceType> types_;  // those of watched_
  Rulebook rulebook_;
  std::map<Key, std::unique_ptr<Instance>> instances_;
  std::unordered_map<std::string, Watched> watched_;  // by "company/device"; registered ones only
  std::unordered_map<std::string, Usage> usage_;      // by company
  std::map<RuleName, Bytes> definitions_;             // as the instances know them
  std::map<std::pair<GapReason, std::string>, Gap> gaps_;  // the newest of each
  std::size_t alarms_open_total_ = 0;
  std::string lookup_;  // reused, so that finding a device allocates nothing
  Changes changes_;
};

}  // namespace cauce::alarms
