#include <fmt/core.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>

#include "app/backup_files.h"
#include "app/backup_verify.h"
#include "app/commands.h"
#include "disk/error.h"
#include "disk/free_space.h"
#include "disk/posix.h"

namespace cauce::app {
namespace {

struct Restore {
  std::filesystem::path source;
  std::filesystem::path data;
};

namespace fs = std::filesystem;

// What a new file system has by itself.
constexpr const char* lost_and_found = "lost+found";

Result<void> check_empty(const fs::path& data) {
  std::error_code failure;
  if (!fs::exists(data, failure)) return {};
  for (const auto& entry : fs::directory_iterator(data, failure)) {
    if (entry.path().filename() == lost_and_found) continue;
    if (entry.path().filename() == unfinished_restore_file) return check_restored(data);
    return Error{Outcome::conflict,
                 fmt::format("{} is not empty (it holds {}); restore into an empty or a new "
                             "directory",
                             data.string(), entry.path().filename().string())};
  }
  if (failure) return disk::error_of("list", data.string(), failure.value());
  return {};
}

Result<void> check_room(const fs::path& data, const BackupNote& note) {
  const auto space = disk::free_space_of(data)->measure();
  if (!space) return space.error();
  if (space->bytes_free >= note.bytes) return {};
  return Error{
      Outcome::exhausted,
      fmt::format("the backup has {:.1f} MB, but {} has room for {:.1f} MB",
                  double(note.bytes) / 1e6, data.string(), double(space->bytes_free) / 1e6)};
}

// Only what this restore made: the directory was empty.
void take_back(const fs::path& data, bool was_there) {
  std::error_code ignored;  // the file that says it is unfinished goes last
  for (const auto& entry : fs::directory_iterator(data, ignored)) {
    const fs::path name = entry.path().filename();
    if (name != lost_and_found && name != unfinished_restore_file) {
      fs::remove_all(entry.path(), ignored);
    }
  }
  fs::remove(data / unfinished_restore_file, ignored);
  if (!was_there) fs::remove(data, ignored);
}

Result<void> fill(const Restore& command, const fs::path& data, const BackupNote& note) {
  if (auto room = check_room(data, note); !room) return room;
  const auto copied = verify_backup(
      command.source, note, [&](const fs::path& file, const std::string& path) -> Result<Bytes> {
        const fs::path target = data / path;
        if (auto made = make_private_directory(target.parent_path()); !made) return made.error();
        return copy_hashed(file, target);
      });
  if (!copied) return copied;
  if (auto synced = sync_file_system(data); !synced) return synced;
  const auto directory = disk::posix_directory(data);
  if (auto removed = directory->remove(unfinished_restore_file); !removed) return removed;
  return directory->sync();
}

void print_done(const Restore& command, const BackupNote& note) {
  std::printf("restored %s from the backup of %s in %s\n", command.data.c_str(),
              format_time(note.began_at).c_str(), command.source.c_str());
  std::printf("  %s; every checksum is right\n",
              fmt::format("{} files, {:.1f} MB", note.files, double(note.bytes) / 1e6).c_str());
  if (!note.with_key) {
    const std::string key = (command.data / "secret" / "master.key").string();
    std::printf("  before you start it: put your copy of the master key to %s, mode 0600\n",
                key.c_str());
  }
  std::printf("  start it with: cauce serve --data %s\n", command.data.c_str());
}

Result<void> run_restore(const Restore& command) {
  const auto note = read_note(command.source);
  if (!note) return note.error();
  if (auto empty = check_empty(command.data); !empty) return empty;
  umask(077);
  const fs::path data = fs::absolute(command.data);
  std::error_code failure;
  const bool was_there = fs::exists(data, failure);
  if (auto made = make_private_directory(data); !made) return made;
  const auto marked = replace_file(data / unfinished_restore_file,
                                   "cauce restore was not finished; remove this directory\n");
  if (!marked) return marked;
  if (auto filled = fill(command, data, *note); !filled) {
    take_back(data, was_there);
    return filled.error().during("nothing was restored");
  }
  print_done(command, *note);
  return {};
}

}  // namespace

void add_restore_command(Command program) {
  const auto command = std::make_shared<Restore>();
  Command restore = program.add_command("restore", "make a data directory out of a backup");
  restore.add_option("--from", command->source, "the directory that holds the backup").required();
  restore.add_option("--data", command->data, "a new or empty directory").required();
  restore.runs([command] { return run_restore(*command); });
}

}  // namespace cauce::app
