// The directory that holds a backup, as docs/formats/backup.md describes it. It holds one at most,
// and it holds it whole: a new one is made beside the one before and takes its place by the
// replacement of one file, BACKUP.json.
//
// Objects never change once they are committed, so those of the backup before stay where they are
// and only new ones are copied.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "disk/directory.h"

namespace cauce::app {

constexpr int backup_version = 1;
constexpr const char* backup_file = "BACKUP.json";

// What BACKUP.json says.
struct BackupNote {
  std::string program;  // its version
  Time began_at;        // what was acknowledged before is in it
  Time finished_at;
  std::string stores;  // the folder of all that is no object; its list is <stores>.sha256
  Bytes list_sha256;   // of that list
  std::uint64_t files = 0;
  std::uint64_t bytes = 0;
  bool with_key = true;
  struct Topic {
    std::uint64_t first = 0;
    std::uint64_t end = 0;
  };
  std::map<std::string, Topic> topics;
};

// not_found when `directory` holds no backup, corrupt when BACKUP.json is damaged.
Result<BackupNote> read_note(const std::filesystem::path& directory);

// One thread.
class BackupTarget {
 public:
  // Makes the directory when it is absent. `conflict` when another backup is going on there,
  // `invalid` when it holds something else than a backup.
  static Result<std::unique_ptr<BackupTarget>> open(const std::filesystem::path& directory);
  // Takes away what was begun and not finished.
  ~BackupTarget();

  // What the directory held when it was opened.
  const std::optional<BackupNote>& before() const { return before_; }
  // An empty folder, to be filled with the stores other than objects.
  std::filesystem::path stores() const { return directory_ / name_; }

  // Copies an object unless the backup before has it; answers the SHA-256 of its copy. `invalid`
  // when that one holds another object under this key: it is then of another installation.
  Result<Bytes> add_object(const std::string& key, const std::filesystem::path& source);
  // The same for an entry of a manifest, which is compared with the one before.
  Result<void> add_entry(const std::string& key, const std::filesystem::path& source);
  // An object that may change under its key, with these bytes: it lies among the stores.
  Result<void> add_changing(const std::string& key, BytesView content);
  std::uint64_t objects_copied() const { return objects_copied_; }

  // Makes all of it durable and then the backup; fills what `note` has to say of the files.
  Result<BackupNote> finish(BackupNote note);

 private:
  using Sums = std::unordered_map<std::string, Bytes>;  // SHA-256 by path in the directory

  explicit BackupTarget(std::filesystem::path directory) : directory_(std::move(directory)) {}
  Result<void> look_around();
  Result<Bytes> copy_object(const std::string& path, const std::filesystem::path& source);
  Result<void> add_stores();
  // Removes what `kept` does not name, and other folders of stores than `stores`.
  void sweep(const Sums& kept, const std::string& stores);

  const std::filesystem::path directory_;
  std::unique_ptr<disk::Lock> lock_;
  std::optional<BackupNote> before_;
  Sums before_sums_;
  Sums sums_;
  std::uint64_t bytes_ = 0;
  std::string name_;
  std::uint64_t objects_copied_ = 0;
  bool finished_ = false;
};

}  // namespace cauce::app
