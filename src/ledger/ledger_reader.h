// What api shows of the ledger: the account of one device, and its last hours and days.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "ledger/account.h"
#include "record/stream_clock.h"

namespace cauce::ledger {

struct Sheet {
  // When counting began, stream time; time_min while nothing was counted at all.
  Time began_at = time_min;
  // Stream time that this is as of.
  record::StreamClock clock = {};
  Account account = {};  // total().messages is 0 when nothing came from the device since then
  // Those in which something came, oldest first, of the last hours_kept and days_kept. The last
  // one may be the current one.
  std::vector<Bucket> hours = {};
  std::vector<Bucket> days = {};

  // Nothing has come for so long, our own outages not counted.
  Duration quiet() const { return clock.quiet_since(account.last_seen()); }
};

// The reading side, for any process; works before the ledger was ever written: it is then empty.
// One thread.
class LedgerReader {
 public:
  explicit LedgerReader(const std::filesystem::path& directory);
  ~LedgerReader();

  // As the last commit of the writer has it.
  Result<Sheet> read(std::string_view company, std::string_view device);
  // When the last message of the device arrived; nullopt when none was counted yet.
  Result<std::optional<Time>> last_seen(std::string_view company, std::string_view device);

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace cauce::ledger
