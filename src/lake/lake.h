// The lake: every message that ever arrived, as received and decrypted, as a row of a Parquet
// object by company and UTC day of arrival. Each position of `raw` that holds a message is there
// exactly once; ticks are no rows, but their positions are covered. Batches are delivery's; a batch
// becomes visible as a whole when its manifest entry is committed, and the manifest's end is where
// the next one begins. Columns: docs/formats/lake.md.
#pragma once

#include <memory>
#include <optional>

#include "base/clock.h"
#include "delivery/delivery.h"
#include "objects/objects.h"
#include "record/message.h"
#include "warehouse/day_files.h"

namespace cauce::lake {

// How an encrypted payload is read; called from the sink's thread, once for each message and try.
class Decryptor {
 public:
  virtual ~Decryptor() = default;
  // Nothing when the payload is not encrypted or cannot be decrypted.
  virtual std::optional<Bytes> decrypt(const record::Message& message) = 0;
};

struct Options {
  stream::Partition partition;  // of the topic `raw`
  warehouse::DayFilesOptions files;
};

// Takes over from any earlier writer and sweeps its orphans. `conflict` from deliver() means that
// a later writer took over: stop.
Result<std::unique_ptr<delivery::Sink>> open_lake(objects::Objects& objects, Decryptor& decryptor,
                                                  const Clock& clock, Options options);

}  // namespace cauce::lake
