// The recent store on LMDB: one environment for each month, DIRECTORY/2026-11/, so that expiry
// unlinks files instead of deleting keys, which never gives disk space back. The stored format is
// docs/formats/recent.md. LMDB has no checksums: a damaged month is noticed where its bytes are no
// longer well-formed; it is then moved away and made again from the facts.
//
// A change that touches several months is committed month by month, oldest first; each month is
// all or nothing. After a crash in between, the caller commits the same change again, which is the
// same work done twice: what it stores depends on the facts alone.
//
// Within one process a directory is opened once, by open_writer or by open_reader: a writer's
// reader() serves everybody in its process. (LMDB's file locks belong to the process; a second
// opening and closing would take away the first one's.)
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "base/clock.h"
#include "recent/months.h"
#include "recent/recent.h"

namespace cauce::recent::lmdb {

struct Options {
  Limits limits;
  // The longest file of one month. It is address space, not disk: the file grows as it fills. At
  // this size, commit answers `exhausted` until the limit is raised or the month expires.
  std::uint64_t month_bytes_max = std::uint64_t{64} << 30;
  // What another program that wants to write is told about us.
  std::string program = "cauce";
  // How long to wait for another holder to go: one that was just killed needs a moment.
  Duration lock_wait_max = std::chrono::seconds{5};
};

// The one writing process: `conflict` naming the holder when there is another one.
Result<std::unique_ptr<Writer>> open_writer(const std::filesystem::path& directory,
                                            const Clock& clock, const Options& options);

// For the other processes. Works before the store was ever written: it is then empty; months that
// come or go later are seen by the next call.
Result<std::unique_ptr<Reader>> open_reader(const std::filesystem::path& directory);

// Copies every month, each as it is at one moment, to the new directory `target`, beside the writer
// and without holding it up. Months may be some moments apart, as after a crash: what was committed
// before the call is in the copy. Not synced. In a process of its own: see above.
Result<void> copy_months(const std::filesystem::path& directory,
                         const std::filesystem::path& target);

// Opens every month and looks at its format; answers how many there are. In a process of its own.
Result<std::size_t> check_months(const std::filesystem::path& directory);

}  // namespace cauce::recent::lmdb
