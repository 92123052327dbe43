#include "stream/embedded/description.h"

#include <algorithm>
#include <utility>

#include "stream/embedded/cursors.h"
#include "stream/embedded/listing.h"
#include "stream/embedded/reader.h"
#include "stream/embedded/segment_reader.h"

namespace cauce::stream::embedded {
namespace {

// nullopt when it can't be read: who wants to know why asks `cauce stream verify`.
std::optional<Time> appended_at(Reader& reader, Partition partition, Position position) {
  const auto batch = reader.read(partition, position, 1);
  if (!batch || batch->appended_at.empty()) return std::nullopt;
  return batch->appended_at.front();
}

Result<void> add_segments(disk::Directory& directory, const Durable& durable,
                          DescribedPartition& described) {
  auto bases = find_segments(directory);
  if (!bases) return bases.error();
  for (const Position base : *bases) {
    if (base < durable.first || base > durable.segment) continue;
    auto file = directory.open(segment_name(base), disk::Open::read);
    if (!file && file.error().outcome == Outcome::not_found) continue;  // trimmed meanwhile
    if (!file) return file.error();
    auto size = (*file)->size();
    if (!size) return size.error();
    ++described.segments;
    described.bytes += base == durable.segment ? durable.segment_bytes : *size;
    const auto segment = SegmentReader::open(directory, base);
    if (!segment) continue;
    const std::uint32_t version = (*segment)->version();
    const auto known = std::lower_bound(described.format_versions.begin(),
                                        described.format_versions.end(), version);
    if (known != described.format_versions.end() && *known == version) continue;
    described.format_versions.insert(known, version);
  }
  return {};
}

Result<void> add_groups(Cursors& cursors, DescribedPartition& described) {
  auto groups = cursors.groups();
  if (!groups) return groups.error();
  for (const std::string& group : *groups) {
    auto position = cursors.committed(group, described.partition);
    if (!position) return position.error();
    if (!*position) continue;
    const std::uint64_t end = std::max(described.end.number, (*position)->number);
    described.groups.push_back(
        {.name = group, .position = **position, .lag = end - (*position)->number});
  }
  return {};
}

}  // namespace

Result<std::vector<DescribedPartition>> describe_topic(disk::Directory& root,
                                                       const std::string& name) {
  const auto topic = root.directory(name);
  auto partitions = find_partitions(*topic);
  if (!partitions) return partitions.error();
  EmbeddedReader reader{root.directory(name)};
  EmbeddedCursors cursors{*topic, topic->directory("groups")};
  std::vector<DescribedPartition> found;
  for (const Partition partition : *partitions) {
    const auto directory = topic->directory(std::to_string(partition.number));
    auto head = load_head(*directory);
    if (!head) return head.error();
    const Durable durable = head->value_or(Durable{});
    DescribedPartition described;
    described.partition = partition;
    described.first = durable.first;
    described.end = durable.end;
    if (durable.first < durable.end) {
      described.first_at = appended_at(reader, partition, durable.first);
      described.last_at = appended_at(reader, partition, {durable.end.number - 1});
    }
    if (auto done = add_segments(*directory, durable, described); !done) return done.error();
    if (auto done = add_groups(cursors, described); !done) return done.error();
    found.push_back(std::move(described));
  }
  return found;
}

}  // namespace cauce::stream::embedded
