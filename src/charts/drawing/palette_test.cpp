#include "charts/drawing/palette.h"

#include <doctest/doctest.h>

#include <limits>

#include "base/random.h"

namespace cauce::charts::drawing {
namespace {

std::uint32_t rgb_of(Colour colour) {
  return std::uint32_t(colour.red) << 16 | std::uint32_t(colour.green) << 8 | colour.blue;
}

int square_between(std::uint32_t one, std::uint32_t other) {
  int sum = 0;
  for (const int shift : {0, 8, 16}) {
    const int difference = int(one >> shift & 255) - int(other >> shift & 255);
    sum += difference * difference;
  }
  return sum;
}

// Runs of random lengths of so many random colours.
std::vector<std::uint32_t> picture_of(std::size_t pixels, std::size_t colours, std::size_t longest,
                                      std::uint64_t seed) {
  SeededRandom random{seed};
  std::vector<std::uint32_t> palette;
  for (std::size_t index = 0; index < colours; ++index)
    palette.push_back(std::uint32_t(random.number()) & 0xffffff);
  std::vector<std::uint32_t> picture;
  while (picture.size() < pixels) {
    const std::size_t length = 1 + std::size_t(random.below(longest));
    const std::uint32_t colour = palette[std::size_t(random.below(colours))];
    picture.insert(picture.end(), std::min(length, pixels - picture.size()), colour);
  }
  return picture;
}

// Every pixel has the nearest colour that there is.
void check_nearest(const std::vector<std::uint32_t>& pixels, const IndexedPixels& made) {
  REQUIRE(made.indices.size() == pixels.size());
  REQUIRE(made.colours.size() <= 256);
  for (std::size_t pixel = 0; pixel < pixels.size(); ++pixel) {
    int least = std::numeric_limits<int>::max();
    for (const Colour& colour : made.colours)
      least = std::min(least, square_between(pixels[pixel], rgb_of(colour)));
    REQUIRE(made.indices[pixel] < made.colours.size());
    const Colour& shown = made.colours[made.indices[pixel]];
    REQUIRE(square_between(pixels[pixel], rgb_of(shown)) == least);
  }
}

}  // namespace

TEST_CASE("a picture of up to 256 colours keeps each of them") {
  for (const std::size_t colours : {1, 2, 16, 17, 255, 256}) {
    CAPTURE(colours);
    const auto pixels = picture_of(20'000, colours, 40, colours);
    const IndexedPixels made = with_palette(pixels, {});
    for (std::size_t pixel = 0; pixel < pixels.size(); ++pixel)
      REQUIRE(rgb_of(made.colours[made.indices[pixel]]) == pixels[pixel]);
  }
}

TEST_CASE("of more colours those that were asked for stay, and every other becomes the nearest") {
  const auto pixels = picture_of(6'000, 2'000, 3, 5);
  std::vector<Colour> kept;
  for (std::size_t index = 0; index < kept_max; ++index)
    kept.push_back(hex(pixels[index * 20]));
  const IndexedPixels made = with_palette(pixels, kept);
  CHECK(made.colours.size() == 256);
  for (std::size_t index = 0; index < kept_max; ++index)
    CHECK(rgb_of(made.colours[made.indices[index * 20]]) == pixels[index * 20]);
  check_nearest(pixels, made);
}

TEST_CASE("the upper byte of a pixel means nothing") {
  auto pixels = picture_of(1'000, 40, 5, 9);
  const IndexedPixels before = with_palette(pixels, {});
  for (std::size_t index = 0; index < pixels.size(); ++index)
    pixels[index] |= std::uint32_t(index) << 24;
  const IndexedPixels made = with_palette(pixels, {});
  CHECK(made.indices == before.indices);
}

TEST_CASE("a picture of more runs than are remembered is drawn to its end") {
  const auto pixels = picture_of((1 << 18) + 70'000, 300, 1, 3);
  check_nearest(pixels, with_palette(pixels, {}));
}

TEST_CASE("no pixel, and one") {
  CHECK(with_palette({}, {}).indices.empty());
  const std::vector<std::uint32_t> one{0x123456};
  const IndexedPixels made = with_palette(one, {});
  CHECK(made.indices == std::vector<std::uint8_t>{0});
  CHECK(rgb_of(made.colours.at(0)) == 0x123456);
}

}  // namespace cauce::charts::drawing
