// One month's LMDB environment, and what a commit and a read do with it.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>

#include "recent/months.h"

struct MDB_env;

namespace cauce::recent::lmdb {

enum class Access { read, write };

// Any thread reads; one thread at a time writes.
class Environment {
 public:
  // Opens the environment of the month whose folder is `directory`. nullptr when its files are not
  // there (any more).
  static Result<std::shared_ptr<Environment>> open(const std::filesystem::path& directory,
                                                   Access access, std::uint64_t bytes_max);
  // Makes the folder and an empty environment in it. A reader sees all of it or nothing.
  static Result<void> create(const std::filesystem::path& directory, std::uint64_t bytes_max);

  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;
  ~Environment();

  // All or nothing, and durable when it returns.
  Result<void> commit(const Writes& writes);
  // A read transaction over `environment`, which the snapshot keeps open. `conflict` when the
  // writer has given the file a new size limit: open the environment again.
  static Result<std::unique_ptr<Snapshot>> read(std::shared_ptr<Environment> environment);
  // Writes a compact copy, as it is at one moment, to a new file in `directory`. Not synced.
  Result<void> copy_to(const std::filesystem::path& directory);
  // Frees what readers that died still hold.
  void release_dead_readers();

  // The file that is open. While it is, no other file has its number.
  ino_t file() const { return file_; }

 private:
  explicit Environment(std::filesystem::path directory) : directory_(std::move(directory)) {}
  Result<void> start(Access access, std::uint64_t bytes_max);
  Result<void> check_format();

  const std::filesystem::path directory_;
  MDB_env* environment_ = nullptr;
  unsigned database_ = 0;
  ino_t file_ = 0;
  std::uint64_t bytes_max_ = 0;
};

}  // namespace cauce::recent::lmdb
