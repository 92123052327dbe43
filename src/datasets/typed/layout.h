// Where everything lies in the file of a version's typed columns: docs/formats/columns.md.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "columns/columns.h"

namespace cauce::datasets::typed {

inline constexpr std::size_t header_bytes = 16;
inline constexpr std::size_t trailer_bytes = 32;
// What is held in memory while the file is written or read: of 10 columns it is reached beyond
// 10^9 rows. A file that would need more is not made.
inline constexpr std::size_t footer_bytes_max = 64u << 20;

// Bytes of the file, with their CRC-32C.
struct Extent {
  std::uint64_t offset = 0;
  std::uint32_t bytes = 0;  // 0: nothing is there
  std::uint32_t crc = 0;
};

struct NumberExtent {
  Extent extent;
  double low = 0;  // of the numbers in it; NaN when all are missing
  double high = 0;
};

struct StoredColumn {
  columns::Column column;
  std::vector<NumberExtent> numbers;  // by block; empty: of text
  std::vector<Extent> texts;          // by block; empty: not kept, the numbers have too many forms
  Extent dictionary;
};

struct Footer {
  std::vector<std::uint32_t> block_rows;  // 1 to columns::block_rows_max each
  std::vector<StoredColumn> columns;      // each with every block, or with none
};

Bytes header();
bool is_header(BytesView bytes);

Bytes to_bytes(const Footer& footer);
// corrupt: it is none, or names what does not lie in the first `file_bytes`.
Result<Footer> footer_from_bytes(BytesView bytes, std::uint64_t file_bytes);

Bytes trailer(const Extent& footer);
Result<Extent> footer_place(BytesView trailer);  // corrupt

}  // namespace cauce::datasets::typed
