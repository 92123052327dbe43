#include "stream/embedded/repair_plan.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <utility>

#include "disk/crc32c.h"
#include "stream/embedded/listing.h"
#include "stream/embedded/recovery.h"

namespace cauce::stream::embedded {
namespace {

Result<Bytes> read_header(disk::File& file) {
  Bytes bytes(segment_header_bytes, '\0');
  auto count = file.read_at(0, bytes.data(), bytes.size());
  if (!count) return count.error();
  bytes.resize(*count);
  return bytes;
}

// What the checksum in a damaged segment header was: it may be undamaged itself, or be the only
// thing that is not.
std::array<std::uint32_t, 2> possible_salts(BytesView header) {
  return {salt_of(header), disk::crc32c(header.substr(0, segment_header_bytes - 4))};
}

void keep(SegmentPlan& segment, std::uint64_t from, std::uint64_t to) {
  if (from == to) return;
  segment.pieces.push_back({.kept = Extent{from, to - from}, .gap_from = {}, .gap_to = {}});
}

}  // namespace

std::string RepairPlanner::path_of(Position base) const {
  return directory_.path() + "/" + segment_name(base);
}

Result<PartitionPlan> RepairPlanner::plan() {
  auto head = load_head(directory_);
  if (!head) return head.error();
  head_ = *head;
  if (head_) end_ = std::max(end_, head_->end);
  auto bases = find_segments(directory_);
  if (!bases && bases.error().outcome != Outcome::not_found) return bases.error();
  std::vector<Position> kept = bases ? *bases : std::vector<Position>{};
  // Retention was deleting them.
  std::erase_if(kept, [this](Position base) { return head_ && base < head_->first; });
  const bool was_written = head_ && head_->segment_bytes > 0;
  if (!kept.empty()) plan_.first = kept.front();
  if (was_written) plan_.first = std::min(head_->first, kept.empty() ? head_->first : kept.front());
  plan_.end = plan_.first;
  for (std::size_t index = 0; index < kept.size(); ++index) {
    std::optional<Position> next_base;
    if (index + 1 < kept.size()) next_base = kept[index + 1];
    if (auto done = plan_segment(kept[index], next_base); !done) return done.error();
  }
  add_lost(end_, "its end is missing: the last segment was removed or shortened");
  for (const Mending& mending : plan_.mendings) {
    if (mending.to.number - mending.from.number <= gap_positions_max) continue;
    return Error{
        Outcome::invalid,
        fmt::format("{}: positions {} to {} are more than a gap may hold ({}): a file was "
                    "put here by hand; restore from a backup",
                    mending.file, mending.from.number, mending.to.number, gap_positions_max)};
  }
  finish();
  return std::move(plan_);
}

// What is missing between the last segment that was looked at and `to`.
void RepairPlanner::add_lost(Position to, const std::string& reason) {
  if (to <= plan_.end) return;
  const Mending mending{
      .file = directory_.path(), .offset = 0, .reason = reason, .from = plan_.end, .to = to};
  // Two segments can't have one base.
  const bool has_room =
      plan_.segments.empty() || plan_.segments.back().end > plan_.segments.back().header.base;
  if (has_room) {
    SegmentPlan segment;
    segment.header = {.version = version_mended,
                      .topic = topic_,
                      .partition = partition_,
                      .base = plan_.end,
                      .created_at = appended_at_last_};
    segment.end = plan_.end;
    segment.appended_at_last = appended_at_last_;
    segment.is_absent = true;
    plan_.segments.push_back(std::move(segment));
  }
  add_gap(plan_.segments.back(), mending, {});
  plan_.segments.back().end = to;
  plan_.end = to;
}

void RepairPlanner::add_gap(SegmentPlan& segment, const Mending& mending, Extent damaged) {
  segment.is_changed = true;
  segment.pieces.push_back({.kept = {}, .gap_from = mending.from, .gap_to = mending.to});
  if (damaged.bytes > 0) segment.damaged.push_back(damaged);
  plan_.mendings.push_back(mending);
  plan_.mendings.back().bytes_set_aside = damaged.bytes;
  restated_ends_.clear();
  is_source_open_ = true;
}

Result<void> RepairPlanner::plan_segment(Position base, std::optional<Position> next_base) {
  add_lost(base, fmt::format("the segment before {} is missing, or its end is", path_of(base)));
  if (base < plan_.end) {
    return Error{Outcome::invalid,
                 fmt::format("{} holds positions that the segment before it holds too: it was put "
                             "here by hand; move one of the two elsewhere and begin again",
                             path_of(base))};
  }
  auto file = directory_.open(segment_name(base), disk::Open::read);
  if (!file) return file.error();
  SegmentPlan segment;
  segment.header = {.version = version_mended,
                    .topic = topic_,
                    .partition = partition_,
                    .base = base,
                    .created_at = appended_at_last_};
  SegmentWalk walk{**file, path_of(base)};
  auto begun = walk.begin(segment.header);
  if (begun) {
    segment.salt = walk.salt();
    segment.header.created_at = walk.header().created_at;
    check_begin(walk, segment);
    begun = walk_segment(walk, segment, next_base);
  } else if (begun.error().outcome == Outcome::corrupt) {
    const std::string damage = begun.error().message;
    begun = find_header(walk, **file, begun.error(), segment);
    if (begun && segment.salt != 0) {
      begun = walk_segment(walk, segment, next_base);
    } else if (begun) {
      give_up(damage, walk.limit(), segment, next_base);
    }
  }
  if (!begun) return begun;
  segment.header.created_at = std::max(segment.header.created_at, appended_at_last_);
  appended_at_last_ = std::max(appended_at_last_, segment.appended_at_last);
  plan_.end = segment.end;
  plan_.segments.push_back(std::move(segment));
  return {};
}

// A header that is damaged, and not just another's, is made again when a frame can be found.
Result<void> RepairPlanner::find_header(SegmentWalk& walk, disk::File& file, const Error& damage,
                                        SegmentPlan& segment) {
  auto bytes = read_header(file);
  if (!bytes) return bytes.error();
  // So that its limit is known.
  if (auto begun = walk.begin(segment.header, 0); !begun) return begun;
  if (bytes->size() < segment_header_bytes) return {};
  if (decode_segment(*bytes, path_of(segment.header.base))) return {};
  for (const std::uint32_t salt : possible_salts(*bytes)) {
    if (auto begun = walk.begin(segment.header, salt); !begun) return begun;
    auto found = walk.find(segment_header_bytes, [&](const FrameHeader& frame) {
      return frame.base >= segment.header.base;
    });
    if (!found) return found.error();
    if (!*found) continue;
    segment.salt = salt;
    segment.is_changed = true;
    segment.damaged.push_back({0, segment_header_bytes});
    plan_.mendings.push_back({.file = path_of(segment.header.base),
                              .offset = 0,
                              .reason = damage.message,
                              .from = segment.header.base,
                              .to = segment.header.base,
                              .bytes_set_aside = segment_header_bytes});
    return {};
  }
  return {};
}

// Nothing of the segment can be used.
void RepairPlanner::give_up(const std::string& reason, std::uint64_t file_bytes,
                            SegmentPlan& segment, std::optional<Position> next_base) {
  const Position base = segment.header.base;
  const Position end = next_base.value_or(std::max(base, end_));
  add_gap(segment, {.file = path_of(base), .offset = 0, .reason = reason, .from = base, .to = end},
          {0, file_bytes});
  segment.end = end;
  segment.appended_at_last = appended_at_last_;
}

// What verification.h asks of a segment against the one before it.
void RepairPlanner::check_begin(const SegmentWalk& walk, SegmentPlan& segment) {
  if (walk.header().created_at >= appended_at_last_) return;
  segment.is_changed = true;
  plan_.mendings.push_back({.file = path_of(segment.header.base),
                            .offset = 0,
                            .reason = "its time runs backwards against the segment before it",
                            .from = segment.header.base,
                            .to = segment.header.base});
}

Result<void> RepairPlanner::walk_segment(SegmentWalk& walk, SegmentPlan& segment,
                                         std::optional<Position> next_base) {
  bool goes_on = true;
  while (goes_on) {
    const std::uint64_t begin = walk.walked().bytes;
    auto flaw = walk.go_on();
    if (!flaw) return flaw.error();
    goes_on = flaw->has_value();
    if (goes_on) {
      auto unfinished = is_unfinished(walk, **flaw, !next_base.has_value());
      if (!unfinished) return unfinished.error();
      goes_on = !*unfinished;
    }
    if (segment.pieces.empty() && walk.walked().gaps == 0 && !goes_on) {
      check_restated(walk, segment);
    }
    keep(segment, begin, walk.walked().bytes);
    note_sources(walk);
    segment.bytes = walk.walked().bytes;
    segment.appended_at_last = walk.walked().appended_at_last;
    if (!goes_on) break;
    if (auto passed = pass(walk, **flaw, segment, next_base); !passed) return passed;
  }
  segment.end = walk.walked().end;
  restated_ends_ = walk.walked().derived_ends;
  return {};
}

void RepairPlanner::check_restated(const SegmentWalk& walk, SegmentPlan& segment) {
  const auto& begins = walk.walked().derived_begins;
  const bool is_restated =
      std::all_of(restated_ends_.begin(), restated_ends_.end(), [&](const auto& known) {
        const auto restated = begins.find(known.first);
        return restated != begins.end() && restated->second == known.second;
      });
  if (is_restated) return;
  const Position base = segment.header.base;
  add_gap(segment,
          {.file = path_of(base),
           .offset = segment_header_bytes,
           .reason = "it does not say how far its source was derived before it",
           .from = base,
           .to = base},
          {});
}

// What the sources are derived to by the frames that were just walked, and what of them the mending
// before these has lost.
void RepairPlanner::note_sources(const SegmentWalk& walk) {
  const Walked& walked = walk.walked();
  if (is_source_open_ && !walked.derived_begins.empty()) {
    for (const auto& [source, begin] : walked.derived_begins) {
      const Position known = derived_ends_[source];
      if (known < begin) plan_.mendings.back().made_of.push_back({source, known, begin});
    }
    is_source_open_ = false;
  }
  for (const auto& [source, end] : walked.derived_ends)
    derived_ends_[source] = end;
}

Result<void> RepairPlanner::pass(SegmentWalk& walk, const Flaw& flaw, SegmentPlan& segment,
                                 std::optional<Position> next_base) {
  if (!flaw.header) return pass_unknown(walk, flaw, segment, next_base);
  pass_known(walk, flaw, segment);
  return {};
}

// Whether this is the end of a write that nobody was told about, by the rules of recovery.
Result<bool> RepairPlanner::is_unfinished(SegmentWalk& walk, const Flaw& flaw, bool is_last) const {
  if (!is_last || flaw.is_contradiction || walk.walked().end < end_) return false;
  const bool is_promised =
      head_ && head_->segment == walk.header().base && head_->segment_bytes > flaw.offset;
  if (is_promised) return false;
  auto witness = find_witness(walk, flaw);
  if (!witness) return witness.error();
  return !witness->has_value();
}

// The frame says itself which positions it held.
void RepairPlanner::pass_known(SegmentWalk& walk, const Flaw& flaw, SegmentPlan& segment) {
  const Position from = walk.walked().end;
  const FrameHeader& header = *flaw.header;
  const bool is_kept = flaw.has_good_records && header.base >= from;
  const Position to = is_kept ? header.base : std::max(from, header.end());
  Mending mending{.file = path_of(segment.header.base),
                  .offset = flaw.offset,
                  .reason = flaw.reason,
                  .from = from,
                  .to = to};
  add_gap(segment, mending, is_kept ? Extent{} : Extent{flaw.offset, flaw.rest - flaw.offset});
  if (is_kept) keep(segment, flaw.offset, flaw.rest);
  if (header.kind == Kind::derived) {
    const Position known = derived_ends_[header.source.partition];
    if (!is_kept && known < header.source.to) {
      plan_.mendings.back().made_of.push_back({header.source.partition, known, header.source.to});
    }
    if (is_kept) derived_ends_[header.source.partition] = header.source.to;
    is_source_open_ = false;
  }
  const Position end = is_kept ? header.end() : to;
  walk.skip_to({.offset = flaw.rest, .base = end},
               std::max(walk.walked().appended_at_last, header.appended_at));
}

Result<void> RepairPlanner::pass_unknown(SegmentWalk& walk, const Flaw& flaw, SegmentPlan& segment,
                                         std::optional<Position> next_base) {
  const Position from = walk.walked().end;
  auto next = walk.find(flaw.rest, [&](const FrameHeader& header) {
    return header.base >= from && (!next_base || header.base <= *next_base);
  });
  if (!next) return next.error();
  Place place{.offset = walk.limit(), .base = next_base.value_or(std::max(from, end_))};
  if (*next) place = (*next)->place;
  add_gap(segment,
          {.file = path_of(segment.header.base),
           .offset = flaw.offset,
           .reason = flaw.reason,
           .from = from,
           .to = place.base},
          {flaw.offset, place.offset - flaw.offset});
  walk.skip_to(place, walk.walked().appended_at_last);
  return {};
}

// What was lost at the end is derived again from the source, as far as that is kept.
void RepairPlanner::restate(SegmentPlan& last) {
  if (derived_ends_.empty()) return;
  for (const auto& [source, end] : derived_ends_)
    last.restated[source] = std::max(end, source_first_);
  for (Mending& mending : plan_.mendings) {
    mending.is_made_again = std::any_of(
        mending.made_of.begin(), mending.made_of.end(),
        [&](const Source& source) { return derived_ends_[source.partition] <= source.from; });
  }
  Mending& end = plan_.mendings.back();
  if (is_source_open_ && end.to == plan_.end) end.is_made_again = true;
}

void RepairPlanner::finish() {
  if (plan_.segments.empty()) return;
  SegmentPlan& last = plan_.segments.back();
  if (last.is_changed) restate(last);
  const bool is_changed =
      std::any_of(plan_.segments.begin(), plan_.segments.end(),
                  [](const SegmentPlan& segment) { return segment.is_changed; });
  if (is_changed || !head_ || head_->segment != last.header.base) return;
  if (head_->segment_bytes <= last.bytes) return;
  plan_.is_head_wrong = true;
  plan_.mendings.push_back({.file = directory_.path() + "/head",
                            .offset = 0,
                            .reason = "it says that the last segment is longer than it is",
                            .from = plan_.end,
                            .to = plan_.end});
}

}  // namespace cauce::stream::embedded
