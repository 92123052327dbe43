// gzip (RFC 1952) and zstd (RFC 8878) become what was packed, step by step and with bounded memory,
// whoever brings the bytes and wherever they go. Several members or frames one behind the other are
// one text, as gunzip and unzstd take them. One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/result.h"

namespace cauce::packing {

enum class Packing { none, gzip, zstd };

// By the first bytes; four are enough.
Packing detect_packing(std::string_view beginning);

// What becomes very much larger than it is was made to fill disks and hours.
struct UnpackLimits {
  std::uint64_t bytes_max = 1ull << 40;  // of what comes out
  // How many times larger than what was brought; not looked at before ratio_from_bytes came out.
  // Rows that are all alike reach about 1000 with gzip.
  std::uint64_t ratio_max = 2000;
  std::uint64_t ratio_from_bytes = 64ull << 20;
  int window_bits_max = 27;  // of zstd, which remembers so much: 128 MiB, what `zstd -22` needs
};

class Unpacker {
 public:
  virtual ~Unpacker() = default;

  struct Step {
    std::size_t taken = 0;    // of what was packed
    std::size_t written = 0;  // to the target
  };
  // Takes what it can of `packed` and writes at most bytes_max (at least 1) to `target`; it wants
  // more when it took all and wrote less than that. What it wrote was checked against the checksum
  // only where may_end(). `invalid` where it is damaged or its window is too large, `exhausted`
  // where a limit is passed; both are a part of a sentence that begins with "it", and the last
  // step.
  Result<Step> step(std::string_view packed, char* target, std::size_t bytes_max);

  // Whether all that was begun is complete, so that the packed bytes may end here.
  bool may_end() const { return may_end_; }
  // What it holds now, its window with it.
  virtual std::size_t memory_bytes() const = 0;

 protected:
  explicit Unpacker(const UnpackLimits& limits) : limits_(limits) {}
  virtual Result<Step> unpack(std::string_view packed, char* target, std::size_t bytes_max) = 0;
  void set_may_end(bool may_end) { may_end_ = may_end; }

 private:
  const UnpackLimits limits_;
  std::uint64_t in_ = 0;  // taken
  std::uint64_t out_ = 0;
  bool may_end_ = false;
};

// Of gzip or zstd.
std::unique_ptr<Unpacker> make_unpacker(Packing packing, const UnpackLimits& limits);

}  // namespace cauce::packing
