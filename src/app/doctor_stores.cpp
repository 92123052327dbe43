#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <optional>

#include "api/pins.h"
#include "app/commands.h"
#include "app/counted.h"
#include "app/doctor.h"
#include "app/engine_checks.h"
#include "datasets/committed_sets.h"
#include "disk/error.h"
#include "gateway/gateway.h"
#include "gateway/session_files.h"
#include "objects/committed.h"
#include "sql/check.h"

namespace cauce::app {
namespace {

namespace fs = std::filesystem;

constexpr Duration clock_slack = std::chrono::minutes{1};
constexpr std::uint64_t named_max = 3;

// Whose the file is and who may read it. Nobody else shall read what devices say.
void examine_owner(const fs::path& data, Findings& findings) {
  struct stat directory{};
  if (stat(data.c_str(), &directory) != 0) return;
  if (access(data.c_str(), R_OK | W_OK | X_OK) != 0) {
    findings.push_back({State::wrong, "rights",
                        fmt::format("this user (id {}) may not write to {}; run as its owner (id "
                                    "{}), or change the owner with chown -R",
                                    geteuid(), data.string(), directory.st_uid)});
    return;
  }
  std::uint64_t foreign = 0;
  std::string first;
  std::error_code failure;
  fs::recursive_directory_iterator entry(data, failure);
  for (; !failure && entry != fs::recursive_directory_iterator(); entry.increment(failure)) {
    struct stat status{};
    if (lstat(entry->path().c_str(), &status) != 0) continue;
    const bool may_use = (status.st_mode & S_IRUSR) != 0 && (status.st_mode & S_IWUSR) != 0;
    if (status.st_uid == directory.st_uid && (may_use || S_ISLNK(status.st_mode))) continue;
    if (++foreign == 1) first = entry->path().string();
  }
  if (failure) {
    findings.push_back({State::wrong, "rights",
                        disk::error_of("look into", data.string(), failure.value()).message +
                            "; run as its owner, or give the owner the right with chmod u+rwX"});
    return;
  }
  if (foreign > 0) {
    findings.push_back({State::wrong, "rights",
                        fmt::format("{} files, the first is {}, do not belong to the owner of {} "
                                    "or cannot be written by him; run: chown -R {}:{} {} && chmod "
                                    "-R u+rwX {}",
                                    foreign, first, data.string(), directory.st_uid,
                                    directory.st_gid, data.string(), data.string())});
    return;
  }
  if ((directory.st_mode & S_IRWXO) != 0) {
    findings.push_back({State::warning, "rights",
                        fmt::format("everybody may look into {} (mode {:04o}); run: chmod 700 {}",
                                    data.string(), directory.st_mode & 07777, data.string())});
    return;
  }
  findings.push_back(
      {State::ok, "rights", fmt::format("all belongs to user id {}", directory.st_uid)});
}

Finding key_finding(const fs::path& data) {
  const fs::path key = data / "secret" / "master.key";
  std::error_code failure;
  struct stat status{};
  if (lstat(key.c_str(), &status) != 0) {
    if (!fs::exists(data / "business" / "business.db", failure)) {
      return {State::ok, "master key", "none is needed yet"};
    }
    return {State::wrong, "master key",
            key.string() +
                " is missing, so no device key can be read; put it back from a copy, "
                "mode 0600"};
  }
  if ((status.st_mode & 077) != 0) {
    return {State::wrong, "master key",
            fmt::format("{} has mode {:04o}, so others may read it; run: chmod 600 {}",
                        key.string(), status.st_mode & 07777, key.string())};
  }
  return {State::ok, "master key", "there, for its owner alone; keep a copy of it elsewhere"};
}

void add(Findings& findings, std::string check, const Result<std::string>& result,
         std::string_view mend) {
  if (result) {
    findings.push_back({State::ok, std::move(check), *result});
    return;
  }
  std::string sentence = result.error().message;
  if (!mend.empty()) sentence += fmt::format("; {}", mend);
  findings.push_back({State::wrong, std::move(check), std::move(sentence)});
}

Result<std::string> look_at_topic(const fs::path& data, const std::string& name) {
  const auto found = check_topic(data, name);
  if (!found) return found.error();
  if (found->empty()) return std::string("nothing was written yet");
  std::string text;
  for (const stream::CopiedPartition& partition : *found) {
    if (!text.empty()) text += ", ";
    text += stream::tell_positions(partition.first, partition.end);
  }
  return text;
}

Result<std::string> look_at_recent(const fs::path& data) {
  const auto months = check_recent(data);
  if (!months) return months.error();
  return counted(*months, "month");
}

Result<std::string> look_at_database(const fs::path& file) {
  const auto checked = sql::check_database(file);
  if (!checked && checked.error().outcome == Outcome::not_found) {
    return std::string("nothing was written yet");
  }
  if (!checked) return checked.error();
  return std::string("quick_check found nothing");
}

// Whether every object that counts is there, and as long as it was.
Result<std::string> look_at_objects(objects::Objects& objects, const std::string& prefix) {
  const auto committed = objects::read_committed(objects, prefix);
  if (!committed) return committed.error();
  std::uint64_t bad = 0;
  std::string names;
  for (const objects::ManifestObject& object : committed->objects) {
    const auto file = objects.local_copy(object.key);
    std::error_code failure;
    const bool is_whole = file && fs::file_size(*file, failure) == object.bytes && !failure;
    if (is_whole) continue;
    if (++bad > named_max) continue;
    names += fmt::format("{}{}{}", names.empty() ? "" : ", ", object.key,
                         file ? " (another size)" : " (missing)");
  }
  if (bad == 0) {
    return fmt::format("{} in {} {}", counted(committed->objects.size(), "object"),
                       committed->entries.size(),
                       committed->entries.size() == 1 ? "entry" : "entries");
  }
  return Error{Outcome::corrupt,
               fmt::format("{} of {} objects are damaged: {}{}", bad, committed->objects.size(),
                           names, bad > named_max ? ", …" : "")};
}

// What is not as long as it was, or not there. Who removes `owner` first removes what names `key`.
struct Missing {
  std::uint64_t files = 0;
  std::string names;

  void look(objects::Objects& objects, const std::string& key, const std::string& owner,
            std::optional<std::uint64_t> bytes) {
    const auto file = objects.local_copy(key);
    std::error_code failure;
    if (file && (!bytes || fs::file_size(*file, failure) == *bytes) && !failure) return;
    if (const auto note = objects.get(owner); !note) return;  // removed meanwhile
    if (++files > named_max) return;
    names += fmt::format("{}{}{}", names.empty() ? "" : ", ", key,
                         file ? " (another size)" : " (missing)");
  }
  Result<std::string> told(std::string sound) const {
    if (files == 0) return sound;
    return Error{Outcome::corrupt, fmt::format("{} files are damaged: {}{}; restore from a backup",
                                               files, names, files > named_max ? ", …" : "")};
  }
};

Result<std::string> look_at_data_sets(objects::Objects& objects) {
  const auto sets = datasets::read_committed_sets(objects);
  if (!sets) return sets.error();
  Missing missing;
  std::size_t versions = 0;
  for (const datasets::CommittedSet& set : *sets) {
    versions += set.set.versions.size();
    for (const datasets::CommittedSet::File& file : set.files)
      missing.look(objects, file.key, set.key, file.bytes);
  }
  return missing.told(fmt::format("{} in {}", sets->size(), counted(versions, "version")));
}

Result<std::string> look_at_charts(objects::Objects& objects) {
  const auto pins = api::read_pins(objects);
  if (!pins) return pins.error();
  Missing missing;
  for (const api::StoredPin& pin : *pins) {
    if (!pin.figures_key.empty()) missing.look(objects, pin.figures_key, pin.key, std::nullopt);
  }
  return missing.told(fmt::format("{} with an address", pins->size()));
}

Result<std::string> look_at_sessions(const Engines& engines) {
  const auto newest = gateway::SessionFiles{engines.sessions()}.newest();
  if (!newest) return newest.error();
  if (!*newest) return std::string("nothing was written yet");
  return fmt::format(
      "{} and {}, as of position {} of raw", counted((*newest)->state.sessions.size(), "session"),
      counted((*newest)->state.retained.size(), "retained message"), (*newest)->position.number);
}

Result<std::string> look_at_clock(const Engines& engines, const Clock& clock) {
  const auto raw = engines.topic("raw")->open_reader();
  if (!raw) return raw.error();
  const auto newest = gateway::last_received_at(**raw);
  if (!newest) return newest.error();
  const Time now = clock.now();
  if (*newest <= now + clock_slack) return "now " + format_time(now);
  return Error{Outcome::invalid,
               fmt::format("it is {}, but the newest message arrived at {}: the clock was wrong "
                           "then or is now. Until it has passed that time, messages are stamped "
                           "with it; set the clock right",
                           format_time(now), format_time(*newest))};
}

// A message that cannot be read says nothing about the clock: the topic's own line says more.
Finding clock_finding(const Engines& engines, const Clock& clock) {
  const auto looked = look_at_clock(engines, clock);
  if (looked) return {State::ok, "time of messages", *looked};
  if (looked.error().outcome == Outcome::invalid) {
    return {State::wrong, "time of messages", looked.error().message};
  }
  return {State::warning, "time of messages",
          "the newest message cannot be read, so its time is not known; topic raw below says why"};
}

}  // namespace

void examine_rights(const Config& config, Findings& findings) {
  examine_owner(config.data, findings);
  findings.push_back(key_finding(config.data));
  if (const auto restored = check_restored(config.data); !restored) {
    findings.push_back({State::wrong, "restore", restored.error().message});
  }
}

void examine_stores(const Config& config, const Clock& clock, Findings& findings) {
  const Engines engines{config.data, clock};
  constexpr std::string_view restore = "restore from a backup";
  findings.push_back(clock_finding(engines, clock));
  for (const char* topic : topic_names)
    add(findings, fmt::format("topic {}", topic), look_at_topic(config.data, topic),
        "or restore from a backup");
  const auto objects = engines.objects();
  const auto prefixes = objects::manifest_prefixes(*objects);
  if (!prefixes) {
    findings.push_back({State::wrong, "objects", prefixes.error().message});
  } else {
    for (const std::string& prefix : *prefixes)
      add(findings, "objects of " + prefix, look_at_objects(*objects, prefix), restore);
  }
  add(findings, "data sets", look_at_data_sets(*objects), "");
  add(findings, "charts", look_at_charts(*objects), "");
  for (const char* file : {"business/business.db", "jobs.db", "alarms.db", "dead_letters.db",
                           "ledger.db", "commands.db"})
    add(findings, file, look_at_database(config.data / file), restore);
  add(findings, "recent", look_at_recent(config.data), "");
  add(findings, "MQTT sessions", look_at_sessions(engines), "");
}

}  // namespace cauce::app
