// The months below one directory as one process has them open.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>

#include "recent/lmdb/environment.h"
#include "recent/months.h"

namespace cauce::recent::lmdb {

// Any thread. With Access::write this process alone makes and removes months, so the months that
// load() found are known from then on; with Access::read the directory is looked at in each call.
class Folder final : public Months {
 public:
  Folder(std::filesystem::path directory, Access access, std::uint64_t month_bytes_max);

  // Finds the months that exist and sweeps what a crash left half made or half removed.
  Result<void> load();

  Result<std::vector<Month>> list() override;
  Result<std::unique_ptr<Snapshot>> open(Month month) override;

  // Copies every month to the directory `target`, which exists. One that is just expiring is left
  // out. Access::read.
  Result<void> copy_to(const std::filesystem::path& target);

  // Access::write only.
  Result<void> commit(Month month, const Writes& writes);
  Result<void> remove(Month month);
  void release_dead_readers();

 private:
  using Open = std::map<Month, std::shared_ptr<Environment>>;  // nullptr: known, not opened yet

  Result<std::vector<Month>> months_on_disk() const;
  // nullptr when the month does not exist (any more).
  Result<std::shared_ptr<Environment>> environment_of(Month month);
  // Another process may have removed or replaced the month.
  bool is_current(Month month, const Environment& environment) const;
  void forget(Month month);

  const std::filesystem::path directory_;
  const Access access_;
  const std::uint64_t month_bytes_max_;
  std::mutex mutex_;  // guards open_
  Open open_;
};

}  // namespace cauce::recent::lmdb
