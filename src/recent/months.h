// What an engine of the recent store provides: months of sorted keys and values. Reading and
// laying out commits are the same for all engines and are done here once.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "recent/layout.h"
#include "recent/recent.h"

namespace cauce::recent {

struct Entry {
  BytesView key;
  BytesView value;
};

// One month as it was at one moment. The views it gives live as long as it. One thread.
class Snapshot {
 public:
  virtual ~Snapshot() = default;
  virtual Result<std::optional<BytesView>> get(BytesView key) = 0;
  // The first entry whose key is `key` or above.
  virtual Result<std::optional<Entry>> at_or_after(BytesView key) = 0;
};

// Any thread.
class Months {
 public:
  virtual ~Months() = default;
  // Those that exist now, oldest first.
  virtual Result<std::vector<Month>> list() = 0;
  // nullptr when the month does not exist (any more).
  virtual Result<std::unique_ptr<Snapshot>> open(Month month) = 0;
};

// The Reader over `months`, which outlive it. Months are read one after the other, each as it is
// when its turn comes.
std::unique_ptr<Reader> read_months(Months& months);

struct Limits {
  // How long data lives, by the start of its window.
  Duration time_to_live = std::chrono::days{90};
  // Data further ahead of the wall clock than this is ignored as is data that is too old: devices
  // with a wrong clock must not make months without end.
  Duration ahead_max = std::chrono::days{366};
};

// What one commit does to one month: in the order of keys, each once.
struct Write {
  Bytes key;
  std::optional<Bytes> value;  // without one, the key is deleted
};
using Writes = std::vector<Write>;
using Plan = std::map<Month, Writes>;

// The writes of a change, without what is too old or too far ahead. `invalid` when the change
// breaks what recent.h says of it.
Result<Plan> plan(const Change& change, Time now, const Limits& limits);

// A month keeps of each series the last point that lies in it. False when `write` is a summary and
// the one stored under its key is as late or later, by time and then by origin: that one stays.
Result<bool> replaces(const Write& write, const std::optional<BytesView>& stored);

// True when all that the month can hold is older than the time to live.
bool is_expired(Month month, Time now, const Limits& limits);

}  // namespace cauce::recent
