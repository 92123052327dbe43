// The distinct values of a grouping column, numbered in order of first appearance.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cauce::charts::figures {

class Keys {
 public:
  static constexpr std::uint32_t none = 0xffffffff;

  explicit Keys(std::size_t keys_max);

  // The number of a key, a new one when it was not seen; none when keys_max are there already.
  std::uint32_t number_of(std::string_view key);

  std::size_t size() const { return names_.size(); }
  const std::vector<std::string>& names() const { return names_; }

 private:
  struct Slot {
    std::uint64_t hash = 0;
    std::uint32_t number = none;
    std::uint32_t length = 0;  // of the key
  };

  std::uint32_t add(std::string_view key, std::uint64_t hash);
  void grow();

  std::size_t keys_max_;
  std::vector<std::string> names_;
  std::vector<Slot> slots_;  // open addressing; a power of two, at most half full
};

}  // namespace cauce::charts::figures
