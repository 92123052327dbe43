#include "stream/embedded/window.h"

#include <algorithm>
#include <cstring>

namespace cauce::stream::embedded {
namespace {

// Reads ahead this much: one read(2) for hundreds of small frames, small beside one large frame.
constexpr std::size_t ahead_bytes = 256 << 10;
constexpr std::size_t kept_bytes_max = 4 << 20;

}  // namespace

Result<BytesView> Window::at(std::uint64_t offset, std::size_t count, std::uint64_t limit) {
  if (offset >= limit) return BytesView{};
  const std::uint64_t left = limit - offset;
  count = std::size_t(std::min<std::uint64_t>(count, left));
  const bool held = offset >= offset_ && offset + count <= offset_ + bytes_.size();
  if (!held) {
    if (auto moved = move_to(offset, std::max(count, ahead_bytes), left); !moved) {
      return moved.error();
    }
  }
  return BytesView{bytes_}.substr(std::size_t(offset - offset_), count);
}

// Begins at `offset` then. What is held from there on is kept and not read again.
Result<void> Window::move_to(std::uint64_t offset, std::size_t wanted, std::uint64_t left) {
  wanted = std::size_t(std::min<std::uint64_t>(wanted, left));
  const bool is_inside = offset >= offset_ && offset < offset_ + bytes_.size();
  std::size_t kept = is_inside ? bytes_.size() - std::size_t(offset - offset_) : 0;
  const bool is_too_large = bytes_.capacity() > kept_bytes_max && wanted < kept_bytes_max;
  if (is_too_large) {
    Bytes{}.swap(bytes_);
    kept = 0;
  }
  if (kept > 0) std::memmove(bytes_.data(), bytes_.data() + (bytes_.size() - kept), kept);
  bytes_.resize(wanted);
  offset_ = offset;
  auto done = file_.read_at(offset + kept, bytes_.data() + kept, wanted - kept);
  if (!done) {
    bytes_.clear();
    return done.error();
  }
  bytes_.resize(kept + *done);
  return {};
}

}  // namespace cauce::stream::embedded
