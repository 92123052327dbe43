#include "charts/figures/keys.h"

#include <cstring>

namespace cauce::charts::figures {

namespace {

template <class Word>
std::uint64_t word_at(const char* from) {
  Word word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

std::uint64_t mixed(std::uint64_t state, std::uint64_t word) {
  // The finaliser of MurmurHash3 (Appleby 2011) on each word: keys are short, so this is the whole
  // cost of a row's group.
  state = (state ^ word) * 0xff51afd7ed558ccdULL;
  return state ^ (state >> 32);
}

constexpr std::size_t word_bytes = sizeof(std::uint64_t);

// Up to a word of bytes every step can be undone: two keys of one length have two hashes.
std::uint64_t hash_of(std::string_view key) {
  const char* at = key.data();
  std::size_t left = key.size();
  std::uint64_t hash = 0x9e3779b97f4a7c15ULL + left;
  for (; left > word_bytes; left -= word_bytes) {
    hash = mixed(hash, word_at<std::uint64_t>(at));
    at += word_bytes;
  }
  if (left == word_bytes) return mixed(hash, word_at<std::uint64_t>(at));
  if (left >= 4) {
    const std::uint64_t tail = word_at<std::uint32_t>(at + left - 4);
    return mixed(hash, word_at<std::uint32_t>(at) | tail << 32);
  }
  std::uint64_t tail = 0;
  for (std::size_t index = 0; index < left; ++index) {
    tail = tail << 8 | static_cast<unsigned char>(at[index]);
  }
  return mixed(hash, tail);
}

}  // namespace

Keys::Keys(std::size_t keys_max) : keys_max_(keys_max), slots_(64) {}

std::uint32_t Keys::number_of(std::string_view key) {
  const std::uint64_t hash = hash_of(key);
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t slot = hash & mask;; slot = (slot + 1) & mask) {
    if (slots_[slot].number == none) return add(key, hash);
    const Slot& found = slots_[slot];
    if (found.hash != hash || found.length != key.size()) continue;
    if (key.size() <= word_bytes || names_[found.number] == key) return found.number;
  }
}

std::uint32_t Keys::add(std::string_view key, std::uint64_t hash) {
  if (names_.size() >= keys_max_) return none;
  if (2 * (names_.size() + 1) > slots_.size()) grow();
  const std::size_t mask = slots_.size() - 1;
  std::size_t slot = hash & mask;
  while (slots_[slot].number != none)
    slot = (slot + 1) & mask;
  const auto number = std::uint32_t(names_.size());
  slots_[slot] = {hash, number, std::uint32_t(key.size())};
  names_.emplace_back(key);
  return number;
}

void Keys::grow() {
  const std::vector<Slot> before = std::move(slots_);
  slots_.assign(before.size() * 2, {});
  const std::size_t mask = slots_.size() - 1;
  for (const Slot& old : before) {
    if (old.number == none) continue;
    std::size_t slot = old.hash & mask;
    while (slots_[slot].number != none)
      slot = (slot + 1) & mask;
    slots_[slot] = old;
  }
}

}  // namespace cauce::charts::figures
