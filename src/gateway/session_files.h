// The files that hold the sessions of a gateway as of one position of `raw`: what it begins with
// when it starts again, so that it need not read the whole stream. The byte format is
// docs/formats/sessions.md.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "disk/directory.h"
#include "gateway/broker/state.h"
#include "stream/stream.h"

namespace cauce::gateway {

struct SessionSnapshot {
  stream::Position position;  // records before it are in the state
  Time at;                    // when it was made
  broker::State state;

  bool operator==(const SessionSnapshot&) const = default;
};

Bytes encode(const SessionSnapshot& snapshot);
// `corrupt` when the bytes are not exactly one snapshot; `unsupported` when it is of a newer
// version.
Result<SessionSnapshot> decode_session_snapshot(BytesView bytes);

// One thread at a time.
class SessionFiles {
 public:
  static constexpr std::size_t kept_count = 2;

  explicit SessionFiles(std::unique_ptr<disk::Directory> directory)
      : directory_(std::move(directory)) {}

  // The newest that is whole; nullopt when there is no file at all. What is damaged is logged, and
  // `corrupt` when all are.
  Result<std::optional<SessionSnapshot>> newest();
  // Durable when it returns; then all but kept_count are removed.
  Result<void> write(const SessionSnapshot& snapshot);
  // Copies the newest that is whole, if there is any, to `target`, which is made; not synced there.
  Result<void> copy_to(disk::Directory& target);
  // Where the oldest that is kept begins to read `raw`; nullopt when there is none.
  Result<std::optional<stream::Position>> oldest_position();

 private:
  // Ascending by position.
  Result<std::vector<std::string>> names();
  Result<SessionSnapshot> read(const std::string& name);

  std::unique_ptr<disk::Directory> directory_;
};

}  // namespace cauce::gateway
