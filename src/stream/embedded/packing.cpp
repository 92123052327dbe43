#include "stream/embedded/packing.h"

#include <zstd.h>

#include "base/invariant.h"

namespace cauce::stream::embedded {
namespace {

// Readings and facts of real sensors in frames of 100 KB: level 1 makes them 11 and 15 times
// shorter at 250 to 550 MB/s of one core; level -5 half as well at 300 to 650, level 3 hardly
// better (docs/formats/stream.md).
constexpr int level = 1;

// One long frame does not make a reader large for ever.
constexpr std::size_t kept_bytes_max = 4 << 20;

}  // namespace

void Packer::Free::operator()(ZSTD_CCtx_s* context) const {
  ZSTD_freeCCtx(context);
}

void Unpacker::Free::operator()(ZSTD_DCtx_s* context) const {
  ZSTD_freeDCtx(context);
}

Packer::Packer() : context_(ZSTD_createCCtx()) {
  INVARIANT(context_ != nullptr);
}

Packer::~Packer() = default;

std::optional<BytesView> Packer::pack(BytesView body) {
  if (body.size() < packed_body_bytes_min) return std::nullopt;
  // What does not fit is not worth it: zstd stops there.
  packed_.resize(body.size() - body.size() / 8);
  const std::size_t bytes = ZSTD_compressCCtx(context_.get(), packed_.data(), packed_.size(),
                                              body.data(), body.size(), level);
  if (ZSTD_isError(bytes) != 0) return std::nullopt;
  return BytesView{packed_}.substr(0, bytes);
}

std::optional<BytesView> Unpacker::unpack(BytesView packed, std::uint32_t body_bytes) {
  if (ZSTD_getFrameContentSize(packed.data(), packed.size()) != body_bytes) return std::nullopt;
  if (ZSTD_findFrameCompressedSize(packed.data(), packed.size()) != packed.size()) {
    return std::nullopt;
  }
  if (context_ == nullptr) context_.reset(ZSTD_createDCtx());
  INVARIANT(context_ != nullptr);
  const bool is_too_large = body_.capacity() > kept_bytes_max && body_bytes <= kept_bytes_max;
  if (is_too_large) Bytes{}.swap(body_);
  body_.resize(body_bytes);
  const std::size_t bytes =
      ZSTD_decompressDCtx(context_.get(), body_.data(), body_.size(), packed.data(), packed.size());
  if (ZSTD_isError(bytes) != 0 || bytes != body_bytes) return std::nullopt;
  return BytesView{body_};
}

}  // namespace cauce::stream::embedded
