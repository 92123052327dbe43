// Compressed files become sources of what was compressed, piece by piece and with bounded memory.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "datasets/byte_source.h"

namespace cauce::datasets {

enum class Packing { none, gzip, zstd };

// By the first bytes (RFC 1952, RFC 8878); four are enough.
Packing detect_packing(std::string_view beginning);

// A file that becomes very much larger than it is was made to fill disks and hours.
struct UnpackLimits {
  std::uint64_t bytes_max = 1ull << 40;  // of what comes out
  // How many times larger than what went in; not looked at before ratio_from_bytes came out. Rows
  // that are all alike reach about 1000 with gzip.
  std::uint64_t ratio_max = 2000;
  std::uint64_t ratio_from_bytes = 64ull << 20;
  int window_bits_max = 27;  // of zstd, which remembers so much: 128 MiB, what `zstd -22` needs
};

// Several members or frames one behind the other are one text, as gunzip and unzstd take them.
// `read` answers invalid where the stream is damaged or cut off, or a limit is passed.
Result<std::unique_ptr<ByteSource>> unpacked(std::unique_ptr<ByteSource> source, Packing packing,
                                             const UnpackLimits& limits = {});

}  // namespace cauce::datasets
