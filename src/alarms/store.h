// alarms.db: rule states, alarms open and cleared, gaps, the outbox and the cursor, which change
// in one transaction for each batch. The tables are described in docs/formats/events.md.
//
// One process writes: the lock beside the file is held as long as the Store lives. One thread.
#pragma once

#include <filesystem>
#include <memory>

#include "alarms/changes.h"
#include "disk/lock.h"
#include "sql/database.h"

namespace cauce::alarms {

// Makes the tables when they are absent; `unsupported` for those of another version.
Result<void> prepare_tables(sql::Database& database);

// Copies alarms.db, which another process may be writing, to the new file `target`. Answers how
// many events the copy knows: those before are in it or in the topic `events`, and what the topic
// holds beyond must not be used with the copy. not_found while there is no alarms.db.
Result<std::uint64_t> copy_store(const std::filesystem::path& file,
                                 const std::filesystem::path& target);

class Store {
 public:
  struct Limits {
    // Cleared alarms older than the newest so many are deleted.
    std::uint64_t alarms_kept_max = 1'000'000;
    std::uint64_t gaps_kept_max = 10'000;
  };

  // Waits up to `lock_wait` for a predecessor to go, which may just have been killed; then
  // `conflict` naming the holder.
  static Result<std::unique_ptr<Store>> open(const std::filesystem::path& file, Limits limits,
                                             Duration lock_wait);

  Result<Snapshot> load();

  // All or nothing. After an error nothing was changed, and what memory holds beyond the store
  // must be forgotten.
  Result<void> commit(const Changes& changes);

 private:
  Store(std::unique_ptr<disk::Lock> lock, sql::Database database, Limits limits)
      : lock_(std::move(lock)), database_(std::move(database)), limits_(limits) {}

  Result<void> write_states(const Changes& changes);
  Result<void> write_alarms(const Changes& changes);
  Result<void> write_rest(const Changes& changes);
  Result<void> prune(const Changes& changes);

  std::unique_ptr<disk::Lock> lock_;
  sql::Database database_;
  Limits limits_;
};

}  // namespace cauce::alarms
