// The queue in one SQLite file that one process owns: others are kept out by a lock on FILE.lock.
//
// Adding jobs survives a power cut, because the stream's retention follows the cursor that moves
// with it. Finishing survives kill -9; a power cut may bring back jobs that were done, and doing
// them again changes nothing: so it costs no sync. Leases are of this process, hence in memory.
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/clock.h"
#include "jobs/jobs.h"
#include "jobs/shards.h"

namespace cauce::jobs::sqlite {

struct Options {
  Limits limits;
  // What another program that wants to open the file is told about us.
  std::string program = "cauce";
  // How long to wait for another holder to go: one that was just killed needs a moment.
  Duration lock_wait_max = std::chrono::seconds{5};
};

// `file` is made when absent. `conflict` naming the holder when another process has it open.
Result<std::unique_ptr<Jobs>> open(const std::filesystem::path& file, const Clock& clock,
                                   const Options& options);

// For another process than the one that has the queue open. Works before the file exists: nothing
// waits then.
std::unique_ptr<Gauge> make_gauge(std::filesystem::path file);

// Copies the queue, which another process may have open, to the new file `target`. Succeeds without
// effect while there is none.
Result<void> copy(const std::filesystem::path& file, const std::filesystem::path& target);

}  // namespace cauce::jobs::sqlite
