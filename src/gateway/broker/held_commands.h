// The commands that one company gave in the last day: who is still to get them, however he comes
// (decision 010).
//
// Whoever subscribes to a device's commands hears each of them until he has acknowledged it: the
// device itself, and perhaps a bridge. Nobody hears one that was answered, withdrawn or has
// expired.
#pragma once

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/time.h"
#include "gateway/broker/publication.h"
#include "record/command.h"

namespace cauce::gateway::broker {

struct HeldCommand {
  std::string id;
  std::string device;
  stream::Position position;              // in `commands`
  std::shared_ptr<const Extras> extras;   // with the moment at which it expires
  Duration given_at{0};                   // Clock::elapsed
  bool sent = false;                      // to anybody
  bool over = false;                      // answered or withdrawn
  std::vector<std::string> done_by = {};  // names of those who acknowledged it
};

// One thread.
class HeldCommands {
 public:
  // False when its id or its position is known: it was given before.
  bool keep(HeldCommand command);

  // nullptr: it is unknown, or was given more than command_wait_max ago.
  HeldCommand* find(std::string_view id);
  HeldCommand* find(stream::Position position);

  // Those that `listener`, a device's name, is still to get by a subscription to `filter`, by
  // topic, each topic's in the order in which they were given.
  std::vector<const HeldCommand*> wanted(std::string_view filter, std::string_view listener,
                                         Duration now) const;
  // Whether `listener` is to get what stands there; of what is unknown, yes.
  bool is_wanted(stream::Position position, std::string_view listener, Duration now) const;

  // From now on `listener` gets it no more …
  void finish(HeldCommand& command, std::string_view listener);
  // … or nobody does.
  void end(HeldCommand& command);

  // Forgets those that were given command_wait_max ago.
  void forget(Duration now);

  // By position.
  const std::map<stream::Position, HeldCommand>& all() const { return all_; }

 private:
  std::map<stream::Position, HeldCommand> all_;
  std::unordered_map<std::string_view, HeldCommand*> by_id_;  // ids of all_
  // Of those that are not over.
  std::map<std::string, std::set<stream::Position>, std::less<>> by_topic_;
};

}  // namespace cauce::gateway::broker
