#include <fmt/core.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "app/backup_order.h"
#include "app/backup_verify.h"
#include "app/commands.h"
#include "base/clock.h"

namespace cauce::app {
namespace {

struct Backup {
  std::filesystem::path data = default_data;
  std::filesystem::path target;
  std::filesystem::path verify;  // a backup to be checked, instead of making one
  bool without_key = false;
};

namespace fs = std::filesystem;

// Behind those who serve devices: for the processor, and for disks whose scheduler looks at it.
void step_back() {
  constexpr int niceness = 10;
  static_cast<void>(setpriority(PRIO_PROCESS, 0, niceness));
  constexpr int who_process = 1;                   // linux/ioprio.h: IOPRIO_WHO_PROCESS
  constexpr int best_effort_lowest = 2 << 13 | 7;  // IOPRIO_CLASS_BE, level 7
  static_cast<void>(syscall(SYS_ioprio_set, who_process, 0, best_effort_lowest));
}

// Each segment of the stream is held open: a day of a busy one has thousands.
void allow_many_files() {
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) return;
  files.rlim_cur = files.rlim_max;
  static_cast<void>(setrlimit(RLIMIT_NOFILE, &files));
}

bool is_within(const fs::path& inner, const fs::path& outer) {
  const auto [end, rest] = std::mismatch(outer.begin(), outer.end(), inner.begin(), inner.end());
  return end == outer.end();
}

Result<void> check_apart(const fs::path& data, const fs::path& target) {
  std::error_code failure;
  const fs::path real_data = fs::weakly_canonical(data, failure);
  const fs::path real_target = fs::weakly_canonical(target, failure);
  if (!is_within(real_data, real_target) && !is_within(real_target, real_data)) return {};
  return Error{Outcome::invalid,
               fmt::format("{} and {} lie in each other; name a directory elsewhere, best on "
                           "another disk",
                           data.string(), target.string())};
}

// Whatever somebody put there is not ours to copy, but he must know.
void name_strangers(const fs::path& data) {
  constexpr std::array<std::string_view, 10> known{"stream",    "objects", "recent",  "business",
                                                   "secret",    "run",     "scratch", "cauce.lock",
                                                   "cauce.log", "sessions"};
  constexpr std::array<std::string_view, 5> databases{"jobs.db", "alarms.db", "dead_letters.",
                                                      "ledger.", "commands."};
  std::error_code failure;
  for (const auto& entry : fs::directory_iterator(data, failure)) {
    const std::string name = entry.path().filename().string();
    const bool is_known =
        std::find(known.begin(), known.end(), name) != known.end() ||
        std::any_of(databases.begin(), databases.end(),
                    [&name](std::string_view prefix) { return name.starts_with(prefix); });
    if (!is_known) {
      std::fprintf(stderr, "cauce: %s is not part of a backup and was left out\n",
                   entry.path().c_str());
    }
  }
}

Error explained(const Error& error, const fs::path& directory,
                const std::optional<BackupNote>& before) {
  const std::string held =
      before ? "the backup of " + format_time(before->began_at) : std::string("no backup");
  return {error.outcome,
          fmt::format("{}; {} holds {} as before", error.message, directory.string(), held)};
}

void print_done(const Backup& command, const BackupNote& note, std::uint64_t objects_copied,
                Duration took) {
  std::printf("backup of %s in %s: everything acknowledged before %s\n", command.data.c_str(),
              command.target.c_str(), format_time(note.began_at).c_str());
  std::printf("  %s\n",
              fmt::format("{} files, {:.1f} MB, {} new objects, {:.1f} s", note.files,
                          double(note.bytes) / 1e6, objects_copied, double(took.count()) / 1e6)
                  .c_str());
  if (note.with_key) {
    std::printf(
        "  secret/master.key is in it: who can read this backup can read the devices' keys "
        "(--without-key leaves it out)\n");
  } else {
    std::printf(
        "  secret/master.key is not in it: keep a copy of it, a restore needs it; nor is "
        "secret/links.key, without which links to charts end\n");
  }
}

Result<void> make_backup(const Backup& command) {
  if (auto restored = check_restored(command.data); !restored) return restored;
  if (auto found = check_data(command.data); !found) return found;
  if (auto apart = check_apart(command.data, command.target); !apart) return apart;
  umask(077);
  step_back();
  allow_many_files();
  auto target = BackupTarget::open(fs::absolute(command.target));
  if (!target) return target.error().during("cannot back up");
  const SystemClock clock;
  const Duration began = clock.elapsed();
  const Engines engines{command.data, clock};
  BackupNote note;
  note.program = CAUCE_VERSION;
  note.began_at = clock.now();
  note.with_key = !command.without_key;
  const auto copied = copy_stores(engines, !command.without_key, **target, note, {});
  if (!copied) return explained(copied.error(), command.target, (*target)->before());
  note.finished_at = clock.now();
  const auto finished = (*target)->finish(std::move(note));
  if (!finished) return explained(finished.error(), command.target, (*target)->before());
  name_strangers(command.data);
  print_done(command, *finished, (*target)->objects_copied(), clock.elapsed() - began);
  return {};
}

Result<void> verify(const Backup& command) {
  const auto note = read_note(command.verify);
  if (!note) return note.error();
  const auto whole = verify_backup(command.verify, *note, {});
  if (!whole) return whole;
  std::printf("backup in %s is whole: %s, everything acknowledged before %s\n",
              command.verify.c_str(),
              fmt::format("{} files, {:.1f} MB", note->files, double(note->bytes) / 1e6).c_str(),
              format_time(note->began_at).c_str());
  return {};
}

Result<void> run_backup(const Backup& command) {
  return command.verify.empty() ? make_backup(command) : verify(command);
}

}  // namespace

Result<void> check_restored(const fs::path& data) {
  std::error_code failure;
  if (!fs::exists(data / unfinished_restore_file, failure)) return {};
  return Error{Outcome::conflict,
               fmt::format("a restore into {} was not finished; remove the directory and run cauce "
                           "restore again",
                           data.string())};
}

void add_backup_command(Command program) {
  const auto command = std::make_shared<Backup>();
  Command backup = program.add_command("backup", "copy the data of a cauce, running or not");
  backup.add_option("--data", command->data, data_help);
  backup.add_flag("--without-key", command->without_key, "leave the keys in secret/ out");
  Command where = backup.add_alternatives("where");
  where.add_option("--to", command->target, "the directory that holds the backup");
  where.add_option("--verify", command->verify, "check the backup in this directory instead");
  backup.runs([command] { return run_backup(*command); });
}

}  // namespace cauce::app
