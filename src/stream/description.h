// What a topic holds and who reads it, in figures: what `cauce stream describe` prints.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "stream/stream.h"

namespace cauce::stream {

struct DescribedGroup {
  std::string name;
  Position position;      // the next record that it wants
  std::uint64_t lag = 0;  // records between there and the end
};

struct DescribedPartition {
  Partition partition;
  Position first;  // the oldest record kept
  Position end;    // one past the last durable one
  // When those two arrived; nullopt when there is no record, or it is damaged.
  std::optional<Time> first_at;
  std::optional<Time> last_at;
  std::uint64_t segments = 0;
  std::uint64_t bytes = 0;  // of the segments, without what is set aside for the one being written
  // Of the segments, ascending; those whose header is damaged say none.
  std::vector<std::uint32_t> format_versions;
  std::vector<DescribedGroup> groups;  // that ever committed, by name
};

}  // namespace cauce::stream
