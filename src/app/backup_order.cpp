#include "app/backup_order.h"

#include <array>
#include <map>
#include <string>

#include "alarms/store.h"
#include "app/backup_data_sets.h"
#include "app/link_key.h"
#include "commands/store.h"
#include "decode/dead_letters.h"
#include "disk/posix.h"
#include "gateway/session_files.h"
#include "ledger/ledger.h"
#include "objects/committed.h"

namespace cauce::app {
namespace {

namespace fs = std::filesystem;

constexpr std::array<const char*, 5> topics{"raw", "readings", "facts", "events", "commands"};

// The one set of objects that is made of raw; others are made of what comes later.
const std::string lake = "lake";

class StoreCopy {
 public:
  StoreCopy(const Engines& engines, bool with_key, BackupTarget& target, BackupNote& note)
      : engines_(engines),
        with_key_(with_key),
        target_(target),
        note_(note),
        objects_(engines.objects()),
        data_sets_(*objects_) {}

  Result<void> pin();
  Result<void> jobs() { return engines_.copy_jobs(target_.stores()); }
  Result<void> recent() { return engines_.copy_recent(target_.stores()); }
  Result<void> alarms();
  Result<void> topic(const std::string& name);
  Result<void> manifests_but_lake();
  Result<void> manifest(const std::string& prefix);
  Result<void> dead_letters();
  Result<void> ledger();
  Result<void> history();
  Result<void> charts() { return data_sets_.read_charts(); }
  Result<void> data_sets() { return data_sets_.read_sets(); }
  Result<void> sessions() {
    return gateway::SessionFiles{engines_.sessions()}.copy_to(
        *disk::posix_directory(target_.stores() / "sessions"));
  }
  Result<void> business();
  Result<void> objects();

 private:
  const Engines& engines_;
  const bool with_key_;
  BackupTarget& target_;
  BackupNote& note_;
  const std::unique_ptr<objects::Objects> objects_;
  DataSetsCopy data_sets_;
  std::map<std::string, std::unique_ptr<stream::Snapshot>> pinned_;
  std::map<std::string, objects::Committed> committed_;
  std::optional<stream::Position> events_known_;
};

// From here on nothing that a consumer still wants can leave the stream.
Result<void> StoreCopy::pin() {
  for (const char* name : topics) {
    auto pinned = engines_.pin_topic(name);
    if (!pinned) return pinned.error();
    pinned_[name] = std::move(*pinned);
  }
  return {};
}

Result<void> StoreCopy::alarms() {
  const auto known =
      alarms::copy_store(engines_.data() / "alarms.db", target_.stores() / "alarms.db");
  if (!known && known.error().outcome == Outcome::not_found) return {};
  if (!known) return known.error();
  events_known_ = stream::Position{*known};
  return {};
}

Result<void> StoreCopy::topic(const std::string& name) {
  // What alarms made after they were copied, they make again: it must not be there already.
  const auto source_max = name == "events" ? events_known_ : std::nullopt;
  const auto copied = pinned_[name]->copy_to(target_.stores() / "stream" / name, source_max);
  if (!copied) return copied.error();
  for (const stream::CopiedPartition& partition : *copied)
    note_.topics[name] = {partition.first.number, partition.end.number};
  pinned_.erase(name);
  return {};
}

Result<void> StoreCopy::manifests_but_lake() {
  const auto prefixes = objects::manifest_prefixes(*objects_);
  if (!prefixes) return prefixes.error();
  for (const std::string& prefix : *prefixes) {
    if (prefix == lake) continue;
    if (auto read = manifest(prefix); !read) return read;
  }
  return {};
}

Result<void> StoreCopy::manifest(const std::string& prefix) {
  auto committed = objects::read_committed(*objects_, prefix);
  if (!committed) return committed.error();
  committed_[prefix] = std::move(*committed);
  return {};
}

Result<void> StoreCopy::dead_letters() {
  const auto copied = decode::copy_dead_letters(engines_.data(), target_.stores());
  if (!copied && copied.error().outcome == Outcome::not_found) return {};
  return copied;
}

Result<void> StoreCopy::ledger() {
  const auto copied = ledger::copy_ledger(engines_.data(), target_.stores());
  if (!copied && copied.error().outcome == Outcome::not_found) return {};
  return copied;
}

Result<void> StoreCopy::history() {
  const auto copied = commands::copy_commands(engines_.data(), target_.stores());
  if (!copied && copied.error().outcome == Outcome::not_found) return {};
  return copied;
}

Result<void> StoreCopy::business() {
  if (auto done = engines_.copy_business(target_.stores(), with_key_); !done) return done;
  return with_key_ ? copy_link_key(engines_.data(), target_.stores()) : Result<void>{};
}

// At last, because it may take long and what was committed never changes.
Result<void> StoreCopy::objects() {
  for (const auto& [prefix, committed] : committed_) {
    for (const std::string& key : committed.entries) {
      const auto file = objects_->local_copy(key);
      if (!file) return file.error();
      if (auto added = target_.add_entry(key, *file); !added) return added;
    }
    for (const objects::ManifestObject& object : committed.objects) {
      const auto file = objects_->local_copy(object.key);
      if (!file) {
        return Error{Outcome::corrupt, file.error().message + ", which the manifest of " + prefix +
                                           " names; run: cauce doctor"};
      }
      if (auto added = target_.add_object(object.key, *file); !added) return added.error();
    }
  }
  return data_sets_.copy(target_);
}

}  // namespace

// Who consumes comes before what he consumes, so nobody in the copy is ahead of his source; who
// repeats work that was done before whom it was done to, so nothing falls between them.
Result<void> copy_stores(const Engines& engines, bool with_key, BackupTarget& target,
                         BackupNote& note, const AfterStep& after_step) {
  StoreCopy copy{engines, with_key, target, note};
  struct Step {
    std::string_view name;
    std::function<Result<void>()> run;
  };
  const std::array<Step, 19> steps{{
      {"pins", [&] { return copy.pin(); }},
      {"sessions", [&] { return copy.sessions(); }},
      {"jobs", [&] { return copy.jobs(); }},
      {"recent", [&] { return copy.recent(); }},
      {"alarms", [&] { return copy.alarms(); }},
      {"events", [&] { return copy.topic("events"); }},
      {"manifest of facts", [&] { return copy.manifests_but_lake(); }},
      {"facts", [&] { return copy.topic("facts"); }},
      {"readings", [&] { return copy.topic("readings"); }},
      {"dead letters", [&] { return copy.dead_letters(); }},
      {"ledger", [&] { return copy.ledger(); }},
      {"history of commands", [&] { return copy.history(); }},
      {"manifest of lake", [&] { return copy.manifest(lake); }},
      {"raw", [&] { return copy.topic("raw"); }},
      {"commands", [&] { return copy.topic("commands"); }},
      {"charts", [&] { return copy.charts(); }},
      {"data sets", [&] { return copy.data_sets(); }},
      {"business", [&] { return copy.business(); }},
      {"objects", [&] { return copy.objects(); }},
  }};
  for (const Step& step : steps) {
    if (auto done = step.run(); !done) return done;
    if (after_step) after_step(step.name);
  }
  return {};
}

}  // namespace cauce::app
