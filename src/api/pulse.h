// The installation's pulse: what the api sees of the machine, the processes and the flow, sampled
// once a second by its worker. The HTTP loop reads the last sample, so that health is answered from
// memory even when the worker, a store or the disk hangs.
#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "api/api.h"
#include "api/sync_time.h"

namespace cauce::api {

// What is wrong, and what to do: one sentence in each language.
struct Problem {
  std::string english;
  std::string spanish;

  bool operator==(const Problem&) const = default;
};

struct Sample {
  Time at;
  Duration elapsed_at{0};
  // Messages per second, one for each past second, the youngest last. Ticks are not counted.
  std::deque<double> message_rates;
  Duration gateway_silent{0};  // since the end of `raw` last moved
  SyncTimes syncs;
  std::optional<Disk> disk;
  std::vector<ProcessState> processes;
  std::vector<GroupLag> groups;
  std::vector<Problem> faults;  // what could not be sampled
};

struct Health {
  bool ok = true;
  std::vector<Problem> problems;
};

// What is wrong in `sample`, which may be nullptr (none was taken yet), at the moment `elapsed`.
Health judge(const Sample* sample, Duration elapsed, const Options& options);

class Pulse {
 public:
  static constexpr std::size_t rates_max = 300;  // five minutes
  static constexpr Duration interval = std::chrono::seconds{1};

  Pulse(const House& house) : house_(house) {}

  // Takes a sample when the last one is a second old; true when it did. The worker's thread.
  bool beat();
  // Until beat() has something to do.
  Duration until_next() const;

  // Any thread; nullptr before the first sample.
  std::shared_ptr<const Sample> last() const;

 private:
  void count_messages(stream::Position end, const Sample* before, Sample& sample);
  // Of the records [from, to) of `raw`: how many are no messages.
  std::uint64_t notes_among(stream::Position from, stream::Position to);

  House house_;
  std::optional<stream::Position> raw_end_;
  Duration raw_moved_at_{0};
  mutable std::mutex mutex_;  // guards last_
  std::shared_ptr<const Sample> last_;
};

}  // namespace cauce::api
