#include "commands/desk.h"

#include <fmt/core.h>

#include <utility>

#include "base/failpoint.h"
#include "base/invariant.h"
#include "base/log.h"
#include "commands/store_tables.h"
#include "disk/lock.h"
#include "record/command.h"

namespace cauce::commands {
namespace {

constexpr stream::Partition only_partition{0};
// A predecessor that was just killed lets go of its lock within this.
constexpr Duration lock_wait_max = std::chrono::seconds{2};
constexpr std::size_t repeated_at_once = 100;
constexpr std::size_t id_random_bytes = 8;

std::string new_id(Random& random) {
  return "c-" + to_hex(random.bytes(id_random_bytes));
}

record::Command record_of(const Command& command) {
  record::Command record;
  record.id = command.id;
  record.expires_at = command.expires_at;
  record.message.company = command.company;
  record.message.device = command.device;
  record.message.topic = record::commands_topic(command.device);
  record.message.received_at = command.given_at;
  record.message.content_type = command.content_type;
  record.message.payload = command.payload;
  return record;
}

// Makes durable what was appended, as far as the disk takes it.
Result<void> drain(work::Worker& writer) {
  for (;;) {
    const auto step = writer.step();
    if (!step) return step.error();
    if (*step == work::Progress::idle) return {};
  }
}

}  // namespace

Desk::Desk(std::unique_ptr<disk::Lock> lock, std::unique_ptr<Store> store,
           const DeskSources& sources)
    : lock_(std::move(lock)), store_(std::move(store)), sources_(sources) {}

Result<std::unique_ptr<Desk>> Desk::open(const std::filesystem::path& directory,
                                         const DeskSources& sources, FollowerLimits limits) {
  constexpr std::string_view activity = "open the commands";
  auto lock = disk::lock_file(directory / commands_lock_file, "cauce api", lock_wait_max);
  if (!lock) return lock.error().during(activity);
  auto store = Store::open(directory, sql::Durability::synced);
  if (!store) return store.error().during(activity);
  // What it writes is in `raw`, or in the stream of commands, too: no need to wait for the disk.
  auto followed = Store::open(directory, sql::Durability::unsynced);
  if (!followed) return followed.error().during(activity);
  std::unique_ptr<Desk> desk(new Desk(*std::move(lock), *std::move(store), sources));
  auto follower =
      Follower::open(*std::move(followed), sources.raw, desk->notes_, sources.clock, limits);
  if (!follower) return follower.error().during(activity);
  desk->follower_ = *std::move(follower);
  if (auto repeated = desk->repeat(); !repeated) return repeated.error().during(activity);
  return desk;
}

Result<void> Desk::give(const Order& order, Done done) {
  Command command;
  command.id = new_id(sources_.random);
  command.company = order.company;
  command.device = order.device;
  command.content_type = order.content_type;
  command.payload = order.payload;
  command.payload_bytes = order.payload.size();
  command.given_at = sources_.clock.now();
  command.given_by = order.given_by;
  INVARIANT(order.wait > Duration{0} && order.wait <= record::command_wait_max);
  command.expires_at = command.given_at + order.wait;
  if (auto added = store_->add(command, order); !added) return added;
  FAILPOINT("commands.after_row");
  auto appended = append(command, std::move(done));
  if (appended) {
    const auto tally = tallies_.find(command.company);
    if (tally != tallies_.end()) tally->second.add({command.given_at, command.payload_bytes});
    return {};
  }
  if (auto removed = store_->remove(command.id); !removed) return removed;
  return appended;
}

Result<Given> Desk::given(std::string_view company) {
  const Time now = sources_.clock.now();
  auto tally = tallies_.find(company);
  if (tally == tallies_.end()) {
    auto known = store_->given(company, now - Tally::span);
    if (!known) return known.error();
    tally = tallies_.emplace(company, *std::move(known)).first;
  }
  return tally->second.until(now);
}

Result<void> Desk::withdraw(const Command& command, Done done) {
  Command withdrawn = command;
  if (!command.withdrawn_at) {
    withdrawn.withdrawn_at = sources_.clock.now();
    if (auto noted = store_->withdraw(command.id, *withdrawn.withdrawn_at); !noted) return noted;
    FAILPOINT("commands.after_withdrawal");
  }
  auto appended = append_withdrawal(withdrawn, std::move(done));
  if (appended || command.withdrawn_at) return appended;
  if (auto kept = store_->keep_after_all(command.id); !kept) return kept;
  return appended;
}

Result<void> Desk::append(const Command& command, Done done) {
  return append_record(record::encode(record_of(command)), {command.id, false, 0}, command,
                       std::move(done));
}

Result<void> Desk::append_withdrawal(const Command& command, Done done) {
  const record::Withdrawal withdrawal{*command.withdrawn_at, command.company, command.device,
                                      command.id};
  return append_record(record::encode(withdrawal), {command.id, true, 0}, command, std::move(done));
}

Result<void> Desk::append_record(Bytes record, Noted noted, const Command& command, Done done) {
  std::vector<Bytes> records;
  records.push_back(std::move(record));
  auto acknowledge = [notes = notes_, noted = std::move(noted), command = command,
                      done = std::move(done)](const Result<stream::Position>& at) mutable {
    if (!at) return done(at.error());
    noted.position = at->number;
    if (!noted.is_withdrawal) command.position = at->number;
    notes->add(std::move(noted));
    done(std::move(command));
  };
  return sources_.commands.append(only_partition, std::move(records), std::move(acknowledge));
}

// What was answered to nobody yet, or was and is not noted: both are appended once more.
Result<void> Desk::repeat() {
  std::int64_t number = 0;
  for (;;) {
    const auto unsent = store_->next_unsent(number, sources_.clock.now(), repeated_at_once);
    if (!unsent) return unsent.error();
    if (unsent->empty()) return {};
    for (const Command& command : *unsent) {
      const auto taken = repeat_one(command);
      if (!taken) return taken.error();
      if (*taken) continue;
      log::warning(
          "commands: the disk is full, so that commands whose sending was interrupted are "
          "not sent before the next start");
      return {};
    }
    if (auto drained = drain(sources_.commands.worker()); !drained) return drained;
  }
}

Result<bool> Desk::repeat_one(const Command& command) {
  const Done nobody = [](const auto&) {};
  const auto appended =
      command.withdrawn_at ? append_withdrawal(command, nobody) : append(command, nobody);
  if (!appended && appended.error().outcome != Outcome::exhausted) return appended.error();
  return appended.has_value();
}

}  // namespace cauce::commands
