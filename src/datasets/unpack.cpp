#include "datasets/unpack.h"

#include <fmt/core.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <vector>

namespace cauce::datasets {

namespace {

constexpr std::size_t piece_bytes = 64u << 10;

// What both formats share: pieces of packed bytes, and the limits.
class UnpackedSource : public ByteSource {
 public:
  UnpackedSource(std::unique_ptr<ByteSource> source, const UnpackLimits& limits)
      : source_(std::move(source)), limits_(limits), piece_(piece_bytes) {}

  Result<std::size_t> read(char* target, std::size_t bytes_max) final {
    std::size_t written = 0;
    while (written == 0) {
      if (taken_ == filled_ && !ended_) {
        const Result<std::size_t> bytes = source_->read(piece_.data(), piece_.size());
        if (!bytes) return bytes.error();
        filled_ = *bytes;
        taken_ = 0;
        in_ += *bytes;
        ended_ = *bytes == 0;
      }
      if (ended_ && taken_ == filled_ && between_) return std::size_t{0};
      const bool no_more = ended_ && taken_ == filled_;
      const Result<std::size_t> bytes =
          unpack({piece_.data() + taken_, filled_ - taken_}, target, bytes_max);
      if (!bytes) return bytes;
      written = *bytes;
      if (no_more && written == 0) {
        return Error{Outcome::invalid, "the compressed file is cut off: its end is missing"};
      }
    }
    out_ += written;
    const Result<void> bounded = check_limits();
    if (!bounded) return bounded.error();
    return written;
  }

 protected:
  // Takes what it can of `packed`, telling by took(), and answers how many bytes it wrote.
  virtual Result<std::size_t> unpack(std::string_view packed, char* target,
                                     std::size_t bytes_max) = 0;
  // `between`: the stream may end here.
  void took(std::size_t bytes, bool between) {
    taken_ += bytes;
    between_ = between;
  }

 private:
  Result<void> check_limits() const {
    if (out_ > limits_.bytes_max) {
      return Error{Outcome::invalid,
                   fmt::format("the compressed file holds more than {} bytes, the limit",
                               limits_.bytes_max)};
    }
    if (out_ > limits_.ratio_from_bytes && out_ / limits_.ratio_max > in_) {
      return Error{Outcome::invalid,
                   fmt::format("the compressed file becomes more than {} times larger, the limit; "
                               "unpack it first if that is meant",
                               limits_.ratio_max)};
    }
    return {};
  }

  const std::unique_ptr<ByteSource> source_;
  const UnpackLimits limits_;
  std::vector<char> piece_;
  std::size_t taken_ = 0;  // Invariant: taken_ <= filled_
  std::size_t filled_ = 0;
  bool ended_ = false;
  bool between_ = false;
  std::uint64_t in_ = 0;
  std::uint64_t out_ = 0;
};

class GzipSource final : public UnpackedSource {
 public:
  GzipSource(std::unique_ptr<ByteSource> source, const UnpackLimits& limits)
      : UnpackedSource(std::move(source), limits) {
    constexpr int window_bits = 15;
    constexpr int gzip_header = 16;
    INVARIANT(inflateInit2(&stream_, window_bits + gzip_header) == Z_OK);
  }
  GzipSource(const GzipSource&) = delete;
  GzipSource& operator=(const GzipSource&) = delete;
  ~GzipSource() override { inflateEnd(&stream_); }

 private:
  Result<std::size_t> unpack(std::string_view packed, char* target,
                             std::size_t bytes_max) override {
    if (member_ended_ && !packed.empty()) {
      if (packed[0] == '\0') {  // tapes and some tools fill up with zeros
        took(1, true);
        return std::size_t{0};
      }
      inflateReset(&stream_);
      member_ended_ = false;
    }
    // zlib does not write through next_in.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));  // NOLINT
    stream_.avail_in = uInt(packed.size());
    stream_.next_out = reinterpret_cast<Bytef*>(target);
    stream_.avail_out = uInt(std::min<std::size_t>(bytes_max, 1u << 30));
    const uInt room = stream_.avail_out;
    const int status = inflate(&stream_, Z_NO_FLUSH);
    if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) {
      return Error{Outcome::invalid,
                   fmt::format("the gzip file is damaged: {}",
                               stream_.msg != nullptr ? stream_.msg : "it cannot be unpacked")};
    }
    member_ended_ = status == Z_STREAM_END;
    took(packed.size() - stream_.avail_in, member_ended_);
    return std::size_t(room - stream_.avail_out);
  }

  z_stream stream_{};
  bool member_ended_ = false;
};

class ZstdSource final : public UnpackedSource {
 public:
  ZstdSource(std::unique_ptr<ByteSource> source, const UnpackLimits& limits)
      : UnpackedSource(std::move(source), limits), stream_(ZSTD_createDCtx()) {
    INVARIANT(stream_ != nullptr);
    INVARIANT(ZSTD_isError(ZSTD_DCtx_setParameter(stream_, ZSTD_d_windowLogMax,
                                                  limits.window_bits_max)) == 0);
  }
  ZstdSource(const ZstdSource&) = delete;
  ZstdSource& operator=(const ZstdSource&) = delete;
  ~ZstdSource() override { ZSTD_freeDCtx(stream_); }

 private:
  Result<std::size_t> unpack(std::string_view packed, char* target,
                             std::size_t bytes_max) override {
    ZSTD_inBuffer in{packed.data(), packed.size(), 0};
    ZSTD_outBuffer out{target, bytes_max, 0};
    const std::size_t wanted = ZSTD_decompressStream(stream_, &out, &in);
    if (ZSTD_isError(wanted) != 0) {
      return Error{Outcome::invalid,
                   fmt::format("the zstd file is damaged or needs too much memory: {}",
                               ZSTD_getErrorName(wanted))};
    }
    took(in.pos, wanted == 0);
    return out.pos;
  }

  ZSTD_DCtx* const stream_;
};

}  // namespace

Packing detect_packing(std::string_view beginning) {
  if (beginning.starts_with("\x1F\x8B")) return Packing::gzip;
  if (beginning.starts_with("\x28\xB5\x2F\xFD")) return Packing::zstd;
  const bool skippable = beginning.size() >= 4 && (beginning[0] & 0xF0) == 0x50 &&
                         beginning.substr(1, 3) == "\x2A\x4D\x18";
  return skippable ? Packing::zstd : Packing::none;
}

Result<std::unique_ptr<ByteSource>> unpacked(std::unique_ptr<ByteSource> source, Packing packing,
                                             const UnpackLimits& limits) {
  switch (packing) {
    case Packing::none: return source;
    case Packing::gzip:
      return std::unique_ptr<ByteSource>(std::make_unique<GzipSource>(std::move(source), limits));
    case Packing::zstd:
      return std::unique_ptr<ByteSource>(std::make_unique<ZstdSource>(std::move(source), limits));
  }
  INVARIANT(false);
}

}  // namespace cauce::datasets
