// The role decode: takes batches of `raw`, appends readings, undecodable messages and ticks to
// `readings`. A message that cannot be decoded is kept whole among the dead letters before the
// stream says so. What arrived is counted in the ledger on the way.
#pragma once

#include <vector>

#include "business/business.h"
#include "decode/dead_letters.h"
#include "decode/decoder.h"
#include "delivery/deriving_sink.h"
#include "ledger/ledger.h"
#include "metrics/metrics.h"

namespace cauce::decode {

struct Meters {
  metrics::Each<metrics::Counter> dead_letters;  // by stage

  static Meters in(metrics::Metrics& metrics);
};

class Decode final : public delivery::DerivingSink {
 public:
  // All outlive it. `registry`, `dead_letters` and `ledger` are used by nobody else.
  Decode(business::Registry& registry, DeadLetters& dead_letters, ledger::Ledger& ledger,
         stream::Writer& readings, Partitions partitions, std::size_t frame_bytes = frame_bytes_max,
         Meters meters = {});

 private:
  Result<void> begin_frame() override;
  Result<void> derive(stream::Position position, BytesView record,
                      std::vector<Bytes>& derived) override;
  Result<void> before_append(const stream::Source& source) override;
  Result<stream::Position> remembered_to(stream::Position derived) override;
  // For the ledger alone: what it has not kept when this program died.
  Result<void> recall(stream::Position position, BytesView record) override;

  Result<record::RawRecord> read(stream::Position position, BytesView bytes) const;
  static std::optional<Time> tick_of(const record::RawRecord& raw);
  Result<void> count(const record::Message& message, const Sender& sender, const Decoded& decoded,
                     stream::Position position);

  business::Registry& registry_;
  DeadLetters& dead_letters_;
  ledger::Ledger& ledger_;
  const stream::Partition source_;
  Decoder decoder_;
  ledger::Arrival arrival_;  // of the message being read; kept for its memory
  const Meters meters_;
  std::vector<DeadLetter> letters_;  // of the frame being made
  Time stream_time_ = time_min;      // of the newest record seen
};

}  // namespace cauce::decode
