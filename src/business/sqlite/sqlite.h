// Business data in one SQLite file, for one machine.
//
//   DIR/business/business.db   the tables of sqlite/schema.cpp
//   DIR/business/lock          held by the one process that writes
//   DIR/secret/master.key      what the devices' keys are encrypted with; mode 0600. Keep a copy
//                              of it apart from copies of the database: neither opens a key alone.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/random.h"
#include "base/time.h"
#include "business/business.h"

namespace cauce::business {

struct SqliteOptions {
  // What a second writer is told about this one.
  std::string program = "cauce";
  // How long open_writer waits for a writer that is just dying.
  Duration lock_wait_max = std::chrono::seconds{2};
  // Rows of `changes` that are kept; a registry that is further behind reads everything again.
  std::int64_t changes_kept_max = 100'000;
};

// `directory` is the installation's data directory; it is made by the first open_writer. `random`
// must outlive the store and what it opens, and must not be predictable.
std::unique_ptr<Store> make_sqlite_store(std::filesystem::path directory, Random& random,
                                         SqliteOptions options = {});

// Copies the business data, which another process may be writing, below the data directory
// `target`, and then the master key, unless `with_key` says no. What does not exist yet is left
// out.
Result<void> copy_sqlite_store(const std::filesystem::path& directory,
                               const std::filesystem::path& target, bool with_key);

}  // namespace cauce::business
