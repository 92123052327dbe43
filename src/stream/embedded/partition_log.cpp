#include "stream/embedded/partition_log.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/failpoint.h"
#include "base/log.h"
#include "disk/crc32c.h"
#include "stream/embedded/listing.h"
#include "stream/embedded/recovery.h"
#include "stream/verification.h"

namespace cauce::stream::embedded {
namespace {

// A segment is filled under this name and gets its own when it is whole, so a crash never leaves a
// segment without its header.
constexpr std::string_view unfinished_name = "next";

// To sync bytes that a file has already takes about half the time that new ones take, which the
// file system has to note down; a third where it has a journal. So where a small group ends, zeros
// are laid out for those that follow (docs/decisions/011-zeros-ahead.md). Large groups would only
// be written twice.
constexpr std::size_t small_group_bytes_max = 64 << 10;
constexpr std::uint64_t zeroed_bytes = 256 << 10;

}  // namespace

PartitionLog::PartitionLog(std::unique_ptr<disk::Directory> directory, std::string topic,
                           Partition partition, const Options& options, const Clock& clock,
                           InFlight& in_flight)
    : directory_(std::move(directory)),
      topic_(std::move(topic)),
      partition_(partition),
      options_(options),
      clock_(clock),
      in_flight_(in_flight),
      pending_(options.group_bytes_max),
      packer_(options.pack ? std::make_unique<Packer>() : nullptr),
      synced_at_(clock.elapsed() - options.sync_interval_min) {}

PartitionLog::~PartitionLog() {
  const Error closed{Outcome::unavailable,
                     fmt::format("the writer of topic {} was closed before it synced", topic_)};
  refuse(std::exchange(unsynced_, {}), closed);
  if (blocked_) {
    std::deque<Group> blocked;
    blocked.push_back(std::move(*blocked_));
    refuse(blocked, closed);
  }
  refuse(pending_.stop(closed), closed);
  if (stopped_) return;
  // After a clean stop a segment ends with its last frame, and recovery can tell damage from a torn
  // write also after a power cut.
  if (bytes_filled_ > bytes_) static_cast<void>(file_->truncate(bytes_));
  if (head_ != nullptr) static_cast<void>(head_->sync());
}

Result<work::Progress> PartitionLog::step() {
  if (stopped_) return *stopped_;
  auto progress = work::Progress::idle;
  if (!blocked_) blocked_ = pending_.take();
  if (blocked_) {
    auto written = write(*blocked_);
    if (!written) return stop(written.error());
    if (*written == Written::yes) {
      pending_.recycle(std::move(blocked_->bytes));
      unsynced_.push_back(std::move(*blocked_));
      blocked_.reset();
      progress = work::Progress::worked;
    }
  }
  const bool due = clock_.elapsed() - synced_at_ >= options_.sync_interval_min;
  if (!unsynced_.empty() && due) {
    if (auto synced = sync_and_publish(); !synced) return stop(synced.error());
    acknowledge_durable();
    progress = work::Progress::worked;
  }
  return progress;
}

Duration PartitionLog::rest_max() const {
  Duration rest = Duration::max();
  if (blocked_) rest = options_.room_interval;
  if (!unsynced_.empty()) {
    const Duration due = synced_at_ + options_.sync_interval_min - clock_.elapsed();
    rest = std::min(rest, std::max(due, Duration{0}));
  }
  return rest;
}

Result<PartitionLog::Written> PartitionLog::write(Group& group) {
  if (!group.appended_at) {
    group.appended_at = std::max(clock_.now(), appended_at_last_);
    appended_at_last_ = *group.appended_at;
  }
  // Two segments can't have one base, so a segment without a record is never closed.
  const Position group_base = group.frames.front().header.base;
  const bool full = bytes_ + group.bytes.size() > options_.segment_bytes_max && end_ > base_;
  Result<void> done;
  if (file_ == nullptr || full) done = roll(group_base);
  if (done) done = write_frames(group);
  if (done) {
    without_room_ = false;
    return Written::yes;
  }
  if (done.error().outcome != Outcome::exhausted) return done.error();
  if (!without_room_) {
    log::warning(
        fmt::format("{}; nothing is acknowledged until there is room", done.error().message));
  }
  without_room_ = true;
  return Written::no_room;
}

// As the frame is stored now; its length and checksum are those of `body`.
FrameHeader PartitionLog::header_of(const Group& group, const FrameStart& frame,
                                    BytesView body) const {
  FrameHeader header = frame.header;
  header.body_bytes = std::uint32_t(body.size());
  header.body_crc = disk::crc32c(body);
  header.appended_at = *group.appended_at;
  header.synced_bytes = bytes_synced_;
  return header;
}

// Makes the frames of the group whole where they stand.
void PartitionLog::seal(Group& group) const {
  for (const FrameStart& frame : group.frames) {
    char* const target = group.bytes.data() + frame.offset;
    const BytesView body{target + frame_header_bytes, frame.header.body_bytes};
    encode(header_of(group, frame, body), salt_, target);
  }
}

// Lays the frames out anew in packed_, packed where that pays.
void PartitionLog::pack(const Group& group) {
  packed_.clear();
  for (const FrameStart& frame : group.frames) {
    const BytesView body =
        BytesView{group.bytes}.substr(frame.offset + frame_header_bytes, frame.header.body_bytes);
    const std::optional<BytesView> packed = packer_->pack(body);
    FrameHeader header = header_of(group, frame, packed.value_or(body));
    if (packed) header.unpacked_bytes = std::uint32_t(body.size());
    const std::size_t offset = packed_.size();
    packed_.resize(offset + frame_header_bytes);
    encode(header, salt_, packed_.data() + offset);
    packed_ += packed.value_or(body);
  }
}

Result<void> PartitionLog::write_frames(Group& group) {
  const bool may_pack = packer_ != nullptr && version_ >= version_packed;
  may_pack ? pack(group) : seal(group);
  const BytesView bytes = may_pack ? packed_ : group.bytes;
  if (auto done = file_->write_at(bytes_, bytes); !done) {
    if (done.error().outcome != Outcome::exhausted) return done;
    // The part that was written goes again: it must not look like a torn tail with a successor.
    if (auto cut = file_->truncate(bytes_); !cut) {
      return Error{Outcome::unavailable, cut.error().message};
    }
    bytes_filled_ = bytes_;
    return done;
  }
  bytes_ += bytes.size();
  if (bytes.size() <= small_group_bytes_max) {
    if (auto zeroed = zero_ahead(); !zeroed) return zeroed;
  }
  end_ = group.end;
  for (const FrameStart& frame : group.frames) {
    if (frame.header.kind != Kind::derived) continue;
    derived_ends_[frame.header.source.partition] = frame.header.source.to;
  }
  return {};
}

// Only when the file has just been made longer anyway, up to the next multiple of zeroed_bytes.
Result<void> PartitionLog::zero_ahead() {
  if (bytes_ <= bytes_filled_) return {};
  static const Bytes zeros(zeroed_bytes, '\0');
  const std::uint64_t target =
      std::min((bytes_ / zeroed_bytes + 1) * zeroed_bytes, options_.segment_bytes_max);
  if (target <= bytes_) return {};
  auto done = file_->write_at(bytes_, BytesView{zeros}.substr(0, target - bytes_));
  // On a full disk what remains is for frames.
  if (!done && done.error().outcome != Outcome::exhausted) return done;
  bytes_filled_ = target;
  return {};
}

void PartitionLog::acknowledge_durable() {
  for (const Group& group : std::exchange(unsynced_, {})) {
    // First the room, then the news: who was told `exhausted` may try again when it hears.
    in_flight_.leave(group.cost);
    for (const Waiting& waiting : group.waiting) {
      if (waiting.acknowledge) waiting.acknowledge(waiting.first);
    }
  }
}

void PartitionLog::refuse(const std::deque<Group>& groups, const Error& error) {
  for (const Group& group : groups) {
    in_flight_.leave(group.cost);
    for (const Waiting& waiting : group.waiting) {
      if (waiting.acknowledge) waiting.acknowledge(error);
    }
  }
}

Error PartitionLog::stop(const Error& error) {
  stopped_ = error.during(fmt::format("write topic {}, partition {}", topic_, partition_.number));
  refuse(std::exchange(unsynced_, {}), *stopped_);
  if (blocked_) {
    std::deque<Group> blocked;
    blocked.push_back(std::move(*blocked_));
    blocked_.reset();
    refuse(blocked, *stopped_);
  }
  refuse(pending_.stop(*stopped_), *stopped_);
  return *stopped_;
}

Result<void> PartitionLog::sync_and_publish() {
  FAILPOINT("stream.before_sync");
  // Not retried: after a failed sync the kernel may drop the pages and report success.
  const Duration began = clock_.elapsed();
  if (auto synced = file_->sync(); !synced) return synced;
  FAILPOINT("stream.after_sync");
  synced_at_ = clock_.elapsed();
  options_.meters.syncs.observe(synced_at_ - began);
  options_.meters.bytes.add(bytes_ - bytes_synced_);
  bytes_synced_ = bytes_;
  const std::lock_guard lock{durable_mutex_};
  options_.meters.records.add(end_.number - durable_.end.number);
  durable_.end = end_;
  durable_.segment = base_;
  durable_.segment_bytes = bytes_synced_;
  derived_ends_durable_ = derived_ends_;
  head_->publish(durable_);
  return {};
}

// Closes the segment that is full and begins the next one at `base`.
Result<void> PartitionLog::roll(Position base) {
  if (file_ != nullptr && !unsynced_.empty()) {
    if (auto synced = sync_and_publish(); !synced) {
      return Error{Outcome::unavailable, synced.error().message};
    }
    acknowledge_durable();
  }
  const SegmentHeader header{.version = packer_ != nullptr ? version_packed : version_plain,
                             .topic = topic_,
                             .partition = partition_,
                             .base = base,
                             .created_at = appended_at_last_};
  const Bytes bytes = first_bytes(header);
  if (auto filled = fill_segment(bytes); !filled) return filled;
  // Nobody can use the room behind a closed segment's end; and what follows a closed segment's last
  // frame is damage, so it has to be gone before the next one has its name.
  if (file_ != nullptr) {
    Result<void> cut = file_->truncate(bytes_);
    if (cut) cut = file_->sync();
    if (!cut) return Error{Outcome::unavailable, cut.error().message};
  }
  const std::string name = segment_name(base);
  Result<void> named = directory_->rename(unfinished_name, name);
  if (named) named = directory_->sync();
  if (!named) return Error{Outcome::unavailable, named.error().message};
  // Opened by its own name, which errors will say.
  auto opened = directory_->open(name, disk::Open::write);
  if (!opened) return Error{Outcome::unavailable, opened.error().message};
  file_ = std::move(*opened);
  base_ = base;
  version_ = header.version;
  salt_ = salt_of(bytes);
  bytes_ = bytes_synced_ = bytes_filled_ = bytes.size();
  const std::lock_guard lock{durable_mutex_};
  if (segments_.empty()) durable_.first = base;
  segments_.push_back(base);
  return {};
}

// Its header and, so that the last segment alone says how far each source is derived, an empty
// frame for each.
Bytes PartitionLog::first_bytes(const SegmentHeader& header) {
  Bytes bytes = encode(header);
  const std::uint32_t salt = salt_of(bytes);
  for (const auto& [source, end] : derived_ends_) {
    const FrameHeader frame{.kind = Kind::derived,
                            .base = header.base,
                            .appended_at = header.created_at,
                            .synced_bytes = 0,
                            .source = {.partition = source, .from = end, .to = end}};
    bytes.resize(bytes.size() + frame_header_bytes);
    encode(frame, salt, bytes.data() + bytes.size() - frame_header_bytes);
  }
  return bytes;
}

// A file under the unfinished name, durable but for the name.
Result<void> PartitionLog::fill_segment(const Bytes& bytes) {
  auto file = directory_->open(unfinished_name, disk::Open::create);
  if (!file) return file.error();
  Result<void> done = (*file)->truncate(0);
  // Without room for a whole segment there may still be room for what comes: the write will tell.
  if (done) done = (*file)->reserve(options_.segment_bytes_max);
  if (!done && done.error().outcome == Outcome::exhausted) done = (*file)->truncate(0);
  if (done) done = (*file)->write_at(0, bytes);
  if (!done) {
    static_cast<void>((*file)->truncate(0));
    return done.error();
  }
  return (*file)->sync();
}

Position PartitionLog::derived_end_durable(Partition source) const {
  const std::lock_guard lock{durable_mutex_};
  const auto known = derived_ends_durable_.find(source);
  return known == derived_ends_durable_.end() ? Position{} : known->second;
}

Result<void> PartitionLog::trim(Position before) {
  std::vector<Position> removed;
  {
    const std::lock_guard lock{durable_mutex_};
    std::size_t count = 0;
    // The segment with the last record stays: it says where the partition ends.
    while (count + 1 < segments_.size() && segments_[count + 1] <= before &&
           segments_[count + 1] < durable_.end) {
      ++count;
    }
    if (count == 0) return {};
    const auto kept = segments_.begin() + std::ptrdiff_t(count);
    removed.assign(segments_.begin(), kept);
    segments_.erase(segments_.begin(), kept);
    // Readers learn it before the files go, so they get not_found and not a missing file.
    durable_.first = std::max(durable_.first, segments_.front());
    head_->publish(durable_);
  }
  for (auto base = removed.begin(); base != removed.end(); ++base) {
    Result<void> done = directory_->remove(segment_name(*base));
    // What is gone already must not keep what comes after it.
    if (!done && done.error().outcome == Outcome::not_found) done = {};
    // One by one, oldest first: a power cut in between must not leave a hole.
    if (done) done = directory_->sync();
    if (done) options_.meters.segments_deleted.add();
    if (done) continue;
    // Nor must the next trim: it begins with those that are left.
    const std::lock_guard lock{durable_mutex_};
    segments_.insert(segments_.begin(), base, removed.end());
    return done.error().during("trim topic " + topic_);
  }
  return {};
}

Result<std::unique_ptr<PartitionLog>> PartitionLog::open(std::unique_ptr<disk::Directory> directory,
                                                         const std::string& topic,
                                                         Partition partition, Position given,
                                                         const Options& options, const Clock& clock,
                                                         InFlight& in_flight) {
  std::unique_ptr<PartitionLog> log{
      new PartitionLog{std::move(directory), topic, partition, options, clock, in_flight}};
  if (auto recovered = log->recover(given); !recovered) {
    return recovered.error().during(
        fmt::format("recover topic {}, partition {}", topic, partition.number));
  }
  return log;
}

Result<void> PartitionLog::recover(Position given) {
  if (auto made = directory_->make(); !made) return made;
  auto head = Head::open(*directory_, disk::Open::create);
  if (!head) return head.error();
  const std::optional<Durable> known = (*head)->load();
  auto segments = find_segments(*directory_);
  if (!segments) return segments.error();
  segments_ = std::move(*segments);
  const Position last = segments_.empty() ? Position{} : segments_.back();
  const bool missing =
      known && known->segment_bytes > 0 && (segments_.empty() || known->segment > last);
  if (missing) {
    return Error{
        Outcome::corrupt,
        fmt::format("{}/{} is missing, which the head says was synced up to position {}; {}",
                    directory_->path(), segment_name(known->segment), known->end.number,
                    repair_advice)};
  }
  if (!segments_.empty()) {
    if (auto done = recover_last(last, known, given); !done) return done;
  } else if (given > Position{}) {
    return missing_end(directory_->path(), {}, given);
  }
  pending_.start(end_, derived_ends_);
  // Names too: what a reader opens must be there after a power cut.
  if (auto synced = directory_->sync(); !synced) return synced;
  durable_ = {.first = segments_.empty() ? Position{} : segments_.front(),
              .end = end_,
              .segment = base_,
              .segment_bytes = bytes_};
  derived_ends_durable_ = derived_ends_;
  head_ = std::move(*head);
  head_->publish(durable_);
  return {};
}

Result<void> PartitionLog::recover_last(Position last, const std::optional<Durable>& known,
                                        Position given) {
  auto file = directory_->open(segment_name(last), disk::Open::write);
  if (!file) return file.error();
  const SegmentHeader expected{
      .topic = topic_, .partition = partition_, .base = last, .created_at = {}};
  const std::string path = fmt::format("{}/{}", directory_->path(), segment_name(last));
  auto recovered = recover_segment(**file, path, expected, known, given);
  if (!recovered) return recovered.error();
  if (recovered->bytes_unfinished > 0) {
    log::notice(fmt::format("{}: cut {} bytes of an unfinished write; it holds {}", path,
                            recovered->bytes_unfinished,
                            tell_positions(last, recovered->walked.end)));
  }
  // What a cut gave back. Without room for a whole segment there may still be room for what comes.
  static_cast<void>((*file)->reserve(options_.segment_bytes_max));
  file_ = std::move(*file);
  base_ = last;
  version_ = recovered->version;
  salt_ = recovered->salt;
  bytes_ = bytes_synced_ = bytes_filled_ = recovered->walked.bytes;
  if (recovered->bytes_unfinished == 0) bytes_filled_ += recovered->bytes_zero;
  end_ = recovered->walked.end;
  appended_at_last_ = recovered->walked.appended_at_last;
  derived_ends_ = std::move(recovered->walked.derived_ends);
  return {};
}

}  // namespace cauce::stream::embedded
