#include "stream/embedded/repair.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/failpoint.h"
#include "disk/crc32c.h"
#include "stream/embedded/cursors.h"
#include "stream/embedded/embedded.h"
#include "stream/embedded/listing.h"
#include "stream/embedded/repair_plan.h"
#include "stream/embedded/window.h"

namespace cauce::stream::embedded {
namespace {

// A segment is made under this name and gets its own when it is whole and durable.
constexpr std::string_view unfinished_name = "mending";
constexpr std::size_t written_at_once_bytes = 1 << 20;
// Of one segment, damaged so many times.
constexpr int set_aside_max = 1000;

// A file that is written from its begin to its end.
class Output {
 public:
  static Result<Output> open(disk::Directory& directory, std::string_view name) {
    auto file = directory.open(name, disk::Open::create);
    if (!file) return file.error();
    if (auto emptied = (*file)->truncate(0); !emptied) return emptied.error();
    return Output{std::move(*file)};
  }

  std::uint64_t size() const { return written_ + waiting_.size(); }

  Result<void> add(BytesView bytes) {
    waiting_ += bytes;
    return waiting_.size() < written_at_once_bytes ? Result<void>{} : flush();
  }

  Result<void> finish() {
    if (auto flushed = flush(); !flushed) return flushed;
    return file_->sync();
  }

 private:
  explicit Output(std::unique_ptr<disk::File> file) : file_(std::move(file)) {}

  Result<void> flush() {
    if (auto done = file_->write_at(written_, waiting_); !done) return done;
    written_ += waiting_.size();
    waiting_.clear();
    return {};
  }

  std::unique_ptr<disk::File> file_;
  Bytes waiting_;
  std::uint64_t written_ = 0;
};

// Makes one segment.
class Mender {
 public:
  // `source` is nullptr for a segment that is absent.
  Mender(disk::File* source, const SegmentPlan& plan, const GapNote& note)
      : plan_(plan), note_(encode(note)) {
    if (source != nullptr) window_.emplace(*source);
  }

  Result<void> write(Output& output) {
    const Bytes header = encode(plan_.header);
    salt_ = salt_of(header);
    end_ = plan_.header.base;
    appended_at_last_ = plan_.header.created_at;
    if (auto added = output.add(header); !added) return added;
    for (const Piece& piece : plan_.pieces) {
      const auto done =
          piece.kept ? copy(*piece.kept, output) : add_gap(piece.gap_from, piece.gap_to, output);
      if (!done) return done;
    }
    for (const auto& [source, end] : plan_.restated) {
      FrameHeader frame;
      frame.kind = Kind::derived;
      frame.base = end_;
      frame.source = {.partition = source, .from = end, .to = end};
      if (auto added = add(frame, {}, output); !added) return added;
    }
    return output.finish();
  }

 private:
  Result<void> copy(const Extent& kept, Output& output) {
    const std::uint64_t limit = kept.offset + kept.bytes;
    for (std::uint64_t offset = kept.offset; offset < limit;) {
      auto bytes = window_->at(offset, frame_header_bytes, limit);
      if (!bytes) return bytes.error();
      const std::optional<FrameHeader> frame = decode_frame(*bytes, plan_.salt);
      INVARIANT(frame.has_value());  // it was walked a moment ago
      auto body = window_->at(offset + frame_header_bytes, frame->body_bytes, limit);
      if (!body) return body.error();
      INVARIANT(body->size() == frame->body_bytes);
      if (auto added = add(*frame, *body, output); !added) return added;
      offset += frame_header_bytes + frame->body_bytes;
    }
    return {};
  }

  Result<void> add_gap(Position from, Position to, Output& output) {
    FrameHeader frame;
    frame.kind = Kind::gap;
    frame.base = from;
    frame.source = {.partition = {}, .from = from, .to = to};
    frame.body_bytes = std::uint32_t(note_.size());
    frame.body_crc = disk::crc32c(note_);
    return add(frame, note_, output);
  }

  // All of the file is durable before it gets its name, so nothing in it is ever a torn write.
  Result<void> add(FrameHeader frame, BytesView body, Output& output) {
    frame.appended_at = std::max(frame.appended_at, appended_at_last_);
    frame.synced_bytes = output.size();
    appended_at_last_ = frame.appended_at;
    end_ = frame.end();
    Bytes header(frame_header_bytes, '\0');
    encode(frame, salt_, header.data());
    if (auto added = output.add(header); !added) return added;
    return output.add(body);
  }

  const SegmentPlan& plan_;
  const Bytes note_;
  std::optional<Window> window_;
  std::uint32_t salt_ = 0;
  Position end_;
  Time appended_at_last_;
};

// The damaged bytes of a segment, each stretch behind its offset and its length.
Result<Bytes> gather(disk::File& source, const std::vector<Extent>& damaged) {
  Bytes bytes;
  for (const Extent& extent : damaged) {
    put_u64(bytes, extent.offset);
    put_u64(bytes, extent.bytes);
    const std::size_t begin = bytes.size();
    bytes.resize(begin + std::size_t(extent.bytes));
    auto count = source.read_at(extent.offset, bytes.data() + begin, std::size_t(extent.bytes));
    if (!count) return count.error();
    if (*count != extent.bytes) {
      return Error{Outcome::unavailable, "it became shorter while it was read"};
    }
  }
  return bytes;
}

// Whether the file is there and says just that: an attempt that was killed has written it.
Result<bool> holds(disk::Directory& directory, const std::string& name, BytesView wanted) {
  auto file = directory.open(name, disk::Open::read);
  if (!file) return file.error();
  auto size = (*file)->size();
  if (!size) return size.error();
  if (*size != wanted.size()) return false;
  Bytes bytes(wanted.size(), '\0');
  auto count = (*file)->read_at(0, bytes.data(), bytes.size());
  if (!count) return count.error();
  return bytes == wanted;
}

// The name of the file that holds `bytes` from now on.
Result<std::string> set_aside(disk::Directory& directory, Position base, BytesView bytes) {
  for (int number = 1; number <= set_aside_max; ++number) {
    const std::string name = fmt::format("{:020}-{}.damaged", base.number, number);
    const auto held = holds(directory, name, bytes);
    if (held && *held) return name;
    if (held) continue;
    if (held.error().outcome != Outcome::not_found) return held.error();
    auto output = Output::open(directory, unfinished_name);
    if (!output) return output.error();
    if (auto added = output->add(bytes); !added) return added.error();
    if (auto done = output->finish(); !done) return done.error();
    if (auto named = directory.rename(unfinished_name, name); !named) return named.error();
    if (auto synced = directory.sync(); !synced) return synced.error();
    return name;
  }
  return Error{Outcome::exhausted,
               fmt::format("{} holds {} files that were set aside of segment {}: move them "
                           "elsewhere and begin again",
                           directory.path(), set_aside_max, base.number)};
}

// That what was written is what was meant, before it replaces anything.
Result<void> check_mended(disk::Directory& directory, const SegmentPlan& plan) {
  auto file = directory.open(unfinished_name, disk::Open::read);
  if (!file) return file.error();
  SegmentWalk walk{**file, directory.path() + "/" + std::string(unfinished_name)};
  if (auto begun = walk.begin(plan.header); !begun) return begun;
  auto flaw = walk.go_on();
  if (!flaw) return flaw.error();
  if (!*flaw && walk.walked().end == plan.end) return {};
  return Error{Outcome::corrupt,
               fmt::format("{}/{} does not read as it was written: the disk cannot be trusted; "
                           "nothing was replaced",
                           directory.path(), unfinished_name)};
}

Result<void> mend_segment(disk::Directory& directory, const SegmentPlan& plan, Time now,
                          RepairedPartition& repaired) {
  const std::string name = segment_name(plan.header.base);
  std::unique_ptr<disk::File> source;
  GapNote note{.declared_at = now, .set_aside = {}};
  if (!plan.is_absent) {
    auto opened = directory.open(name, disk::Open::read);
    if (!opened) return opened.error();
    source = std::move(*opened);
    if (!plan.damaged.empty()) {
      const auto bytes = gather(*source, plan.damaged);
      if (!bytes) return bytes.error();
      auto kept = set_aside(directory, plan.header.base, *bytes);
      if (!kept) return kept.error();
      note.set_aside = *kept;
      repaired.set_aside.push_back(directory.path() + "/" + *kept);
    }
  }
  FAILPOINT("stream.repair.set_aside");
  auto output = Output::open(directory, unfinished_name);
  if (!output) return output.error();
  if (auto written = Mender{source.get(), plan, note}.write(*output); !written) return written;
  if (auto checked = check_mended(directory, plan); !checked) return checked;
  FAILPOINT("stream.repair.mended");
  if (auto named = directory.rename(unfinished_name, name); !named) return named;
  if (auto synced = directory.sync(); !synced) return synced;
  FAILPOINT("stream.repair.replaced");
  return {};
}

Result<void> publish_head(disk::Directory& directory, const PartitionPlan& plan) {
  const SegmentPlan& last = plan.segments.back();
  std::uint64_t bytes = last.bytes;
  if (last.is_changed) {
    auto file = directory.open(segment_name(last.header.base), disk::Open::read);
    if (!file) return file.error();
    auto size = (*file)->size();
    if (!size) return size.error();
    bytes = *size;
  }
  auto head = Head::open(directory, disk::Open::create);
  if (!head) return head.error();
  (*head)->publish({.first = plan.segments.front().header.base,
                    .end = plan.end,
                    .segment = last.header.base,
                    .segment_bytes = bytes});
  return (*head)->sync();
}

Result<RepairedPartition> repair_partition(disk::Directory& directory, const std::string& topic,
                                           Partition partition, Position end_min,
                                           const RepairOptions& options, const Clock& clock) {
  auto plan = RepairPlanner{directory, topic, partition, end_min, options.source_first}.plan();
  if (!plan) return plan.error();
  RepairedPartition repaired{
      .partition = partition, .end = plan->end, .mendings = plan->mendings, .set_aside = {}};
  if (!options.apply || plan->mendings.empty()) return repaired;
  if (auto made = directory.make(); !made) return made.error();
  for (const SegmentPlan& segment : plan->segments) {
    if (!segment.is_changed) continue;
    auto mended = mend_segment(directory, segment, clock.now(), repaired);
    if (!mended) {
      return mended.error().during("mend " + directory.path() + "/" +
                                   segment_name(segment.header.base));
    }
  }
  if (auto published = publish_head(directory, *plan); !published) return published.error();
  return repaired;
}

}  // namespace

Result<std::vector<RepairedPartition>> repair_topic(disk::Directory& root, const std::string& name,
                                                    const RepairOptions& options,
                                                    const Clock& clock) {
  std::vector<RepairedPartition> repaired;
  const auto topic = root.directory(name);
  auto partitions = find_partitions(*topic);
  if (!partitions) return partitions.error();
  // Also when its directory was moved away, for its groups may still stand somewhere.
  if (partitions->empty()) partitions->push_back({});
  auto names = topic->list();
  if (!names && names.error().outcome == Outcome::not_found && options.end_min == Position{}) {
    return repaired;
  }
  if (auto made = topic->make(); !made) return made.error();
  auto lock = topic->lock("lock", options.program, options.lock_span_max);
  if (!lock) return lock.error();
  for (const Partition partition : *partitions) {
    auto known = end_of_cursors(*topic, partition);
    if (!known) return known.error();
    const Position end_min = partition == Partition{} ? std::max(*known, options.end_min) : *known;
    const auto directory = topic->directory(std::to_string(partition.number));
    auto done = repair_partition(*directory, name, partition, end_min, options, clock);
    if (!done) return done.error();
    repaired.push_back(std::move(*done));
  }
  return repaired;
}

}  // namespace cauce::stream::embedded
