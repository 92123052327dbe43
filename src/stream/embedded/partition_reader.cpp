#include "stream/embedded/partition_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "stream/embedded/listing.h"

namespace cauce::stream::embedded {
namespace {

constexpr std::size_t size_bytes = 4;  // before each record of a body

// Records that stand one behind the other in a body, each with its size before it.
struct Run {
  std::size_t begin = 0;  // in the body
  std::size_t end = 0;
  std::size_t count = 0;
  std::size_t record_bytes = 0;
  bool is_whole = true;  // to the end of the body
};

// The records of `frame` from `from` on that fit into `bytes_max`; the first one does in any case
// when there is none yet.
Run find_run(const Frame& frame, BytesView body, Position from, std::size_t bytes_max,
             bool needs_one) {
  Run run;
  const std::size_t all_bytes = body.size() - frame.header.record_count * size_bytes;
  if (from == frame.header.base && all_bytes <= bytes_max) {
    run.end = body.size();
    run.count = frame.header.record_count;
    run.record_bytes = all_bytes;
    return run;
  }
  ByteReader reader{body};
  for (std::uint64_t position = frame.header.base.number; position < from.number; ++position)
    reader.sized();
  run.begin = run.end = body.size() - reader.remaining();
  const std::uint64_t count = frame.header.end().number - from.number;
  for (; run.count < count; ++run.count) {
    const std::size_t size = reader.sized().size();
    const bool is_needed = needs_one && run.count == 0;
    run.is_whole = is_needed || run.record_bytes + size <= bytes_max;
    if (!run.is_whole) return run;
    run.record_bytes += size;
    run.end = body.size() - reader.remaining();
  }
  return run;
}

// Adds the records of `body` from batch.to on. False when bytes_max is reached.
bool add_records(Batch& batch, const Frame& frame, BytesView body, std::size_t bytes_max,
                 std::size_t& bytes) {
  const Run run = find_run(frame, body, batch.to, bytes_max - bytes, batch.records.empty());
  ByteReader reader{batch.records.keep(body.substr(run.begin, run.end - run.begin))};
  for (std::size_t index = 0; index < run.count; ++index)
    batch.records.refer(reader.sized());
  batch.appended_at.resize(batch.records.size(), frame.header.appended_at);
  batch.to.number += run.count;
  bytes += run.record_bytes;
  return run.is_whole && bytes < bytes_max;
}

}  // namespace

Result<const Head*> PartitionReader::head() {
  if (head_ == nullptr) {
    auto opened = Head::open(*directory_, disk::Open::read);
    if (!opened && opened.error().outcome == Outcome::not_found) {
      return static_cast<const Head*>(nullptr);
    }
    if (!opened) return opened.error();
    head_ = std::move(*opened);
  }
  return static_cast<const Head*>(head_.get());
}

Result<Durable> PartitionReader::durable() {
  auto head = this->head();
  if (!head) return head.error();
  if (*head == nullptr) return Durable{};
  return (*head)->load().value_or(Durable{});
}

Result<std::vector<Position>> PartitionReader::kept_segments(const Durable& durable) {
  auto bases = find_segments(*directory_);
  if (!bases) return bases.error();
  std::erase_if(
      *bases, [&durable](Position base) { return base > durable.segment || base < durable.first; });
  return bases;
}

Result<std::uint64_t> PartitionReader::limit_of(SegmentReader& segment, const Durable& durable) {
  if (segment.base() == durable.segment) return std::uint64_t{durable.segment_bytes};
  return segment.size();
}

// Makes segment_ the one that must hold `position`.
Result<void> PartitionReader::open_segment(Position position, const Durable& durable) {
  auto bases = kept_segments(durable);
  if (!bases) return bases.error();
  const auto after = std::upper_bound(bases->begin(), bases->end(), position);
  if (after == bases->begin()) {
    return Error{Outcome::corrupt,
                 fmt::format("{} has no segment with position {}, which the head says is kept; {}",
                             directory_->path(), position.number, repair_advice)};
  }
  auto opened = SegmentReader::open(*directory_, *(after - 1));
  if (!opened) return opened.error();
  segment_ = std::move(*opened);
  return {};
}

// The frame with a position that is kept and durable; nullopt is never the answer.
Result<std::optional<Frame>> PartitionReader::find_frame(Position position,
                                                         const Durable& durable) {
  // The segment that is open may end before the position: then the next one has it.
  for (int tries = 0; tries < 2; ++tries) {
    const bool reopen = tries > 0 || segment_ == nullptr || position < segment_->base();
    if (reopen) {
      if (auto opened = open_segment(position, durable); !opened) return opened.error();
    }
    auto limit = limit_of(*segment_, durable);
    if (!limit) return limit.error();
    auto frame = segment_->frame_with(position, *limit);
    if (!frame || *frame) return frame;
    if (reopen) break;
  }
  return Error{Outcome::corrupt,
               fmt::format("{}/{} ends before position {}: it was shortened or the segment after "
                           "it is missing; {}",
                           directory_->path(), segment_name(segment_->base()), position.number,
                           repair_advice)};
}

Result<Batch> PartitionReader::read(Position from, std::size_t bytes_max) {
  auto durable = this->durable();
  if (!durable) return durable.error();
  if (from < durable->first) {
    return Error{Outcome::not_found,
                 fmt::format("position {} of {} is no longer kept; the first one is {}",
                             from.number, directory_->path(), durable->first.number)};
  }
  Batch batch{.partition = partition_, .from = from, .to = from, .records = {}, .appended_at = {}};
  std::size_t bytes = 0;
  bool more = true;
  while (more && batch.to < durable->end) {
    auto frame = find_frame(batch.to, *durable);
    if (frame && (*frame)->header.kind == Kind::gap) {
      if (batch.records.empty()) batch.to = std::min((*frame)->header.end(), durable->end);
      return batch;
    }
    Result<BytesView> body = BytesView{};
    if (frame) {
      auto limit = limit_of(*segment_, *durable);
      if (!limit) return limit.error();
      body = segment_->body_of(**frame, *limit);
    }
    if (!frame || !body) {
      // What came before the damage is good; who asks for what comes next hears of it.
      if (!batch.records.empty()) return batch;
      auto now = this->durable();
      if (now && from < now->first) return read(from, bytes_max);  // trimmed meanwhile
      return frame ? body.error() : frame.error();
    }
    more = add_records(batch, **frame, *body, bytes_max, bytes);
  }
  return batch;
}

// How many segments were created before `time`. A
// segment is created no later than its first record is appended, and no earlier than the last one
// of the segment before: so what `position_at` wants is in the last of these, or right after it.
Result<std::size_t> PartitionReader::count_created_before(Time time,
                                                          const std::vector<Position>& bases) {
  std::size_t low = 0;
  std::size_t high = bases.size();
  while (low < high) {
    const std::size_t middle = low + (high - low) / 2;
    auto segment = SegmentReader::open(*directory_, bases[middle]);
    // Trimmed meanwhile, and so is all before it.
    const bool is_gone = !segment && segment.error().outcome == Outcome::not_found;
    if (!segment && !is_gone) return segment.error();
    if (is_gone || (*segment)->created_at() < time) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

Result<Position> PartitionReader::position_at(Time time) {
  auto durable = this->durable();
  if (!durable) return durable.error();
  if (durable->segment_bytes == 0) return durable->end;
  auto bases = kept_segments(*durable);
  if (!bases) return bases.error();
  auto count = count_created_before(time, *bases);
  if (!count) return count.error();
  if (*count == 0) return durable->first;
  const Position base = (*bases)[*count - 1];
  // Kept, with what it learns of the frames: who asks for a time asks for a later one soon.
  if (timed_segment_ == nullptr || timed_segment_->base() != base) {
    auto opened = SegmentReader::open(*directory_, base);
    if (!opened && opened.error().outcome == Outcome::not_found) {
      durable = this->durable();
      if (!durable) return durable.error();
      return durable->first;
    }
    if (!opened) return opened.error();
    timed_segment_ = std::move(*opened);
  }
  auto limit = limit_of(*timed_segment_, *durable);
  if (!limit) return limit.error();
  return timed_segment_->position_at(time, *limit);
}

// Walks the frames that became durable since the last call.
Result<void> PartitionReader::follow_derived(const Durable& durable) {
  if (derived_segment_ == nullptr || derived_segment_->base() != durable.segment) {
    auto opened = SegmentReader::open(*directory_, durable.segment);
    if (!opened) return opened.error();
    derived_segment_ = std::move(*opened);
    derived_place_ = derived_segment_->begin();
    // Each segment begins with what was derived before it.
    derived_ends_.clear();
  }
  while (true) {
    auto frame = derived_segment_->frame_at(derived_place_, durable.segment_bytes);
    if (!frame) return frame.error();
    if (!*frame) return {};
    const FrameHeader& header = (*frame)->header;
    if (header.kind == Kind::derived) derived_ends_[header.source.partition] = header.source.to;
    derived_place_ = (*frame)->next();
  }
}

Result<Position> PartitionReader::derived_end(Partition source) {
  auto durable = this->durable();
  if (!durable) return durable.error();
  if (durable->segment_bytes == 0) return Position{};
  auto followed = follow_derived(*durable);
  if (!followed && followed.error().outcome == Outcome::not_found) {
    // The writer has gone on to another segment and this one was deleted: its head says so.
    durable = this->durable();
    if (!durable) return durable.error();
    followed = follow_derived(*durable);
  }
  if (!followed) return followed.error();
  const auto known = derived_ends_.find(source);
  return known == derived_ends_.end() ? Position{} : known->second;
}

}  // namespace cauce::stream::embedded
