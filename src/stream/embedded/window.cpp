#include "stream/embedded/window.h"

#include <algorithm>

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
    const auto wanted = std::size_t(std::min<std::uint64_t>(std::max(count, ahead_bytes), left));
    if (bytes_.capacity() > kept_bytes_max && wanted < kept_bytes_max) Bytes{}.swap(bytes_);
    bytes_.resize(wanted);
    offset_ = offset;
    auto done = file_.read_at(offset, bytes_.data(), wanted);
    if (!done) {
      bytes_.clear();
      return done.error();
    }
    bytes_.resize(*done);
  }
  return BytesView{bytes_}.substr(std::size_t(offset - offset_), count);
}

}  // namespace cauce::stream::embedded
