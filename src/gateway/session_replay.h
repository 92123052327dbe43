// Makes a broker again from its state and what stands behind it in the stream.
#pragma once

#include <optional>

#include "gateway/broker/broker.h"
#include "record/session.h"
#include "stream/stream.h"

namespace cauce::gateway {

// One thread. The broker is replaying.
class SessionReplay {
 public:
  SessionReplay(broker::Broker& broker, stream::Reader& raw, stream::Reader& commands,
                stream::Position from)
      : broker_(broker), raw_(raw), commands_(commands), position_(from) {}

  // Goes on towards `target`, by at most 1 MiB of records; answers whether it is there. `corrupt`
  // when a record is none.
  Result<bool> step(stream::Position target);
  // Where a replay of the state as it is now would have to begin.
  stream::Position position() const;

 private:
  void pass_lost(stream::Position to);
  Result<void> apply(BytesView record);
  Result<void> apply_change(BytesView record);
  Result<void> pass_commands(stream::Position target);

  broker::Broker& broker_;
  stream::Reader& raw_;
  stream::Reader& commands_;
  stream::Position position_;
  std::optional<record::Particulars> particulars_;  // of the record at position_
};

}  // namespace cauce::gateway
