#include "charts/drawing/png.h"

#include <immintrin.h>
#include <isa-l/crc.h>
#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <cmath>
#include <memory>

#include "base/invariant.h"

namespace cauce::charts::drawing {

namespace {

// Of 0 to 3. ISA-L takes a sixth of libdeflate's time for it; pictures grow by a tenth.
constexpr std::uint32_t compression_level = 1;
constexpr std::uint32_t working_bytes = ISAL_DEF_LVL1_DEFAULT;

void put_big_endian(Bytes& target, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8)
    target += char(value >> shift);
}

__attribute__((target("avx"))) void zero_upper_halves() {
  _mm256_zeroupper();
}

// ISA-L leaves the upper halves of vector registers in use; whatever code without AVX runs next on
// this thread would then take three times as long.
void leave_vectors_clean() {
  static const bool has_avx = __builtin_cpu_supports("avx") > 0;
  if (has_avx) zero_upper_halves();
}

void put_chunk(Bytes& target, std::string_view type, BytesView content) {
  put_big_endian(target, std::uint32_t(content.size()));
  const std::size_t start = target.size();
  target += type;
  target += content;
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(target.data()) + start;
  const std::uint32_t checksum = crc32_gzip_refl(0, bytes, target.size() - start);
  leave_vectors_clean();
  put_big_endian(target, checksum);
}

// ISA-L 2.30 to 2.32 begins its level 1 by putting the third byte under the hash of where the
// stream lies in memory (igzip_icf_body_h1_gr_bt.asm, .write_first_byte), and now and then finds it
// there. So many first bytes are too few for that code and packed by another.
constexpr std::uint32_t first_bytes = 16;

void pack(isal_zstream& stream, std::size_t bytes, bool is_end) {
  stream.avail_in = std::uint32_t(bytes);
  stream.flush = is_end ? NO_FLUSH : SYNC_FLUSH;
  stream.end_of_stream = is_end ? 1 : 0;
  const int outcome = isal_deflate(&stream);
  INVARIANT(outcome == COMP_OK && stream.avail_in == 0 && stream.avail_out > 0);
}

// What cannot be made smaller is stored in blocks, so there is always room.
Bytes compressed(BytesView raw) {
  const auto working = std::make_unique_for_overwrite<std::uint8_t[]>(working_bytes);
  Bytes target(raw.size() + raw.size() / 16 + 1024, '\0');
  isal_zstream stream;
  isal_deflate_init(&stream);
  stream.gzip_flag = IGZIP_ZLIB;
  stream.level = compression_level;
  stream.level_buf = working.get();
  stream.level_buf_size = working_bytes;
  stream.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(raw.data()));  // only read
  stream.next_out = reinterpret_cast<std::uint8_t*>(target.data());
  stream.avail_out = std::uint32_t(target.size());
  const std::size_t first = std::min<std::size_t>(raw.size(), first_bytes);
  pack(stream, first, false);
  pack(stream, raw.size() - first, true);
  leave_vectors_clean();
  target.resize(stream.total_out);
  return target;
}

constexpr char indexed = 3;  // the colour type of a palette

Bytes begin_png(std::uint32_t width, std::uint32_t height, int bits) {
  Bytes png = "\x89PNG\r\n\x1a\n";
  Bytes header;
  put_big_endian(header, width);
  put_big_endian(header, height);
  header += char(bits);
  header += indexed;
  header.append(3, '\0');
  put_chunk(png, "IHDR", header);
  return png;
}

int bits_for(std::size_t colours) {
  return colours <= 2 ? 1 : colours <= 4 ? 2 : colours <= 16 ? 4 : 8;
}

Bytes indexed_rows(std::uint32_t width, std::uint32_t height, std::span<const std::uint8_t> indices,
                   int bits) {
  const int packed = 8 / bits;
  Bytes rows;
  rows.reserve(height * (std::size_t{width} / packed + 2));
  for (std::uint32_t y = 0; y < height; ++y) {
    rows += '\0';  // no filter: neighbouring numbers of a palette are not alike
    const std::uint8_t* row = indices.data() + std::size_t{y} * width;
    if (bits == 8) {
      rows.append(reinterpret_cast<const char*>(row), width);
      continue;
    }
    for (std::uint32_t x = 0; x < width; x += packed) {
      unsigned byte = 0;
      for (int part = 0; part < packed; ++part) {
        const unsigned index = x + part < width ? row[x + part] : 0;
        byte = (byte << bits) | index;
      }
      rows += char(byte);
    }
  }
  return rows;
}

}  // namespace

Bytes encode_png(std::uint32_t width, std::uint32_t height, std::span<const std::uint8_t> indices,
                 std::span<const Colour> colours, int ratio) {
  const int bits = bits_for(colours.size());
  Bytes png = begin_png(width, height, bits);
  Bytes palette;
  Bytes transparency;
  bool opaque = true;
  for (const Colour& colour : colours) {
    palette += char(colour.red);
    palette += char(colour.green);
    palette += char(colour.blue);
    transparency += char(std::lround(colour.alpha * 255));
    opaque = opaque && colour.alpha == 1;
  }
  // 96 CSS pixels to the inch, in device pixels to the metre.
  const auto density = std::uint32_t(std::lround(96 * ratio / 0.0254));
  Bytes physical;
  put_big_endian(physical, density);
  put_big_endian(physical, density);
  physical += '\1';
  put_chunk(png, "pHYs", physical);
  put_chunk(png, "PLTE", palette);
  if (!opaque) put_chunk(png, "tRNS", transparency);
  put_chunk(png, "IDAT", compressed(indexed_rows(width, height, indices, bits)));
  put_chunk(png, "IEND", "");
  return png;
}

}  // namespace cauce::charts::drawing
