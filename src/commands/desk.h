// Commands of devices: taken, kept with what came of them, shown and withdrawn.
//
// A command is a row of the store first, and then a record of the topic `commands`, from which the
// gateway takes it. Only when that is durable is it said to be given. What died in between is
// appended again at the next start: the gateway knows a command that comes twice by its id.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "commands/command.h"
#include "commands/follower.h"
#include "commands/store.h"
#include "disk/directory.h"
#include "stream/stream.h"
#include "work/worker.h"

namespace cauce::commands {

// What the desk works on; all of it outlives the desk.
struct DeskSources {
  stream::Writer& commands;
  stream::Topic& raw;
  const Clock& clock;
  Random& random;
};

// One thread, but for the worker, which has its own.
class Desk {
 public:
  // Holds a lock on DIR/commands.lock: `conflict` naming the holder when another process has it.
  // Appends what the last run left; for that nobody else may give the writer's worker a step yet.
  static Result<std::unique_ptr<Desk>> open(const std::filesystem::path& directory,
                                            const DeskSources& sources, FollowerLimits limits = {});

  // Runs once, on the writer's thread, when what was asked for is durable in the stream; with an
  // error when that cannot be said any more (the process then stops).
  using Done = std::function<void(Result<Command>)>;

  // Invariant: record::check() passes for its message. When it answers an error, nothing was given.
  Result<void> give(const Order& order, Done done);

  // As find() gave it. It is not sent any more, unless that is happening; again, it is the same.
  Result<void> withdraw(const Command& command, Done done);

  Result<std::optional<Command>> find(std::string_view company, std::string_view device,
                                      std::string_view id) {
    return store_->find(company, device, id);
  }
  // As Store::list().
  Result<std::vector<Command>> list(std::string_view company, std::string_view device,
                                    std::string_view before, std::size_t commands_max) {
    return store_->list(company, device, before, commands_max);
  }
  Result<std::optional<Repeated>> find_repeated(BytesView repeat_key, Time since) {
    return store_->find_repeated(repeat_key, since);
  }
  Result<std::uint64_t> count_open(std::string_view company, std::string_view device) {
    return store_->count_open(company, device, sources_.clock.now());
  }
  // In the last 24 hours.
  Result<Given> given(std::string_view company);

  // Learns what came of the commands, and forgets those that are too old.
  work::Worker& worker() { return *follower_; }

 private:
  Desk(std::unique_ptr<disk::Lock> lock, std::unique_ptr<Store> store, const DeskSources& sources);

  Result<void> append(const Command& command, Done done);
  Result<void> append_withdrawal(const Command& command, Done done);
  Result<void> append_record(Bytes record, Noted noted, const Command& command, Done done);
  Result<void> repeat();
  // False when the stream takes no more.
  Result<bool> repeat_one(const Command& command);

  const std::unique_ptr<disk::Lock> lock_;
  const std::unique_ptr<Store> store_;
  const DeskSources sources_;
  std::map<std::string, Tally, std::less<>> tallies_;  // by company, once it was asked about
  const std::shared_ptr<Notes> notes_ = std::make_shared<Notes>();
  std::unique_ptr<Follower> follower_;
};

}  // namespace cauce::commands
