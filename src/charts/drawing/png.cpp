#include "charts/drawing/png.h"

#include <libdeflate.h>

#include <cmath>
#include <memory>

#include "base/invariant.h"

namespace cauce::charts::drawing {

namespace {

// Of 1 to 12. Half the time of 6, its middle; pictures of flat colours grow by less than a tenth.
constexpr int compression_level = 1;

void put_big_endian(Bytes& target, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8)
    target += char(value >> shift);
}

void put_chunk(Bytes& target, std::string_view type, BytesView content) {
  put_big_endian(target, std::uint32_t(content.size()));
  const std::size_t start = target.size();
  target += type;
  target += content;
  put_big_endian(target, libdeflate_crc32(0, target.data() + start, target.size() - start));
}

struct Free {
  void operator()(libdeflate_compressor* compressor) const {
    libdeflate_free_compressor(compressor);
  }
};

Bytes compressed(BytesView raw) {
  const std::unique_ptr<libdeflate_compressor, Free> compressor{
      libdeflate_alloc_compressor(compression_level)};
  INVARIANT(compressor != nullptr);
  Bytes target(libdeflate_zlib_compress_bound(compressor.get(), raw.size()), '\0');
  target.resize(libdeflate_zlib_compress(compressor.get(), raw.data(), raw.size(), target.data(),
                                         target.size()));
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
