#include "delivery/deriving_sink.h"

#include <algorithm>
#include <utility>

#include "base/invariant.h"

namespace cauce::delivery {

using stream::Batch;
using stream::Position;

Result<Position> DerivingSink::resume_at() {
  frame_.reset();
  const Position derived = writer_.derived_end(partitions_.target, partitions_.source);
  const auto remembered = remembered_to(derived);
  if (!remembered) return remembered.error();
  return std::min(derived, *remembered);
}

Result<void> DerivingSink::deliver(const Batch& batch) {
  INVARIANT(batch.partition == partitions_.source);
  INVARIANT(batch.is_lost() || batch.records.size() == batch.to.number - batch.from.number);
  // A batch that comes again may be half done: the frames that were taken are not made again.
  const Position done = writer_.derived_end(partitions_.target, partitions_.source);
  const Position recalled_to = batch.is_lost() ? batch.from : std::min(done, batch.to);
  for (Position at = batch.from; at < recalled_to; ++at.number) {
    auto recalled = recall(at, batch.records[at.number - batch.from.number]);
    if (!recalled) return recalled.error();
  }
  Position from = std::max(batch.from, done);
  while (from < batch.to) {
    const bool ready = frame_ && frame_->source.from == from && frame_->source.to <= batch.to;
    if (!ready) {
      if (auto made = make_frame(batch, from); !made) return made.error();
    }
    const Position to = frame_->source.to;
    if (auto appended = append_frame(); !appended) return appended.error();
    from = to;
  }
  return {};
}

Position DerivingSink::durable_before(Position taken) {
  return std::min(taken, writer_.derived_end_durable(partitions_.target, partitions_.source));
}

Result<void> DerivingSink::make_frame(const Batch& batch, Position from) {
  frame_.reset();
  if (auto begun = begin_frame(); !begun) return begun.error();
  Frame frame;
  frame.source = {.partition = batch.partition, .from = from, .to = from};
  std::size_t bytes = 0;
  std::size_t counted = 0;
  if (batch.is_lost()) frame.source.to = batch.to;
  while (frame.source.to < batch.to && bytes < frame_bytes_) {
    const Position at = frame.source.to;
    const BytesView record = batch.records[at.number - batch.from.number];
    if (auto derived = derive(at, record, frame.records); !derived) return derived.error();
    for (; counted < frame.records.size(); ++counted)
      bytes += frame.records[counted].size();
    ++frame.source.to.number;
  }
  frame_ = std::move(frame);
  return {};
}

Result<void> DerivingSink::append_frame() {
  if (!frame_->may_append) {
    if (auto ready = before_append(frame_->source); !ready) return ready.error();
    frame_->may_append = true;
  }
  // A copy: when the writer is full it takes nothing, and the same frame is offered again.
  auto appended = writer_.append_derived(partitions_.target, frame_->records, frame_->source);
  if (!appended) return appended.error();
  frame_.reset();
  return {};
}

}  // namespace cauce::delivery
