// The distinct values of a grouping column, numbered in order of first appearance.
#pragma once

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace cauce::charts::figures {

class Keys {
 public:
  static constexpr std::uint32_t none = 0xffffffff;

  explicit Keys(std::size_t keys_max);

  // The number of a key, a new one when it was not seen; none when keys_max are there already.
  // A short key that has its slot to itself, as most have, is found here; it is a row's whole cost.
  std::uint32_t number_of(std::string_view key) {
    if (key.size() > short_bytes_max) return find_or_add(key, hash_of_long(key));
    const std::uint64_t hash = hash_of_short(key);
    const Slot& slot = slots_[hash & (slots_.size() - 1)];
    if (slot.hash == hash && slot.length == key.size()) return slot.number;
    return find_or_add(key, hash);
  }

  std::size_t size() const { return names_.size(); }
  const std::vector<std::string>& names() const { return names_; }

 private:
  static constexpr std::size_t short_bytes_max = sizeof(std::uint64_t);
  static constexpr std::uint64_t seed = 0x9e3779b97f4a7c15ULL;

  // An empty one has no key's hash and length at once: that of the empty key is not 0.
  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t number = none;
    std::uint32_t length = 0;  // of the key
  };

  // The finaliser of MurmurHash3 (Appleby 2011) on each word.
  static std::uint64_t mixed(std::uint64_t state, std::uint64_t word) {
    state = (state ^ word) * 0xff51afd7ed558ccdULL;
    return state ^ (state >> 32);
  }

  // Every step can be undone: two short keys of one length have two hashes.
  static std::uint64_t hash_of_short(std::string_view key) {
    const char* const bytes = key.data();
    const std::size_t size = key.size();
    if (size >= 4) {
      std::uint32_t head = 0;
      std::uint32_t tail = 0;
      std::memcpy(&head, bytes, sizeof head);
      std::memcpy(&tail, bytes + size - sizeof tail, sizeof tail);
      return mixed(seed + size, head | std::uint64_t{tail} << 32);
    }
    if (size == 0) return mixed(seed, 0);
    const auto byte = [&](std::size_t at) { return std::uint32_t(std::uint8_t(bytes[at])); };
    return mixed(seed + size, byte(0) | byte(size / 2) << 8 | byte(size - 1) << 16);
  }

  static std::uint64_t hash_of_long(std::string_view key);
  std::uint32_t find_or_add(std::string_view key, std::uint64_t hash);
  std::uint32_t add(std::string_view key, std::uint64_t hash);
  void grow();

  std::size_t keys_max_;
  std::vector<std::string> names_;
  std::vector<Slot> slots_;  // open addressing; a power of two, at most half full
};

}  // namespace cauce::charts::figures
