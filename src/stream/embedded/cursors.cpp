#include "stream/embedded/cursors.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>

#include "base/names.h"
#include "disk/crc32c.h"
#include "stream/embedded/embedded.h"

namespace cauce::stream::embedded {
namespace {

// "CCUR" as it stands in the file.
constexpr std::uint32_t slot_magic = 0x52554343;
constexpr std::size_t slot_bytes = 32;
// A page for each slot: a torn write can't reach the other.
constexpr std::uint64_t slot_interval = 4096;
constexpr std::size_t slot_crc_offset = 4;

struct Slot {
  std::uint64_t sequence = 0;  // the greater one holds
  Position position;
};

// The two slots of a partition; nullopt where nothing was ever written or a write was torn.
struct Slots {
  std::array<std::optional<Slot>, 2> slots;
  bool damaged = false;  // bytes are there and no slot is whole

  std::optional<std::size_t> latest() const {
    if (!slots[0] && !slots[1]) return std::nullopt;
    if (!slots[0]) return 1;
    if (!slots[1]) return 0;
    return slots[0]->sequence > slots[1]->sequence ? 0 : 1;
  }
};

std::uint64_t offset_of(Partition partition, std::size_t slot) {
  return (std::uint64_t{partition.number} * 2 + slot) * slot_interval;
}

Bytes encode(Partition partition, const Slot& slot) {
  Bytes bytes;
  put_u32(bytes, slot_magic);
  put_u32(bytes, 0);
  put_u32(bytes, partition.number);
  put_u32(bytes, 0);
  put_u64(bytes, slot.sequence);
  put_u64(bytes, slot.position.number);
  set_u32(bytes, slot_crc_offset, disk::crc32c(BytesView{bytes}.substr(slot_crc_offset + 4)));
  return bytes;
}

std::optional<Slot> decode(BytesView bytes, Partition partition) {
  ByteReader reader{bytes};
  if (reader.u32() != slot_magic) return std::nullopt;
  if (reader.u32() != disk::crc32c(bytes.substr(slot_crc_offset + 4))) return std::nullopt;
  if (reader.u32() != partition.number || reader.u32() != 0) return std::nullopt;
  Slot slot;
  slot.sequence = reader.u64();
  slot.position.number = reader.u64();
  if (!reader.complete()) return std::nullopt;
  return slot;
}

Result<Slots> read_slots(disk::File& file, Partition partition) {
  Slots found;
  for (std::size_t slot = 0; slot < found.slots.size(); ++slot) {
    Bytes bytes(slot_bytes, '\0');
    auto count = file.read_at(offset_of(partition, slot), bytes.data(), bytes.size());
    if (!count) return count.error();
    bytes.resize(*count);
    if (bytes.size() == slot_bytes) found.slots[slot] = decode(bytes, partition);
    if (bytes.find_first_not_of('\0') != Bytes::npos) found.damaged = true;
  }
  if (found.latest()) found.damaged = false;
  return found;
}

Result<void> check(std::string_view group, Partition partition) {
  if (!is_name(group)) {
    return Error{Outcome::invalid, fmt::format("'{}' is not a name for a group", group)};
  }
  if (partition.number >= partitions_max) {
    return Error{Outcome::invalid, fmt::format("partition {} is beyond the limit of {}",
                                               partition.number, partitions_max)};
  }
  return {};
}

}  // namespace

Result<void> EmbeddedCursors::commit(std::string_view group, Partition partition,
                                     Position position) {
  if (auto checked = check(group, partition); !checked) return checked;
  const std::lock_guard lock{mutex_};
  auto file = groups_->open(group, disk::Open::write);
  const bool is_new = !file && file.error().outcome == Outcome::not_found;
  if (is_new) {
    if (auto made = groups_->make(); !made) return made;
    file = groups_->open(group, disk::Open::create);
  }
  if (!file) return file.error();
  auto slots = read_slots(**file, partition);
  if (!slots) return slots.error();
  const std::optional<std::size_t> latest = slots->latest();
  const Slot next{.sequence = latest ? slots->slots[*latest]->sequence + 1 : 1,
                  .position = position};
  const std::size_t target = latest ? 1 - *latest : 0;
  auto done = (*file)->write_at(offset_of(partition, target), encode(partition, next));
  if (done) done = (*file)->sync();
  // Also when the file was there: its first commit may have died before this.
  if (done && next.sequence == 1) done = groups_->sync();
  if (!done) return done.error().during(fmt::format("commit group {} of {}", group, topic_));
  return {};
}

Result<std::optional<Position>> EmbeddedCursors::committed(std::string_view group,
                                                           Partition partition) {
  if (auto checked = check(group, partition); !checked) return checked.error();
  auto file = groups_->open(group, disk::Open::read);
  if (!file && file.error().outcome == Outcome::not_found) return std::optional<Position>{};
  if (!file) return file.error();
  auto slots = read_slots(**file, partition);
  if (!slots) return slots.error();
  if (slots->damaged) {
    return Error{Outcome::corrupt,
                 fmt::format("{}/{}: both slots of partition {} (offset {}) are damaged; the next "
                             "commit of the group repairs them",
                             groups_->path(), group, partition.number, offset_of(partition, 0))};
  }
  const std::optional<std::size_t> latest = slots->latest();
  if (!latest) return std::optional<Position>{};
  return std::optional<Position>{slots->slots[*latest]->position};
}

Result<std::vector<std::string>> EmbeddedCursors::groups() {
  auto names = groups_->list();
  if (!names && names.error().outcome == Outcome::not_found) return std::vector<std::string>{};
  if (!names) return names.error();
  std::erase_if(*names, [](const std::string& name) { return !is_name(name); });
  return names;
}

Result<Position> end_of_cursors(disk::Directory& topic, Partition partition) {
  EmbeddedCursors cursors{topic, topic.directory("groups")};
  auto groups = cursors.groups();
  if (!groups) return groups.error();
  Position end;
  for (const std::string& group : *groups) {
    const auto position = cursors.committed(group, partition);
    if (!position && position.error().outcome != Outcome::corrupt) return position.error();
    if (position) end = std::max(end, position->value_or(Position{}));
  }
  return end;
}

}  // namespace cauce::stream::embedded
