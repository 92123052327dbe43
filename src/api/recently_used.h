// What was used last, so many bytes of it. One thread.
#pragma once

#include <cstddef>
#include <list>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace cauce::api {

template <class Value>
class RecentlyUsed {
 public:
  explicit RecentlyUsed(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  // nullptr: it is not there, or no longer. Valid until the next put.
  const Value* find(std::string_view key) {
    const auto found = places_.find(key);
    if (found == places_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return &found->second->value;
  }

  // What has more than bytes_max is not kept.
  void put(const std::string& key, Value value, std::size_t bytes) {
    const auto found = places_.find(key);
    if (found != places_.end()) drop(found->second);
    if (bytes > bytes_max_) return;
    entries_.push_front({key, std::move(value), bytes});
    places_.emplace(key, entries_.begin());
    bytes_ += bytes;
    while (bytes_ > bytes_max_) {
      drop(std::prev(entries_.end()));
    }
  }

 private:
  struct Entry {
    std::string key;
    Value value;
    std::size_t bytes;
  };
  using Place = typename std::list<Entry>::iterator;

  void drop(Place place) {
    bytes_ -= place->bytes;
    places_.erase(place->key);
    entries_.erase(place);
  }

  const std::size_t bytes_max_;
  std::list<Entry> entries_;  // the one used last first
  std::map<std::string, Place, std::less<>> places_;
  std::size_t bytes_ = 0;
};

}  // namespace cauce::api
