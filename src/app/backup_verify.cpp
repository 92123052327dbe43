#include "app/backup_verify.h"

#include <fmt/core.h>

#include "app/backup_files.h"

namespace cauce::app {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t named_max = 3;

// The place in the data directory of a file of the backup.
std::string place_of(const std::string& path, const std::string& stores) {
  return path.starts_with(stores + "/") ? path.substr(stores.size() + 1) : path;
}

}  // namespace

Result<void> verify_backup(const fs::path& directory, const BackupNote& note,
                           const ReadFile& read_file) {
  const fs::path list = directory / (note.stores + ".sha256");
  const auto list_sha256 = hash_file(list);
  if (!list_sha256 || *list_sha256 != note.list_sha256) {
    return Error{Outcome::corrupt, fmt::format("{} is damaged or missing; this backup cannot be "
                                               "restored, use another one",
                                               list.string())};
  }
  std::uint64_t damaged = 0;
  std::string names;
  const auto read = read_sums(list, [&](const Sum& sum) -> Result<void> {
    const fs::path file = directory / sum.path;
    const bool is_ours =
        sum.path.starts_with(note.stores + "/") || sum.path.starts_with("objects/");
    if (!is_ours) return Error{Outcome::corrupt, file.string() + " is no part of the backup"};
    const auto sha256 = read_file && damaged == 0 ? read_file(file, place_of(sum.path, note.stores))
                                                  : hash_file(file);
    if (sha256 && *sha256 == sum.sha256) return {};
    const bool is_missing = !sha256 && sha256.error().outcome == Outcome::not_found;
    if (!sha256 && !is_missing && sha256.error().outcome != Outcome::unavailable) {
      return sha256.error();
    }
    if (++damaged > named_max) return {};
    names += fmt::format("{}{}{}", names.empty() ? "" : ", ", file.string(),
                         is_missing ? " (missing)" : "");
    return {};
  });
  if (!read) return read;
  if (damaged == 0) return {};
  return Error{Outcome::corrupt,
               fmt::format("{} of {} files of the backup are damaged: {}{}; use another backup, or "
                           "remove these and back up again",
                           damaged, note.files, names, damaged > named_max ? ", …" : "")};
}

}  // namespace cauce::app
