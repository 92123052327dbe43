// DIR/commands.db: every command of the last days, and what came of it (docs/formats/commands.md).
// A Store is one connection of one thread; the desk (desk.h) opens two, and is its only user.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "commands/command.h"
#include "commands/tally.h"
#include "record/session.h"
#include "sql/database.h"
#include "stream/stream.h"

namespace cauce::commands {

// What somebody wants a device to do.
struct Order {
  std::string company;
  std::string device;
  std::string content_type;
  Bytes payload;
  std::string given_by;
  Duration wait{0};           // more than 0, at most record::command_wait_max
  Bytes repeat_key = {};      // who may send it again knows it by this; empty: nobody
  Bytes repeat_request = {};  // tells his requests apart
};

// A command that came with a repeat_key.
struct Repeated {
  Command command;
  Bytes request;
};

// Where the stream has a command, or its withdrawal.
struct Noted {
  std::string id;
  bool is_withdrawal = false;
  std::uint64_t position = 0;
};

// A step as the gateway wrote it, and when.
struct Step {
  Time at;
  bool is_of_device = true;  // else of a bridge, or who else may listen
  record::CommandStep step;
};

class Store {
 public:
  // Of the payload, in a list.
  static constexpr std::size_t payload_shown_max = 200;

  static Result<std::unique_ptr<Store>> open(const std::filesystem::path& directory,
                                             sql::Durability durability);

  // `command` as it was given, with what tells its repetition; nothing came of it yet.
  Result<void> add(const Command& command, const Order& order);
  Result<void> remove(std::string_view id);

  // The first time counts.
  Result<void> withdraw(std::string_view id, Time at);
  Result<void> keep_after_all(std::string_view id);  // it was not withdrawn

  Result<std::optional<Command>> find(std::string_view company, std::string_view device,
                                      std::string_view id);
  // The newest first, those that were given before `before` (an id of the device), without answers
  // and with the beginning of the payload. not_found when there is no such id.
  Result<std::vector<Command>> list(std::string_view company, std::string_view device,
                                    std::string_view before, std::size_t commands_max);
  // The newest of this key that was given after `since`.
  Result<std::optional<Repeated>> find_repeated(BytesView repeat_key, Time since);

  // Of the device, not expired at `now`: State::waiting and State::sent.
  Result<std::uint64_t> count_open(std::string_view company, std::string_view device, Time now);
  // Those that the company gave after `since`, the first of them first.
  Result<Tally> given(std::string_view company, Time since);

  // Those that may not be in the stream: nobody noted that they are, nor that they were sent; and
  // those whose withdrawal may not be there. In the order in which they were given, not expired at
  // `now`: the next ones after `number`, at most `commands_max`. Moves `number`.
  Result<std::vector<Command>> next_unsent(std::int64_t& number, Time now,
                                           std::size_t commands_max);

  // All of them in one transaction each.
  Result<void> note(const std::vector<Noted>& noted);
  // A step of a command that is not there, or is another company's or device's, changes nothing.
  Result<void> apply(const std::vector<Step>& steps, stream::Partition partition,
                     stream::Position position);

  // Of `raw`: what comes before it was applied. nullopt when nothing ever was.
  Result<std::optional<stream::Position>> position(stream::Partition partition);

  // At most `commands_max`; answers how many went.
  Result<std::int64_t> forget(Time given_before, std::size_t commands_max);

 private:
  explicit Store(sql::Database database) : database_(std::move(database)) {}

  Result<void> apply_one(const Step& step);

  sql::Database database_;
};

// Copies the commands of `directory`, which a cauce may be writing, to `target`. not_found while
// there are none.
Result<void> copy_commands(const std::filesystem::path& directory,
                           const std::filesystem::path& target);

}  // namespace cauce::commands
