#include "stream/embedded/verification.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "stream/embedded/cursors.h"
#include "stream/embedded/listing.h"
#include "stream/embedded/recovery.h"

namespace cauce::stream::embedded {
namespace {

struct Cursor {
  std::string group;
  Partition partition;
  Position position;
};

// Read before the partitions: what a group has seen is then found in them, whoever writes on.
Result<std::vector<Cursor>> read_cursors(disk::Directory& topic,
                                         const std::vector<Partition>& partitions,
                                         const VerificationListener& listener) {
  EmbeddedCursors cursors{topic, topic.directory("groups")};
  auto groups = cursors.groups();
  if (!groups) return groups.error();
  std::vector<Cursor> found;
  for (const std::string& group : *groups) {
    for (const Partition partition : partitions) {
      const auto position = cursors.committed(group, partition);
      if (position && *position) found.push_back({group, partition, **position});
      if (position) continue;
      if (position.error().outcome != Outcome::corrupt) return position.error();
      listener.damage({partition, position.error().message, {}, {}});
    }
  }
  return found;
}

}  // namespace

void PartitionVerification::tell(const std::string& what, Position from, Position to) {
  ++found_.damages;
  if (to > from) found_.positions_lost += to.number - from.number;
  listener_.damage({found_.partition, what, from, std::max(from, to)});
}

void PartitionVerification::note_gap(const Segment& segment, const FrameHeader& header,
                                     const GapNote& note) {
  if (header.end() == header.base) return;
  ++found_.gaps;
  found_.positions_in_gaps += header.end().number - header.base.number;
  const std::string set_aside =
      note.set_aside.empty() ? "" : directory_.path() + "/" + note.set_aside;
  listener_.gap(
      {found_.partition, segment.path, header.base, header.end(), note.declared_at, set_aside});
}

Result<VerifiedPartition> PartitionVerification::run() {
  // In this order: what the head says is durable must then be found.
  auto head = load_head(directory_);
  if (!head) return head.error();
  head_ = *head;
  auto bases = find_segments(directory_);
  if (!bases) return bases.error();
  // Retention is deleting them.
  std::erase_if(*bases, [this](Position base) { return head_ && base < head_->first; });
  check_first(*bases);
  for (std::size_t index = 0; index < bases->size(); ++index) {
    Segment segment{.base = (*bases)[index], .next_base = {}, .path = {}};
    segment.path = directory_.path() + "/" + segment_name(segment.base);
    if (index + 1 < bases->size()) segment.next_base = (*bases)[index + 1];
    if (auto done = verify_segment(segment); !done) return done.error();
  }
  check_end();
  return found_;
}

void PartitionVerification::check_first(const std::vector<Position>& bases) {
  found_.first = head_ ? head_->first : Position{};
  if (bases.empty()) return;
  found_.first = found_.end = bases.front();
  if (head_ && head_->segment_bytes > 0 && head_->first < bases.front()) {
    tell(fmt::format("{} has no segment before {}, although its head says that position {} is kept",
                     directory_.path(), segment_name(bases.front()), head_->first.number),
         head_->first, bases.front());
  }
}

void PartitionVerification::check_end() {
  if (before_) found_.end = before_->end;
  if (!head_ || found_.end >= head_->end) return;
  tell(fmt::format("{} ends at position {}, but its head says that positions up to {} were synced: "
                   "the last segment was removed or shortened",
                   directory_.path(), found_.end.number, head_->end.number),
       found_.end, head_->end);
  found_.end = head_->end;
}

// Where the records of a segment end when its frames do not say it.
Position PartitionVerification::end_of(const Segment& segment, Position at_least) const {
  if (segment.next_base) return std::max(at_least, *segment.next_base);
  if (head_ && head_->segment == segment.base) return std::max(at_least, head_->end);
  return at_least;
}

// Nothing more can be known of the segment.
Result<void> PartitionVerification::give_up(const Error& error, Position from,
                                            const Segment& segment) {
  const bool is_damage = error.outcome == Outcome::corrupt || error.outcome == Outcome::unavailable;
  if (!is_damage) return error;
  tell(error.message, from, end_of(segment, from));
  leave_out(segment, from);
  return {};
}

// The next one is judged as if this one had said no more than where it ends.
void PartitionVerification::leave_out(const Segment& segment, Position from) {
  const Time appended_at_last = before_ ? before_->appended_at_last : time_min;
  before_ = Before{
      .end = end_of(segment, from), .appended_at_last = appended_at_last, .derived_ends = {}};
}

Result<void> PartitionVerification::verify_segment(const Segment& segment) {
  auto file = directory_.open(segment_name(segment.base), disk::Open::read);
  if (!file && file.error().outcome == Outcome::not_found) {
    // Retention came first; or somebody removed it, and the next one does not go on.
    auto head = load_head(directory_);
    if (!head) return head.error();
    if (*head && (*head)->first > segment.base) leave_out(segment, segment.base);
    return {};
  }
  if (!file) return give_up(file.error(), segment.base, segment);
  SegmentWalk walk{**file, segment.path, [&](const FrameHeader& header, const GapNote& note) {
                     note_gap(segment, header, note);
                   }};
  const SegmentHeader expected{
      .topic = topic_, .partition = found_.partition, .base = segment.base, .created_at = {}};
  if (auto begun = walk.begin(expected); !begun) {
    return give_up(begun.error(), segment.base, segment);
  }
  ++found_.segments;
  found_.bytes += walk.limit();
  check_begin(walk, segment);
  auto done = walk_segment(walk, segment);
  found_.frames += walk.walked().frames;
  if (!done) return give_up(done.error(), walk.walked().end, segment);
  before_ = Before{.end = walk.walked().end,
                   .appended_at_last = walk.walked().appended_at_last,
                   .derived_ends = walk.walked().derived_ends};
  return {};
}

void PartitionVerification::check_begin(const SegmentWalk& walk, const Segment& segment) {
  if (!before_) return;
  if (segment.base > before_->end) {
    tell(fmt::format("{} has no records between position {} and {}: a segment was removed or "
                     "shortened",
                     directory_.path(), before_->end.number, segment_name(segment.base)),
         before_->end, segment.base);
  }
  if (segment.base < before_->end) {
    tell(fmt::format("{} begins before position {}, where the segment before it ends", segment.path,
                     before_->end.number),
         {}, {});
  }
  if (walk.header().created_at < before_->appended_at_last) {
    tell(segment.path + ": its time runs backwards against the segment before it", {}, {});
  }
}

Result<void> PartitionVerification::walk_segment(SegmentWalk& walk, const Segment& segment) {
  bool is_whole = true;
  while (true) {
    auto flaw = walk.go_on();
    if (!flaw) return flaw.error();
    if (!*flaw) break;
    auto unfinished = is_unfinished(walk, **flaw, segment);
    if (!unfinished) return unfinished.error();
    if (*unfinished) {
      auto bytes = walk.bytes_unfinished();
      if (!bytes) return bytes.error();
      found_.unfinished_bytes += *bytes;
      found_.bytes -= walk.limit() - walk.walked().bytes - *bytes;
      break;
    }
    is_whole = false;
    if (auto passed = pass(walk, **flaw, segment); !passed) return passed;
  }
  if (is_whole && walk.walked().gaps == 0) check_restated(walk, segment);
  return {};
}

// Without this, the last segment alone would not say how far each source is derived.
void PartitionVerification::check_restated(const SegmentWalk& walk, const Segment& segment) {
  if (!before_) return;
  const auto& begins = walk.walked().derived_begins;
  for (const auto& [source, end] : before_->derived_ends) {
    const auto restated = begins.find(source);
    if (restated != begins.end() && restated->second == end) continue;
    tell(fmt::format("{}: it does not go on at position {} of partition {} of its source, where "
                     "the segment before it ends",
                     segment.path, end.number, source.number),
         {}, {});
  }
}

bool PartitionVerification::is_promised(const Flaw& flaw, const Segment& segment) const {
  if (segment.next_base) return true;
  return head_ && head_->segment == segment.base && head_->segment_bytes > flaw.offset;
}

// Whether this is the end of a write that nobody was told about, by the rules of recovery.
Result<bool> PartitionVerification::is_unfinished(SegmentWalk& walk, const Flaw& flaw,
                                                  const Segment& segment) {
  if (is_promised(flaw, segment)) return false;
  auto head = load_head(directory_);
  if (!head) return head.error();
  // A writer is at work: what we saw half of is whole by now.
  if (*head != head_) return true;
  if (flaw.is_contradiction) return false;
  auto witness = find_witness(walk, flaw);
  if (!witness) return witness.error();
  return !witness->has_value();
}

// Tells what is lost at the flaw, and goes on behind it.
Result<void> PartitionVerification::pass(SegmentWalk& walk, const Flaw& flaw,
                                         const Segment& segment) {
  const std::string what = fmt::format("{}: the frame at offset {} is damaged: {}", segment.path,
                                       flaw.offset, flaw.reason);
  const Position from = walk.walked().end;
  if (flaw.header) {
    const Position begin = flaw.header->base;
    const Position end = flaw.header->end();
    tell(what, from, flaw.has_good_records ? begin : end);
    walk.skip_to({.offset = flaw.rest, .base = end}, flaw.header->appended_at);
    return {};
  }
  auto next =
      walk.find(flaw.rest, [from](const FrameHeader& header) { return header.base >= from; });
  if (!next) return next.error();
  Place place{.offset = walk.limit(), .base = end_of(segment, from)};
  if (*next) place = (*next)->place;
  tell(what, from, place.base);
  walk.skip_to(place, walk.walked().appended_at_last);
  return {};
}

Result<std::vector<VerifiedPartition>> verify_topic(disk::Directory& root, const std::string& name,
                                                    const VerificationListener& listener) {
  const auto topic = root.directory(name);
  auto partitions = find_partitions(*topic);
  if (!partitions) return partitions.error();
  auto cursors = read_cursors(*topic, *partitions, listener);
  if (!cursors) return cursors.error();
  std::vector<VerifiedPartition> found;
  for (const Partition partition : *partitions) {
    const auto directory = topic->directory(std::to_string(partition.number));
    auto verified = PartitionVerification{*directory, name, partition, listener}.run();
    if (!verified) return verified.error();
    for (const Cursor& cursor : *cursors) {
      if (cursor.partition != partition || cursor.position <= verified->end) continue;
      // Whoever else has read further has read what is counted already.
      const Position from = verified->end;
      ++verified->damages;
      verified->positions_lost += cursor.position.number - from.number;
      verified->end = cursor.position;
      listener.damage(
          {partition,
           fmt::format("{} ends at position {}, but group {} has read up to position "
                       "{}: what was behind its end was removed",
                       directory->path(), from.number, cursor.group, cursor.position.number),
           from, cursor.position});
    }
    found.push_back(*verified);
  }
  return found;
}

}  // namespace cauce::stream::embedded
