// Between what a broker holds and the values that are kept of it: messages and their extras that
// many queues share are kept once, and times of the running clock become times of the calendar.
#pragma once

#include <algorithm>
#include <unordered_map>
#include <vector>

#include "gateway/broker/outbox.h"
#include "gateway/broker/publication.h"
#include "gateway/broker/state.h"

namespace cauce::gateway::broker {

// The nearest time that a record can hold. `to_elapsed` is added to microseconds since 1970.
Time time_of(Duration elapsed, Duration to_elapsed);

class StateTables {
 public:
  explicit StateTables(Duration to_elapsed) : to_elapsed_(to_elapsed) {}

  Time time_of(Duration elapsed) const { return broker::time_of(elapsed, to_elapsed_); }
  std::uint32_t body(const SharedPublication& publication);
  std::vector<QueuedState> queue(const std::vector<Queued>& queue);
  void move_to(State& state);

 private:
  std::optional<Time> expiry_of(const Extras* extras) const;
  std::uint32_t extras(const std::shared_ptr<const Extras>& extras);

  Duration to_elapsed_;
  std::vector<BodyState> bodies_;
  std::vector<ExtrasState> extras_;
  std::unordered_map<const Publication*, std::uint32_t> body_index_;
  std::unordered_map<const Extras*, std::uint32_t> extras_index_;
};

// What was made of the tables of a state.
struct Restored {
  std::vector<SharedPublication> bodies;
  std::vector<std::shared_ptr<const Extras>> extras;
};

Restored restore_tables(const State& state, Duration to_elapsed);
std::vector<Queued> to_queued(const std::vector<QueuedState>& queue, const Restored& restored);

}  // namespace cauce::gateway::broker
