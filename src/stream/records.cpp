#include "stream/records.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

namespace cauce::stream {
namespace {

constexpr std::size_t piece_bytes_min = 4 << 10;

}  // namespace

Records::Records(std::initializer_list<BytesView> records) {
  for (const BytesView record : records)
    push_back(record);
}

Records::Records(const std::vector<Bytes>& records) {
  for (const Bytes& record : records)
    push_back(record);
}

Records::Records(const Records& other) {
  reserve(other.size());
  for (const BytesView record : other)
    push_back(record);
}

void Records::swap(Records& other) noexcept {
  views_.swap(other.views_);
  pieces_.swap(other.pieces_);
  std::swap(free_, other.free_);
  std::swap(free_bytes_, other.free_bytes_);
}

BytesView Records::keep(BytesView bytes) {
  if (bytes.size() > free_bytes_) {
    free_bytes_ = std::max(bytes.size(), piece_bytes_min);
    pieces_.push_back(std::make_unique_for_overwrite<char[]>(free_bytes_));
    free_ = pieces_.back().get();
  }
  // Of nothing there may be no address.
  if (!bytes.empty()) std::memcpy(free_, bytes.data(), bytes.size());
  const BytesView kept{free_, bytes.size()};
  free_ += bytes.size();
  free_bytes_ -= bytes.size();
  return kept;
}

void Records::append(Records more) {
  std::ranges::move(more.pieces_, std::back_inserter(pieces_));
  views_.insert(views_.end(), more.views_.begin(), more.views_.end());
  free_ = more.free_;
  free_bytes_ = more.free_bytes_;
}

}  // namespace cauce::stream
