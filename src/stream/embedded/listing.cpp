#include "stream/embedded/listing.h"

#include <algorithm>
#include <charconv>
#include <string_view>

#include "stream/embedded/embedded.h"
#include "stream/embedded/format.h"

namespace cauce::stream::embedded {
namespace {

std::optional<Partition> parse_partition(std::string_view name) {
  Partition partition;
  const char* end = name.data() + name.size();
  const auto [rest, failure] = std::from_chars(name.data(), end, partition.number);
  const bool is_number = failure == std::errc{} && rest == end;
  const bool has_leading_zero = name.size() > 1 && name.front() == '0';
  if (!is_number || has_leading_zero || partition.number >= partitions_max) return std::nullopt;
  return partition;
}

}  // namespace

Result<std::vector<Partition>> find_partitions(disk::Directory& topic) {
  std::vector<Partition> partitions;
  auto names = topic.list();
  if (!names && names.error().outcome == Outcome::not_found) return partitions;
  if (!names) return names.error();
  for (const std::string& name : *names) {
    if (const auto partition = parse_partition(name)) partitions.push_back(*partition);
  }
  std::sort(partitions.begin(), partitions.end());
  return partitions;
}

Result<std::vector<Position>> find_segments(disk::Directory& partition) {
  auto names = partition.list();
  if (!names) return names.error();
  std::vector<Position> bases;
  for (const std::string& name : *names) {
    if (const auto base = parse_segment_name(name)) bases.push_back(*base);
  }
  return bases;
}

Result<std::optional<Durable>> load_head(disk::Directory& partition) {
  auto head = Head::open(partition, disk::Open::read);
  if (!head && head.error().outcome == Outcome::not_found) return std::optional<Durable>{};
  if (!head) return head.error();
  return (*head)->load();
}

}  // namespace cauce::stream::embedded
