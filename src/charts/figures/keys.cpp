#include "charts/figures/keys.h"

namespace cauce::charts::figures {

std::uint64_t Keys::hash_of_long(std::string_view key) {
  std::uint64_t hash = seed + key.size();
  while (key.size() > short_bytes_max) {
    std::uint64_t word = 0;
    std::memcpy(&word, key.data(), sizeof word);
    hash = mixed(hash, word);
    key.remove_prefix(sizeof word);
  }
  return mixed(hash, hash_of_short(key));
}

Keys::Keys(std::size_t keys_max) : keys_max_(keys_max), slots_(64) {}

std::uint32_t Keys::find_or_add(std::string_view key, std::uint64_t hash) {
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t slot = hash & mask;; slot = (slot + 1) & mask) {
    if (slots_[slot].number == none) return add(key, hash);
    const Slot& found = slots_[slot];
    if (found.hash != hash || found.length != key.size()) continue;
    if (key.size() <= short_bytes_max || names_[found.number] == key) return found.number;
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
