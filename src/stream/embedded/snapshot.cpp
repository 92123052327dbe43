#include "stream/embedded/snapshot.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "disk/posix.h"
#include "stream/embedded/cursors.h"
#include "stream/embedded/embedded.h"
#include "stream/embedded/format.h"
#include "stream/embedded/listing.h"
#include "stream/embedded/segment_reader.h"
#include "stream/embedded/window.h"

namespace cauce::stream::embedded {
namespace {

constexpr std::size_t copy_bytes = 1 << 20;
// What is copied goes to the disk in pieces: the syncs of the writer beside us would have to wait
// for one large pile.
constexpr std::uint64_t sync_bytes = 8 << 20;

Result<void> copy_file(disk::File& source, disk::File& target, std::uint64_t bytes) {
  Bytes buffer(copy_bytes, '\0');
  std::uint64_t synced = 0;
  for (std::uint64_t offset = 0; offset < bytes;) {
    const auto wanted = std::size_t(std::min<std::uint64_t>(buffer.size(), bytes - offset));
    auto count = source.read_at(offset, buffer.data(), wanted);
    if (!count) return count.error();
    if (*count != wanted) {
      return Error{Outcome::unavailable, "it became shorter while it was copied; begin again"};
    }
    const BytesView part{buffer.data(), wanted};
    if (auto written = target.write_at(offset, part); !written) return written;
    offset += wanted;
    if (offset - synced < sync_bytes) continue;
    if (auto done = target.sync(); !done) return done;
    synced = offset;
  }
  return {};
}

// The place of the first derived frame that goes beyond `source_max`; `limit` when none does.
Result<Place> end_within(disk::File& file, const Recovered& found, Position base,
                         Position source_max) {
  Window window{file};
  Place place{.offset = segment_header_bytes, .base = base};
  while (place.offset < found.walked.bytes) {
    auto bytes = window.at(place.offset, frame_header_bytes, found.walked.bytes);
    if (!bytes) return bytes.error();
    const std::optional<FrameHeader> header = decode_frame(*bytes, found.salt);
    INVARIANT(header.has_value());  // it was walked a moment ago, and never changes
    if (header->kind == Kind::derived && header->source.to > source_max) break;
    place = Frame{.place = place, .header = *header}.next();
  }
  return place;
}

// The copy's own: it can be read before a writer has opened it, and recovery knows its end.
Result<void> publish_head(disk::Directory& target, const Durable& durable) {
  auto head = Head::open(target, disk::Open::create);
  if (!head) return head.error();
  (*head)->publish(durable);
  return {};
}

using Partitions = std::map<Partition, std::unique_ptr<PartitionSnapshot>>;

Result<Partitions> partitions_of(disk::Directory& root, const std::string& topic) {
  const auto directory = root.directory(topic);
  auto partitions = find_partitions(*directory);
  if (!partitions) return partitions.error();
  Partitions found;
  for (const Partition partition : *partitions) {
    found[partition] = std::make_unique<PartitionSnapshot>(
        directory->directory(std::to_string(partition.number)), topic, partition);
  }
  return found;
}

class TopicSnapshot final : public Snapshot {
 public:
  explicit TopicSnapshot(std::string topic) : topic_(std::move(topic)) {}

  Result<void> pin(disk::Directory& root) {
    auto found = partitions_of(root, topic_);
    if (!found) return found.error();
    partitions_ = std::move(*found);
    for (const auto& [partition, snapshot] : partitions_) {
      if (auto pinned = snapshot->pin(); !pinned) return pinned;
    }
    return {};
  }

  Result<std::vector<CopiedPartition>> copy_to(const std::filesystem::path& target,
                                               std::optional<Position> source_max) override {
    std::vector<CopiedPartition> copied;
    for (const auto& [partition, snapshot] : partitions_) {
      const auto directory = disk::posix_directory(target / std::to_string(partition.number));
      auto range = snapshot->copy_to(*directory, source_max);
      if (!range) return range.error().during("copy topic " + topic_);
      copied.push_back(*range);
    }
    return copied;
  }

 private:
  const std::string topic_;
  Partitions partitions_;
};

}  // namespace

std::string PartitionSnapshot::path_of(Position base) const {
  return directory_->path() + "/" + segment_name(base);
}

Result<void> PartitionSnapshot::pin() {
  return hold_new_segments(true);
}

// Retention deletes the oldest first. So when it comes between the list and the opening, what was
// opened before is older still and, as long as no consumer was copied, needed by nobody.
Result<void> PartitionSnapshot::hold_new_segments(bool may_begin_again) {
  auto bases = find_segments(*directory_);
  if (!bases) return bases.error();
  for (const Position base : *bases) {
    if (!segments_.empty() && base <= segments_.rbegin()->first) continue;
    auto file = directory_->open(segment_name(base), disk::Open::read);
    if (!file && file.error().outcome == Outcome::not_found) {
      if (may_begin_again) segments_.clear();
      continue;
    }
    if (!file) return file.error();
    segments_[base] = std::move(*file);
  }
  return {};
}

Result<Recovered> PartitionSnapshot::inspect(Segments::const_iterator segment,
                                             const std::optional<Durable>& head) {
  const SegmentHeader expected{
      .topic = topic_, .partition = partition_, .base = segment->first, .created_at = {}};
  const std::string path = path_of(segment->first);
  auto found = inspect_segment(*segment->second, path, expected, head);
  const bool is_last = std::next(segment) == segments_.end();
  if (found || found.error().outcome != Outcome::corrupt || !is_last) return found;
  // A writer that was killed in a write, and its successor that cut the rest off and wrote on, may
  // both have come between our looks at the same bytes. What is damaged is so the next time too.
  return inspect_segment(*segment->second, path, expected, head);
}

Result<void> PartitionSnapshot::check_end(const CopiedPartition& found,
                                          const std::optional<Durable>& head) const {
  if (!head || found.end >= head->end) return {};
  return Error{Outcome::corrupt,
               fmt::format("{} ends at position {}, but its head says that positions up to {} were "
                           "synced; {}",
                           directory_->path(), found.end.number, head->end.number, repair_advice)};
}

Result<CopiedPartition> PartitionSnapshot::check() {
  auto head = load_head(*directory_);
  if (!head) return head.error();
  auto bases = find_segments(*directory_);
  if (!bases) return bases.error();
  CopiedPartition found{.partition = partition_, .first = {}, .end = {}};
  if (!bases->empty()) {
    auto last = directory_->open(segment_name(bases->back()), disk::Open::read);
    if (!last) return last.error();
    segments_[bases->back()] = std::move(*last);
    auto inspected = inspect(segments_.find(bases->back()), *head);
    if (!inspected) return inspected.error();
    found.first = bases->front();
    found.end = inspected->walked.end;
  }
  if (auto checked = check_end(found, *head); !checked) return checked.error();
  return found;
}

Result<CopiedPartition> PartitionSnapshot::copy_to(disk::Directory& target,
                                                   std::optional<Position> source_max) {
  // In this order: what the head says is durable must then be found.
  auto head = load_head(*directory_);
  if (!head) return head.error();
  if (auto held = hold_new_segments(false); !held) return held.error();
  if (auto made = target.make(); !made) return made.error();
  CopiedPartition copied{.partition = partition_, .first = {}, .end = {}};
  if (!segments_.empty()) copied.first = copied.end = segments_.begin()->first;
  Durable kept;
  for (auto segment = segments_.begin(); segment != segments_.end(); ++segment) {
    const auto& [base, file] = *segment;
    if (base != copied.end) {
      return Error{
          Outcome::unavailable,
          fmt::format("records from position {} on are missing in {}: the nearly full disk "
                      "made them go while they were copied, or somebody removed them; "
                      "free some room and begin again",
                      copied.end.number, directory_->path())};
    }
    auto found = inspect(segment, *head);
    if (!found) return found.error();
    const bool ends_with_frame = found->bytes_unfinished + found->bytes_zero == 0;
    if (!ends_with_frame && std::next(segment) != segments_.end()) {
      return Error{Outcome::corrupt,
                   fmt::format("{}: the frame at offset {} (position {}) is damaged, although a "
                               "later segment was begun; run: cauce doctor",
                               path_of(base), found->walked.bytes, found->walked.end.number)};
    }
    Place end{.offset = found->walked.bytes, .base = found->walked.end};
    if (source_max) {
      auto within = end_within(*file, *found, base, *source_max);
      if (!within) return within.error();
      end = *within;
    }
    const bool bounded = end.offset < found->walked.bytes;
    if (bounded && end.offset == segment_header_bytes && segment != segments_.begin()) break;
    auto written = target.open(segment_name(base), disk::Open::create);
    if (!written) return written.error();
    if (auto done = copy_file(*file, **written, end.offset); !done) {
      return done.error().during(path_of(base));
    }
    copied.end = end.base;
    kept = {.first = copied.first, .end = copied.end, .segment = base, .segment_bytes = end.offset};
    if (bounded) break;
  }
  if (!source_max) {
    if (auto checked = check_end(copied, *head); !checked) return checked.error();
  }
  if (auto said = publish_head(target, kept); !said) return said.error();
  return copied;
}

Result<std::vector<CopiedPartition>> check_topic(disk::Directory& root, const std::string& name) {
  auto partitions = partitions_of(root, name);
  if (!partitions) return partitions.error();
  const auto topic = root.directory(name);
  std::vector<CopiedPartition> found;
  for (const auto& [partition, snapshot] : *partitions) {
    // Before the partition: what a group has seen is then found in it, whoever writes on.
    const auto given = end_of_cursors(*topic, partition);
    if (!given) return given.error();
    auto checked = snapshot->check();
    if (!checked) return checked.error();
    if (checked->end < *given) {
      const std::string path = fmt::format("{}/{}", topic->path(), partition.number);
      return missing_end(path, checked->end, *given);
    }
    found.push_back(*checked);
  }
  if (!found.empty()) return found;
  const auto given = end_of_cursors(*topic, {});
  if (!given) return given.error();
  if (*given > Position{}) return missing_end(topic->path(), {}, *given);
  return found;
}

Result<std::unique_ptr<Snapshot>> pin_topic(disk::Directory& root, const std::string& name) {
  auto snapshot = std::make_unique<TopicSnapshot>(name);
  if (auto pinned = snapshot->pin(root); !pinned) return pinned.error();
  return std::unique_ptr<Snapshot>{std::move(snapshot)};
}

}  // namespace cauce::stream::embedded
