// The records of a frame packed by zstd, where that pays: what a program derives repeats itself.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/bytes.h"

struct ZSTD_CCtx_s;
struct ZSTD_DCtx_s;

namespace cauce::stream::embedded {

// Shorter bodies are stored as they are: a few records that come alone repeat little, and whoever
// waits for them should not wait for zstd.
constexpr std::size_t packed_body_bytes_min = 1024;

// One thread.
class Packer {
 public:
  Packer();
  ~Packer();

  // `body` packed, valid until the next call; nullopt when it is shorter than packed_body_bytes_min
  // or packing does not make it an eighth shorter at least.
  std::optional<BytesView> pack(BytesView body);

 private:
  struct Free {
    void operator()(ZSTD_CCtx_s* context) const;
  };
  const std::unique_ptr<ZSTD_CCtx_s, Free> context_;
  Bytes packed_;
};

// One thread. Holds memory only once something packed was met.
class Unpacker {
 public:
  // The body that was packed, valid until the next call; nullopt when `packed` is not exactly one
  // of `body_bytes` bytes. Nothing is set aside for what `packed` itself does not announce.
  std::optional<BytesView> unpack(BytesView packed, std::uint32_t body_bytes);

 private:
  struct Free {
    void operator()(ZSTD_DCtx_s* context) const;
  };
  std::unique_ptr<ZSTD_DCtx_s, Free> context_;
  Bytes body_;
};

}  // namespace cauce::stream::embedded
