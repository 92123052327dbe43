// Delivery: records of a stream partition, in order, in batches cut by time window or size,
// whichever comes first, to one sink that commits its own progress. An idle topic flushes by time
// too. Full or absent targets hold the batch and try again: nothing is skipped, nothing is dropped.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/clock.h"
#include "delivery/meters.h"
#include "stream/stream.h"
#include "work/worker.h"

namespace cauce::delivery {

// Where batches go: lake, decode, processing, jobs, warehouse, alarms.
class Sink {
 public:
  virtual ~Sink() = default;

  // Where to go on: one past the last record whose effects are committed. Asked once, at start.
  virtual Result<stream::Position> resume_at() = 0;

  // Takes the batch whole; one of lost positions (Batch::is_lost) has no records, and is passed
  // over in the same way. When it returns, the effects of [from, to) are committed, or will be
  // before those of any later batch. `exhausted` and `unavailable`: the same batch comes again
  // later. Any other error stops the process.
  virtual Result<void> deliver(const stream::Batch& batch) = 0;

  // How far the group's cursor may follow, and retention with it: one past the last record whose
  // effects survive a power cut. `taken` is where the last batch ended; a sink that answers it says
  // that deliver() returns with its effects durable.
  virtual stream::Position durable_before(stream::Position taken) { return taken; }
};

struct Options {
  // A batch is delivered when its first record has been in the stream this long, whoever was there
  // to see it, so that a restart does not make it wait anew; …
  Duration window{0};
  // … or when it holds this many bytes of records.
  std::size_t batch_bytes_max = 1 << 20;
  // How long a refused batch rests before it is tried again.
  Duration retry_interval = std::chrono::milliseconds{20};
  Meters meters = {};
};

// The worker that does it. Also commits `group` in the source topic's cursors as far as the sink is
// durable (at most once a second, for retention, lag and health; a full disk only delays it). When
// records it needs are gone from the stream (not_found), step() fails with an error that names both
// positions.
std::unique_ptr<work::Worker> deliver(std::string group, std::unique_ptr<stream::Reader> source,
                                      std::unique_ptr<stream::Cursors> cursors,
                                      stream::Partition partition, Sink& sink, const Clock& clock,
                                      Options options);

}  // namespace cauce::delivery
