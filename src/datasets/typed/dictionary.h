// The different texts of a column, each with its code, in the order of their first appearance.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cauce::datasets::typed {

// What all dictionaries of a file may hold together.
struct Room {
  std::size_t bytes = 0;
  std::size_t bytes_max = 0;
};

class Dictionary {
 public:
  // `room` outlives this.
  Dictionary(Room& room, std::size_t entries_max) : room_(room), entries_max_(entries_max) {}

  // Counted from 1. nullopt: there is no room for another one; then it stays so.
  std::optional<std::uint32_t> code_of(std::string_view text) {
    if (text == last_) return last_code_;
    auto known = codes_.find(text);
    if (known == codes_.end()) {
      // A node of the map, two pointers and what the allocator adds: measured 120 bytes.
      constexpr std::size_t entry_bytes = 120;
      const std::size_t bytes = text.size() + entry_bytes;
      if (codes_.size() == entries_max_ || room_.bytes + bytes > room_.bytes_max) {
        is_full_ = true;
        return std::nullopt;
      }
      room_.bytes += bytes;
      entries_.emplace_back(text);
      known = codes_.emplace(entries_.back(), std::uint32_t(entries_.size())).first;
    }
    last_ = known->first;
    last_code_ = known->second;
    return last_code_;
  }

  bool is_full() const { return is_full_; }
  std::vector<std::string_view> entries() const { return {entries_.begin(), entries_.end()}; }

 private:
  Room& room_;
  const std::size_t entries_max_;
  bool is_full_ = false;
  std::deque<std::string> entries_;  // never moves what it holds
  std::unordered_map<std::string_view, std::uint32_t> codes_;
  std::string_view last_;  // no text is empty, so this is none at first
  std::uint32_t last_code_ = 0;
};

}  // namespace cauce::datasets::typed
