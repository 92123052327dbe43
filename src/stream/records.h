// The records of a batch, in few pieces of memory: a batch of a million is not a million
// allocations.
#pragma once

#include <initializer_list>
#include <memory>
#include <vector>

#include "base/bytes.h"

namespace cauce::stream {

class Records {
 public:
  using const_iterator = std::vector<BytesView>::const_iterator;

  Records() = default;
  Records(std::initializer_list<BytesView> records);
  Records(const std::vector<Bytes>& records);
  Records(const Records& other);
  Records(Records&& other) noexcept { swap(other); }
  Records& operator=(Records other) noexcept {
    swap(other);
    return *this;
  }
  ~Records() = default;

  // What is answered lives as long as the records do, wherever they are moved.
  BytesView operator[](std::size_t index) const { return views_[index]; }
  BytesView front() const { return views_.front(); }
  BytesView back() const { return views_.back(); }
  const_iterator begin() const { return views_.begin(); }
  const_iterator end() const { return views_.end(); }
  std::size_t size() const { return views_.size(); }
  bool empty() const { return views_.empty(); }

  void push_back(BytesView record) { refer(keep(record)); }
  void append(Records more);
  void reserve(std::size_t count) { views_.reserve(count); }

  // Many at once: a copy of bytes that hold records, and then each record within that copy.
  BytesView keep(BytesView bytes);
  void refer(BytesView kept) { views_.push_back(kept); }

  friend bool operator==(const Records& one, const Records& other) {
    return one.views_ == other.views_;
  }

 private:
  void swap(Records& other) noexcept;

  std::vector<BytesView> views_;
  std::vector<std::unique_ptr<char[]>> pieces_;
  // Of the last piece, what is free.
  char* free_ = nullptr;
  std::size_t free_bytes_ = 0;
};

}  // namespace cauce::stream
