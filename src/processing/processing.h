// The role processing: takes batches of `readings`, appends to `facts` the same values in the words
// and units of their device type, with site, area and type of the device. Every reading gives
// exactly one fact; undecodable messages and ticks give none.
#pragma once

#include <vector>

#include "business/business.h"
#include "delivery/deriving_sink.h"
#include "record/fact.h"

namespace cauce::processing {

// Pure. Site, area and type are empty when the registry does not know the device (any more).
//
// A number that cannot be normalised (value * scale + offset is beyond a double) is kept as the
// device said it, under the device's own metric and unit, with Quality::bad: it neither disappears
// nor stands among values in another unit.
record::Fact make_fact(record::Reading reading, const business::Registry& registry);

class Processing final : public delivery::DerivingSink {
 public:
  // Both outlive it. `registry` is used by nobody else.
  Processing(business::Registry& registry, stream::Writer& facts, Partitions partitions,
             std::size_t frame_bytes = frame_bytes_max);

 private:
  Result<void> begin_frame() override;
  Result<void> derive(stream::Position position, BytesView record,
                      std::vector<Bytes>& derived) override;
  Result<void> before_append(const stream::Source& source) override;

  business::Registry& registry_;
  const stream::Partition source_;
};

}  // namespace cauce::processing
