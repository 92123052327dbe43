// The recent store in memory: for tests, and for whoever runs without a disk. Nothing survives the
// process.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <optional>

#include "base/clock.h"
#include "recent/months.h"

namespace cauce::recent::memory {

struct Options {
  Limits limits;
  std::size_t month_bytes_max = std::size_t{1} << 30;  // keys and values
};

// Any thread.
class Store final : public Writer, private Months {
 public:
  Store(const Clock& clock, Options options);

  Result<void> commit(const Change& change) override;
  Result<std::size_t> expire(Time now) override;
  Reader& reader() override { return *reader_; }

  using Contents = std::map<Month, std::map<Bytes, Bytes>>;
  // All that is stored, in the bytes of docs/formats/recent.md.
  Contents contents() const;

 private:
  using Entries = std::map<Bytes, Bytes>;
  struct Kept {
    std::shared_ptr<Entries> entries;
    std::size_t bytes = 0;  // of keys and values
  };

  Result<std::vector<Month>> list() override;
  Result<std::unique_ptr<Snapshot>> open(Month month) override;

  // Drops from `writes` what changes nothing; answers how many bytes the month then holds.
  Result<std::size_t> admit(Month month, Writes& writes) const;

  const Clock& clock_;
  const Options options_;
  const std::unique_ptr<Reader> reader_;
  mutable std::mutex mutex_;  // guards months_
  // A commit replaces a month by a changed copy when a snapshot still reads it.
  std::map<Month, Kept> months_;
};

}  // namespace cauce::recent::memory
