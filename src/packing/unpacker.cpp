#include "packing/unpacker.h"

#include <fmt/core.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>

namespace cauce::packing {

namespace {

class GzipUnpacker final : public Unpacker {
 public:
  explicit GzipUnpacker(const UnpackLimits& limits) : Unpacker(limits) {
    constexpr int window_bits = 15;
    constexpr int gzip_header = 16;
    INVARIANT(inflateInit2(&stream_, window_bits + gzip_header) == Z_OK);
  }
  GzipUnpacker(const GzipUnpacker&) = delete;
  GzipUnpacker& operator=(const GzipUnpacker&) = delete;
  ~GzipUnpacker() override { inflateEnd(&stream_); }

  // zlib.h: 32 KiB of window and some 7 KiB.
  std::size_t memory_bytes() const override { return 40u << 10; }

 private:
  Result<Step> unpack(std::string_view packed, char* target, std::size_t bytes_max) override {
    if (member_ended_ && !packed.empty()) {
      // Tapes and some tools fill up with zeros.
      const std::size_t zeros = std::min(packed.find_first_not_of('\0'), packed.size());
      if (zeros > 0) return Step{zeros, 0};
      inflateReset(&stream_);
      member_ended_ = false;
    }
    const uInt packed_bytes = uInt(std::min<std::size_t>(packed.size(), at_once_bytes_max));
    // zlib does not write through next_in.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));  // NOLINT
    stream_.avail_in = packed_bytes;
    stream_.next_out = reinterpret_cast<Bytef*>(target);
    stream_.avail_out = uInt(std::min<std::size_t>(bytes_max, at_once_bytes_max));
    const uInt room = stream_.avail_out;
    const int status = inflate(&stream_, Z_NO_FLUSH);
    if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR) {
      return Error{Outcome::invalid,
                   fmt::format("is damaged: {}",
                               stream_.msg != nullptr ? stream_.msg : "it cannot be unpacked")};
    }
    member_ended_ = status == Z_STREAM_END;
    set_may_end(member_ended_);
    return Step{packed_bytes - stream_.avail_in, room - stream_.avail_out};
  }

  // zlib counts in 32 bits.
  static constexpr std::size_t at_once_bytes_max = 1u << 30;

  z_stream stream_{};
  bool member_ended_ = false;
};

class ZstdUnpacker final : public Unpacker {
 public:
  explicit ZstdUnpacker(const UnpackLimits& limits) : Unpacker(limits), stream_(ZSTD_createDCtx()) {
    INVARIANT(stream_ != nullptr);
    INVARIANT(ZSTD_isError(ZSTD_DCtx_setParameter(stream_, ZSTD_d_windowLogMax,
                                                  limits.window_bits_max)) == 0);
  }
  ZstdUnpacker(const ZstdUnpacker&) = delete;
  ZstdUnpacker& operator=(const ZstdUnpacker&) = delete;
  ~ZstdUnpacker() override { ZSTD_freeDCtx(stream_); }

  std::size_t memory_bytes() const override { return ZSTD_sizeof_DCtx(stream_); }

 private:
  Result<Step> unpack(std::string_view packed, char* target, std::size_t bytes_max) override {
    ZSTD_inBuffer in{packed.data(), packed.size(), 0};
    ZSTD_outBuffer out{target, bytes_max, 0};
    const std::size_t wanted = ZSTD_decompressStream(stream_, &out, &in);
    if (ZSTD_isError(wanted) != 0) {
      return Error{Outcome::invalid, fmt::format("is damaged or needs too much memory: {}",
                                                 ZSTD_getErrorName(wanted))};
    }
    set_may_end(wanted == 0);
    return Step{in.pos, out.pos};
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

Result<Unpacker::Step> Unpacker::step(std::string_view packed, char* target,
                                      std::size_t bytes_max) {
  const Result<Step> done = unpack(packed, target, bytes_max);
  if (!done) return done;
  const std::uint64_t brought = in_ + packed.size();
  in_ += done->taken;
  out_ += done->written;
  if (out_ > limits_.bytes_max) {
    return Error{Outcome::exhausted,
                 fmt::format("holds more than {} bytes, the limit", limits_.bytes_max)};
  }
  if (out_ > limits_.ratio_from_bytes && out_ / limits_.ratio_max > brought) {
    return Error{
        Outcome::exhausted,
        fmt::format(
            "becomes more than {} times larger, the limit; unpack it first if that is meant",
            limits_.ratio_max)};
  }
  return done;
}

std::unique_ptr<Unpacker> make_unpacker(Packing packing, const UnpackLimits& limits) {
  switch (packing) {
    case Packing::none: break;
    case Packing::gzip: return std::make_unique<GzipUnpacker>(limits);
    case Packing::zstd: return std::make_unique<ZstdUnpacker>(limits);
  }
  INVARIANT(false);
}

}  // namespace cauce::packing
