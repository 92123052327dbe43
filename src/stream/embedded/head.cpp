#include "stream/embedded/head.h"

#include <array>
#include <atomic>
#include <cstring>

#include "disk/crc32c.h"
#include "disk/futex.h"

namespace cauce::stream::embedded {
namespace {

constexpr std::string_view head_name = "head";
constexpr std::string_view head_magic = "CAUCEHD1";
constexpr std::size_t count_offset = 8;
// Two slots in turn, a cache line each, so that one is whole at every moment, also after a kill.
constexpr std::array<std::size_t, 2> slot_offsets = {64, 128};

// sequence, first, end, segment, segment_bytes, checksum of the five before
constexpr std::size_t slot_words = 6;
using Slot = std::array<std::uint64_t, slot_words>;

std::uint64_t check_of(const Slot& slot) {
  const auto* bytes = reinterpret_cast<const char*>(slot.data());
  return disk::crc32c(BytesView(bytes, (slot_words - 1) * sizeof(std::uint64_t)));
}

std::uint64_t* word_at(char* page, std::size_t slot, std::size_t word) {
  return reinterpret_cast<std::uint64_t*>(page + slot_offsets[slot]) + word;
}

std::uint32_t& count_of(char* page) {
  return *reinterpret_cast<std::uint32_t*>(page + count_offset);
}

Slot load_slot(char* page, std::size_t slot) {
  Slot words{};
  for (std::size_t word = 0; word < slot_words; ++word) {
    const std::atomic_ref source{*word_at(page, slot, word)};
    words[word] = source.load(std::memory_order_acquire);
  }
  return words;
}

// The whole slot with the greatest sequence; a sequence is never 0.
std::optional<Slot> latest(char* page) {
  std::optional<Slot> best;
  for (std::size_t slot = 0; slot < slot_offsets.size(); ++slot) {
    const Slot words = load_slot(page, slot);
    if (words[0] == 0 || words[slot_words - 1] != check_of(words)) continue;
    if (!best || words[0] > (*best)[0]) best = words;
  }
  return best;
}

}  // namespace

Result<std::unique_ptr<Head>> Head::open(disk::Directory& directory, disk::Open mode) {
  auto page = directory.map(head_name, mode);
  if (!page) return page.error();
  char* bytes = (*page)->bytes();
  if (BytesView(bytes, head_magic.size()) != head_magic) {
    if (mode == disk::Open::read) {
      return Error{Outcome::not_found, directory.path() + "/head was not written yet"};
    }
    std::memset(bytes, 0, disk::page_bytes);
    std::memcpy(bytes, head_magic.data(), head_magic.size());
  }
  return std::unique_ptr<Head>{new Head{std::move(*page)}};
}

std::optional<Durable> Head::load() const {
  // Two publishes during one load may spoil both slots; then the next try finds newer ones.
  constexpr int tries_max = 100;
  std::optional<Slot> slot;
  for (int tries = 0; tries < tries_max && !slot; ++tries)
    slot = latest(page_->bytes());
  if (!slot) return std::nullopt;
  const auto& words = *slot;
  return Durable{
      .first = {words[1]}, .end = {words[2]}, .segment = {words[3]}, .segment_bytes = words[4]};
}

std::uint32_t Head::count() const {
  return std::atomic_ref{count_of(page_->bytes())}.load(std::memory_order_acquire);
}

void Head::wait_while(std::uint32_t count, Duration span_max) const {
  disk::wait_while(count_of(page_->bytes()), count, span_max);
}

void Head::wake() const {
  disk::wake_all(count_of(page_->bytes()));
}

void Head::publish(const Durable& durable) {
  char* page = page_->bytes();
  const std::optional<Slot> before = latest(page);
  const std::uint64_t sequence = before ? (*before)[0] + 1 : 1;
  Slot slot = {sequence,
               durable.first.number,
               durable.end.number,
               durable.segment.number,
               durable.segment_bytes,
               0};
  slot.back() = check_of(slot);
  for (std::size_t word = 0; word < slot_words; ++word) {
    std::atomic_ref target{*word_at(page, sequence % slot_offsets.size(), word)};
    target.store(slot[word], std::memory_order_release);
  }
  std::atomic_ref{count_of(page)}.fetch_add(1, std::memory_order_acq_rel);
  wake();
}

}  // namespace cauce::stream::embedded
