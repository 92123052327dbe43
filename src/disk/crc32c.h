// CRC-32C (Castagnoli polynomial 0x1EDC6F41, reflected, initial value and final xor 0xFFFFFFFF),
// the checksum of every stored format here. Uses the processor's own instruction where there is
// one.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace cauce::disk {

// The checksum of `bytes`; with `before`, that of the bytes that `before` stands for followed by
// `bytes`: crc32c("ab") == crc32c("b", crc32c("a")).
std::uint32_t crc32c(BytesView bytes, std::uint32_t before = 0);

// The same by table, for processors without the instruction; both are tested against each other.
std::uint32_t crc32c_by_table(BytesView bytes, std::uint32_t before = 0);

}  // namespace cauce::disk
