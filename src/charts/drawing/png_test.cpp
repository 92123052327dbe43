#include "charts/drawing/png.h"

#include <doctest/doctest.h>
#include <zlib.h>

#include "base/random.h"

namespace cauce::charts::drawing {
namespace {

std::uint32_t big_endian(BytesView bytes, std::size_t at) {
  std::uint32_t value = 0;
  for (std::size_t index = at; index < at + 4; ++index)
    value = value << 8 | static_cast<unsigned char>(bytes[index]);
  return value;
}

// The content of the chunk of this type; every chunk on the way has its checksum.
Bytes chunk_of(BytesView png, std::string_view type) {
  for (std::size_t at = 8; at < png.size();) {
    const std::size_t length = big_endian(png, at);
    REQUIRE(at + length + 12 <= png.size());
    const BytesView checked = png.substr(at + 4, length + 4);
    const uLong checksum =
        crc32(0, reinterpret_cast<const Bytef*>(checked.data()), uInt(checked.size()));
    REQUIRE(checksum == big_endian(png, at + 8 + length));
    if (checked.substr(0, 4) == type) return Bytes(checked.substr(4));
    at += length + 12;
  }
  FAIL("no such chunk");
  return {};
}

Bytes inflated(const Bytes& packed, std::size_t bytes_max) {
  Bytes raw(bytes_max + 1, '\0');
  auto bytes = uLongf(raw.size());
  REQUIRE(uncompress(reinterpret_cast<Bytef*>(raw.data()), &bytes,
                     reinterpret_cast<const Bytef*>(packed.data()), uLong(packed.size())) == Z_OK);
  raw.resize(bytes);
  return raw;
}

void check_round_trip(std::uint32_t width, std::uint32_t height, std::size_t colours, bool noise) {
  CAPTURE(width);
  CAPTURE(height);
  CAPTURE(colours);
  SeededRandom random{width * 31 + height + colours};
  std::vector<std::uint8_t> indices(std::size_t{width} * height);
  for (std::size_t pixel = 0; pixel < indices.size(); ++pixel)
    indices[pixel] = std::uint8_t(noise ? random.below(colours) : pixel / 97 % colours);
  const Bytes png = encode_png(width, height, indices, std::vector<Colour>(colours), 1);
  const Bytes header = chunk_of(png, "IHDR");
  REQUIRE(big_endian(header, 0) == width);
  REQUIRE(big_endian(header, 4) == height);
  const auto bits = unsigned(header[8]);
  const std::size_t row_bytes = (std::size_t{width} * bits + 7) / 8 + 1;
  const Bytes rows = inflated(chunk_of(png, "IDAT"), row_bytes * height);
  REQUIRE(rows.size() == row_bytes * height);
  for (std::size_t pixel = 0; pixel < indices.size(); ++pixel) {
    const std::size_t bit = pixel % width * bits;
    const auto byte = static_cast<unsigned char>(rows[pixel / width * row_bytes + 1 + bit / 8]);
    REQUIRE((byte >> (8 - bits - bit % 8) & ((1U << bits) - 1)) == indices[pixel]);
  }
}

// Leaves a number all over the memory that the next call takes from the stack.
[[gnu::noinline]] void soil_stack(std::uint16_t number) {
  volatile std::uint16_t soiled[256 << 10];
  for (volatile std::uint16_t& place : soiled)
    place = number;
}

// Encodes so many times 64 KiB further down the stack.
[[gnu::noinline]] Bytes encoded_below(int steps, std::uint32_t width, std::uint32_t height,
                                      const std::vector<std::uint8_t>& indices,
                                      const std::vector<Colour>& colours) {
  if (steps == 0) return encode_png(width, height, indices, colours, 1);
  volatile char step[64 << 10];
  step[0] = 0;
  Bytes png = encoded_below(steps - 1, width, height, indices, colours);
  step[1] = 0;
  return png;
}

// Rows of 32 KiB with their first byte. Each begins with the end of a run and some colours of its
// own, which come again later: a packer finds them there when it has looked at the third byte of
// the row, and that is where ISA-L looks for those it does not know, at a distance of windows from
// what it knows of the third byte of all.
std::vector<std::uint8_t> rows_of_windows(std::uint32_t width, std::uint32_t height) {
  SeededRandom random{7};
  const auto colour = [&] { return std::uint8_t(1 + random.below(255)); };
  std::vector<std::uint8_t> indices(std::size_t{width} * height);
  for (std::size_t y = 0; y < height; ++y) {
    std::uint8_t* const row = indices.data() + y * width;
    for (std::size_t x = 2; x < 5; ++x)
      row[x] = row[1000 + x] = colour();
    row[1000] = colour();
    for (std::size_t x = width - 60; x < width - 50; ++x)
      row[x] = colour();
  }
  return indices;
}

}  // namespace

TEST_CASE("every pixel comes back from a PNG, of however many colours") {
  for (const std::size_t colours : {1, 2, 3, 4, 5, 16, 17, 256}) {
    check_round_trip(203, 61, colours, true);
    check_round_trip(203, 61, colours, false);
  }
}

TEST_CASE("a picture that cannot be made smaller is written all the same, whatever its size") {
  for (const std::uint32_t width : {1U, 2U, 255U, 256U, 1000U, 4096U})
    check_round_trip(width, 33, 256, true);
  check_round_trip(1, 1, 256, true);
  check_round_trip(65'534, 3, 256, true);
  check_round_trip(2'000, 1'500, 256, true);
}

TEST_CASE("the same pixels are the same PNG, whatever was in memory before") {
  SeededRandom random{1};
  std::vector<std::uint8_t> row(1'000);
  for (std::uint8_t& index : row)
    index = std::uint8_t(random.below(200));
  std::vector<std::uint8_t> indices;
  for (int y = 0; y < 50; ++y)
    indices.insert(indices.end(), row.begin(), row.end());
  const std::vector<Colour> colours(200);
  soil_stack(0);
  const Bytes png = encode_png(1'000, 50, indices, colours, 1);
  for (const int number : {1, 8, 9, 12}) {
    CAPTURE(number);
    soil_stack(std::uint16_t(number));
    const bool same = encode_png(1'000, 50, indices, colours, 1) == png;
    CHECK(same);
  }
}

TEST_CASE("the same pixels are the same PNG, wherever the stack lies") {
  constexpr std::uint32_t width = (32 << 10) - 1;
  constexpr std::uint32_t height = 400;
  const std::vector<std::uint8_t> indices = rows_of_windows(width, height);
  const std::vector<Colour> colours(256);
  const Bytes png = encode_png(width, height, indices, colours, 1);
  int others = 0;
  for (int steps = 1; steps <= 96; ++steps)
    others += encoded_below(steps, width, height, indices, colours) == png ? 0 : 1;
  CHECK(others == 0);
}

}  // namespace cauce::charts::drawing
