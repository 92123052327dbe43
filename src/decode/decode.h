// The role decode: takes batches of `raw`, appends readings, undecodable messages and ticks to
// `readings`. A message that cannot be decoded is kept whole among the dead letters before the
// stream says so.
#pragma once

#include <vector>

#include "business/business.h"
#include "decode/dead_letters.h"
#include "decode/decoder.h"
#include "delivery/deriving_sink.h"
#include "metrics/metrics.h"

namespace cauce::decode {

struct Meters {
  metrics::Each<metrics::Counter> dead_letters;  // by stage

  static Meters in(metrics::Metrics& metrics);
};

class Decode final : public delivery::DerivingSink {
 public:
  // All outlive it. `registry` and `dead_letters` are used by nobody else.
  Decode(business::Registry& registry, DeadLetters& dead_letters, stream::Writer& readings,
         Partitions partitions, std::size_t frame_bytes = frame_bytes_max, Meters meters = {});

 private:
  Result<void> begin_frame() override;
  Result<void> derive(stream::Position position, BytesView record,
                      std::vector<Bytes>& derived) override;
  Result<void> before_append(const stream::Source& source) override;

  business::Registry& registry_;
  DeadLetters& dead_letters_;
  const stream::Partition source_;
  Decoder decoder_;
  const Meters meters_;
  std::vector<DeadLetter> letters_;  // of the frame being made
  Time stream_time_ = time_min;      // of the newest record seen
};

}  // namespace cauce::decode
