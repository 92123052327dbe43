// The sink of a role that makes one topic from another: decode, processing.
//
// It cuts a batch into frames and appends each together with the source range that it covers, even
// when that range gave nothing. Frame and range are one, so whatever is killed and whatever comes
// twice, each source record is derived exactly once. A message can become a hundred times its
// size; frames keep that bounded.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "delivery/delivery.h"
#include "stream/stream.h"

namespace cauce::delivery {

// A role inherits this and says what a record gives. One thread.
class DerivingSink : public Sink {
 public:
  struct Partitions {
    stream::Partition source;  // of the topic that the batches come from
    stream::Partition target;  // of the topic that is written
  };

  // A frame ends with the source record that brings it to so many bytes. Chosen to be
  // small against a stream's bytes in flight and large against the cost of a frame.
  static constexpr std::size_t frame_bytes_max = 4 << 20;

  DerivingSink(stream::Writer& writer, Partitions partitions,
               std::size_t frame_bytes = frame_bytes_max)
      : writer_(writer), partitions_(partitions), frame_bytes_(frame_bytes) {}

  Result<stream::Position> resume_at() final;
  Result<void> deliver(const stream::Batch& batch) final;
  // A derived topic syncs a while after it takes a frame, and on a full disk much later.
  stream::Position durable_before(stream::Position taken) final;

 protected:
  // A frame begins: forget the one before, refresh what is looked up.
  virtual Result<void> begin_frame() = 0;

  // A role that remembers beside the stream what it derived says where its memory ends, when that
  // is before `derived`; the records from there to `derived` then come to recall(), in order. They
  // may come again, and what is derived for the first time does not come to it.
  virtual Result<stream::Position> remembered_to(stream::Position derived) { return derived; }
  virtual Result<void> recall(stream::Position /*position*/, BytesView /*record*/) { return {}; }

  // Adds what the record at `position` gives to `derived`: nothing, one or many.
  virtual Result<void> derive(stream::Position position, BytesView record,
                              std::vector<Bytes>& derived) = 0;

  // All of `source` is derived and is appended next. What has to be there before must be durable
  // when this returns. Runs again for the same or a shorter range after a failure or a crash.
  virtual Result<void> before_append(const stream::Source& source) = 0;

 private:
  struct Frame {
    stream::Source source;
    std::vector<Bytes> records;
    bool may_append = false;  // before_append succeeded
  };

  Result<void> make_frame(const stream::Batch& batch, stream::Position from);
  Result<void> append_frame();

  stream::Writer& writer_;
  const Partitions partitions_;
  const std::size_t frame_bytes_;
  std::optional<Frame> frame_;  // made, and not yet taken by the writer
};

}  // namespace cauce::delivery
