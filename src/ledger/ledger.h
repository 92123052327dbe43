// The ledger: for each device what arrived of it, so that somebody can say why one is silent or
// loses messages. DIR/ledger.db; decode writes it, api reads it.
//
// Each position of `raw` is counted once, whatever dies: what is counted and the position that it
// reaches to are one transaction, and who counts goes on from that position. In between they are in
// memory only, so a commit need not survive a power cut: what it held is in `raw` all the same.
//
// Devices are those of the business data. What somebody sends under another name is not counted, so
// nobody can fill the ledger by inventing names.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "ledger/account.h"
#include "stream/stream.h"

namespace cauce::ledger {

struct LedgerLimits {
  // How often what was counted is kept. Longer when that takes long: it has one part in
  // `keep_share` of the time.
  Duration keep_interval = std::chrono::seconds{1};
  Duration keep_interval_max = std::chrono::seconds{60};
  int keep_share = 50;
  // Accounts in memory, about 2 KB each at most; those of devices that were silent longest go when
  // there are more, and come back with their next message.
  std::size_t accounts_max = 50'000;
};

// The only writer; holds a lock on DIR/ledger.lock. One thread.
class Ledger {
 public:
  // `conflict` naming the holder when another process writes. `clock` outlives it.
  static Result<std::unique_ptr<Ledger>> open(const std::filesystem::path& directory,
                                              stream::Partition partition, const Clock& clock,
                                              LedgerLimits limits = {});
  ~Ledger();

  // Where counting goes on: one past the last position that was counted. A ledger that never
  // counted begins at `otherwise`.
  stream::Position resume(stream::Position otherwise);

  // The stream no longer has what comes before `first`. It cannot be counted any more; the log says
  // how much that was.
  void skip_to(stream::Position first);

  // Whether the record at this position has yet to be counted.
  bool wants(stream::Position position) const;

  // Counts what is at `position`, unless that was done before: a message of a device of the
  // business data …
  Result<void> enter(stream::Position position, std::string_view company, std::string_view device,
                     const Arrival& arrival);
  // … or anything else, which may move stream time.
  void pass(stream::Position position, std::optional<Time> stream_time);

  // Keeps what was counted, when it is time to. A full disk is no failure: it is tried again.
  Result<void> keep();

  // Accounts in memory.
  std::size_t accounts() const;

 private:
  struct State;
  explicit Ledger(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Copies the ledger of `directory`, which another process may be writing, to `target`. not_found
// while there is none.
Result<void> copy_ledger(const std::filesystem::path& directory,
                         const std::filesystem::path& target);

}  // namespace cauce::ledger
