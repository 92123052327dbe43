#include "stream/embedded/recovery.h"

#include <fmt/core.h>

namespace cauce::stream::embedded {
namespace {

Error damaged(const SegmentWalk& walk, const std::string& path, std::string_view reason) {
  return Error{Outcome::corrupt,
               fmt::format("{}: the frame at offset {} (position {}) is damaged: {}; {}", path,
                           walk.walked().bytes, walk.walked().end.number, reason, repair_advice)};
}

Result<void> check_head(const SegmentWalk& walk, const std::string& path,
                        const std::optional<Durable>& head) {
  const Walked& walked = walk.walked();
  const bool here = head && head->segment == walk.header().base;
  if (here && (head->segment_bytes > walked.bytes || head->end > walked.end)) {
    return damaged(walk, path,
                   fmt::format("the head says that {} bytes up to position {} were synced",
                               head->segment_bytes, head->end.number));
  }
  return {};
}

}  // namespace

Result<std::optional<Frame>> find_witness(SegmentWalk& walk, const Flaw& flaw) {
  return walk.find(flaw.rest,
                   [&flaw](const FrameHeader& later) { return later.synced_bytes > flaw.offset; });
}

Result<Recovered> inspect_segment(disk::File& file, const std::string& path,
                                  const SegmentHeader& expected,
                                  const std::optional<Durable>& head) {
  SegmentWalk walk{file, path};
  if (auto begun = walk.begin(expected); !begun) return begun.error();
  auto flaw = walk.go_on();
  if (!flaw) return flaw.error();
  if (*flaw && (*flaw)->is_contradiction) return damaged(walk, path, (*flaw)->reason);
  if (auto checked = check_head(walk, path, head); !checked) return checked.error();
  if (*flaw) {
    auto witness = find_witness(walk, **flaw);
    if (!witness) return witness.error();
    if (*witness) {
      return damaged(
          walk, path,
          fmt::format("the frame at offset {} says that it was synced", (*witness)->place.offset));
    }
  }
  auto unfinished = walk.bytes_unfinished();
  if (!unfinished) return unfinished.error();
  return Recovered{.walked = walk.walked(),
                   .version = walk.header().version,
                   .salt = walk.salt(),
                   .bytes_unfinished = *unfinished,
                   .bytes_zero = walk.limit() - walk.walked().bytes - *unfinished};
}

Error missing_end(const std::string& path, Position end, Position given) {
  return Error{
      Outcome::corrupt,
      fmt::format("{} ends at position {}, but consumers have read up to position {}: what "
                  "was behind its end was removed or damaged; {}",
                  path, end.number, given.number, repair_advice)};
}

Result<Recovered> recover_segment(disk::File& file, const std::string& path,
                                  const SegmentHeader& expected, const std::optional<Durable>& head,
                                  Position given) {
  auto found = inspect_segment(file, path, expected, head);
  if (!found) return found;
  if (found->walked.end < given) return missing_end(path, found->walked.end, given);
  if (found->bytes_unfinished > 0) {
    if (auto done = file.truncate(found->walked.bytes); !done) return done.error();
  }
  if (auto done = file.sync(); !done) return done.error();
  return found;
}

}  // namespace cauce::stream::embedded
