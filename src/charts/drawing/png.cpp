#include "charts/drawing/png.h"

#include <libdeflate.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <memory>

#include "base/invariant.h"

namespace cauce::charts::drawing {

namespace {

// Measured by drawing_bench: the knee between time and size.
constexpr int compression_level = 6;

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

enum ColourType : char { rgb = 2, indexed = 3 };

Bytes begin_png(std::uint32_t width, std::uint32_t height, int bits, ColourType type) {
  Bytes png = "\x89PNG\r\n\x1a\n";
  Bytes header;
  put_big_endian(header, width);
  put_big_endian(header, height);
  header += char(bits);
  header += type;
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

// Up to 256 colours, found by hashing.
class PaletteIndex {
 public:
  PaletteIndex() { slots_.fill(-1); }

  // Negative when there are more than 256.
  int index(std::uint32_t pixel) {
    for (std::uint32_t slot = (pixel * 2654435761U) >> 22;; slot = (slot + 1) & 1023) {
      if (slots_[slot] < 0) {
        if (colours_.size() == 256) return -1;
        slots_[slot] = std::int16_t(colours_.size());
        colours_.push_back(pixel);
      }
      if (colours_[slots_[slot]] == pixel) return slots_[slot];
    }
  }

  const std::vector<std::uint32_t>& colours() const { return colours_; }

 private:
  std::array<std::int16_t, 1024> slots_;
  std::vector<std::uint32_t> colours_;
};

bool find_palette(std::span<const std::uint32_t> pixels, PaletteIndex& palette,
                  std::vector<std::uint8_t>& indices) {
  indices.resize(pixels.size());
  std::uint32_t before = ~0U;
  int index = 0;
  for (std::size_t pixel = 0; pixel < pixels.size(); ++pixel) {
    if (pixels[pixel] != before) {
      before = pixels[pixel];
      index = palette.index(before);
      if (index < 0) return false;
    }
    indices[pixel] = std::uint8_t(index);
  }
  return true;
}

int paeth(int left, int above, int corner) {
  const int guess = left + above - corner;
  const int by_left = std::abs(guess - left);
  const int by_above = std::abs(guess - above);
  const int by_corner = std::abs(guess - corner);
  if (by_left <= by_above && by_left <= by_corner) return left;
  return by_above <= by_corner ? above : corner;
}

Bytes filtered_rows(std::uint32_t width, std::uint32_t height,
                    std::span<const std::uint32_t> pixels) {
  const std::size_t stride = std::size_t{width} * 3;
  std::vector<std::uint8_t> row(stride);
  std::vector<std::uint8_t> above(stride);
  Bytes rows;
  rows.reserve((stride + 1) * height);
  for (std::uint32_t y = 0; y < height; ++y) {
    const std::uint32_t* source = pixels.data() + std::size_t{y} * width;
    for (std::uint32_t x = 0; x < width; ++x) {
      row[3 * x] = std::uint8_t(source[x] >> 16);
      row[3 * x + 1] = std::uint8_t(source[x] >> 8);
      row[3 * x + 2] = std::uint8_t(source[x]);
    }
    rows += char(4);
    for (std::size_t index = 0; index < stride; ++index) {
      const int left = index < 3 ? 0 : row[index - 3];
      const int corner = index < 3 ? 0 : above[index - 3];
      rows += char(row[index] - paeth(left, above[index], corner));
    }
    std::swap(row, above);
  }
  return rows;
}

}  // namespace

Bytes encode_indexed_png(std::uint32_t width, std::uint32_t height,
                         std::span<const std::uint8_t> indices, std::span<const Colour> colours) {
  const int bits = bits_for(colours.size());
  Bytes png = begin_png(width, height, bits, indexed);
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
  put_chunk(png, "PLTE", palette);
  if (!opaque) put_chunk(png, "tRNS", transparency);
  put_chunk(png, "IDAT", compressed(indexed_rows(width, height, indices, bits)));
  put_chunk(png, "IEND", "");
  return png;
}

Bytes encode_png(std::uint32_t width, std::uint32_t height, std::span<const std::uint32_t> pixels,
                 int ratio) {
  PaletteIndex palette;
  std::vector<std::uint8_t> indices;
  const bool few = find_palette(pixels, palette, indices);
  const int bits = few ? bits_for(palette.colours().size()) : 8;
  Bytes png = begin_png(width, height, bits, few ? indexed : rgb);
  // 96 CSS pixels to the inch, in device pixels to the metre.
  const auto density = std::uint32_t(std::lround(96 * ratio / 0.0254));
  Bytes physical;
  put_big_endian(physical, density);
  put_big_endian(physical, density);
  physical += '\1';
  put_chunk(png, "pHYs", physical);
  if (few) {
    Bytes colours;
    for (const std::uint32_t colour : palette.colours()) {
      colours += char(colour >> 16);
      colours += char(colour >> 8);
      colours += char(colour);
    }
    put_chunk(png, "PLTE", colours);
  }
  put_chunk(png, "IDAT",
            compressed(few ? indexed_rows(width, height, indices, bits)
                           : filtered_rows(width, height, pixels)));
  put_chunk(png, "IEND", "");
  return png;
}

}  // namespace cauce::charts::drawing
