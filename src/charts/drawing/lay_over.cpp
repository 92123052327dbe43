#include "charts/drawing/lay_over.h"

#include <cairo.h>
#include <immintrin.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstring>

namespace cauce::charts::drawing {

namespace {

constexpr std::uint32_t halves = 0x00ff00ff;  // every second byte of a pixel

// Each byte of a pixel times share / 255, rounded.
std::uint32_t scaled(std::uint32_t pixel, std::uint32_t share) {
  std::uint32_t low = (pixel & halves) * share + 0x00800080;
  std::uint32_t high = (pixel >> 8 & halves) * share + 0x00800080;
  low = (low + (low >> 8 & halves)) >> 8 & halves;
  high = (high + (high >> 8 & halves)) & ~halves;
  return low | high;
}

std::uint32_t over(std::uint32_t source, std::uint32_t target) {
  return source + scaled(target, 255 - (source >> 24));
}

// `share` in each of the eight halves: the pixels' bytes times it / 255, rounded as above.
inline __m128i scaled_halves(__m128i bytes, __m128i share) {
  const __m128i product = _mm_add_epi16(_mm_mullo_epi16(bytes, share), _mm_set1_epi16(128));
  return _mm_srli_epi16(_mm_add_epi16(product, _mm_srli_epi16(product, 8)), 8);
}

inline __m128i four_at(const std::uint32_t* pixels) {
  return _mm_loadu_si128(reinterpret_cast<const __m128i*>(pixels));
}

inline void put_four(std::uint32_t* pixels, __m128i four) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(pixels), four);
}

// scaled() of four pixels, each by one byte of `cover`.
inline __m128i scaled_by_cover(__m128i pixels, const unsigned char* cover) {
  const __m128i zero = _mm_setzero_si128();
  int four = 0;
  std::memcpy(&four, cover, sizeof four);
  const __m128i twice = _mm_unpacklo_epi8(_mm_cvtsi32_si128(four), zero);
  const __m128i shares = _mm_unpacklo_epi16(twice, twice);
  const __m128i low =
      scaled_halves(_mm_unpacklo_epi8(pixels, zero), _mm_unpacklo_epi32(shares, shares));
  const __m128i high =
      scaled_halves(_mm_unpackhi_epi8(pixels, zero), _mm_unpackhi_epi32(shares, shares));
  return _mm_packus_epi16(low, high);
}

// over() of four pixels.
inline __m128i four_over(__m128i source, __m128i target) {
  const __m128i zero = _mm_setzero_si128();
  const __m128i clear = _mm_sub_epi32(_mm_set1_epi32(255), _mm_srli_epi32(source, 24));
  const __m128i shares = _mm_or_si128(clear, _mm_slli_epi32(clear, 16));
  const __m128i low =
      scaled_halves(_mm_unpacklo_epi8(target, zero), _mm_unpacklo_epi32(shares, shares));
  const __m128i high =
      scaled_halves(_mm_unpackhi_epi8(target, zero), _mm_unpackhi_epi32(shares, shares));
  return _mm_add_epi32(source, _mm_packus_epi16(low, high));
}

// An image of cairo, asked once for where its bytes are.
struct Image {
  unsigned char* bytes;
  std::ptrdiff_t stride;
  int width, height;

  unsigned char* row(int y) const { return bytes + y * stride; }
  std::uint32_t* pixels(int y) const { return reinterpret_cast<std::uint32_t*>(row(y)); }
};

Image image_of(cairo_surface_t* surface) {
  return {cairo_image_surface_get_data(surface), cairo_image_surface_get_stride(surface),
          cairo_image_surface_get_width(surface), cairo_image_surface_get_height(surface)};
}

// The pixels of `picture` that lie within the target, in its own rows and columns.
struct Inside {
  int left, top, right, bottom;
};

Inside inside_of(const Image& target, const Image& picture, int left, int top) {
  return {std::max(0, -left), std::max(0, -top), std::min(picture.width, target.width - left),
          std::min(picture.height, target.height - top)};
}

std::uint32_t premultiplied(Colour colour) {
  const auto part = [&](std::uint8_t value) {
    return std::uint32_t(std::lround(value * colour.alpha));
  };
  return std::uint32_t(std::lround(255 * colour.alpha)) << 24 | part(colour.red) << 16 |
         part(colour.green) << 8 | part(colour.blue);
}

}  // namespace

void lay_over(cairo_surface_t* target, cairo_surface_t* picture, int left, int top) {
  cairo_surface_flush(target);
  const Image onto = image_of(target);
  const Image from = image_of(picture);
  const Inside inside = inside_of(onto, from, left, top);
  for (int row = inside.top; row < inside.bottom; ++row) {
    const std::uint32_t* source = from.pixels(row);
    std::uint32_t* pixels = onto.pixels(top + row) + left;
    int column = inside.left;
    for (; column + 4 <= inside.right; column += 4)
      put_four(pixels + column, four_over(four_at(source + column), four_at(pixels + column)));
    for (; column < inside.right; ++column)
      pixels[column] = over(source[column], pixels[column]);
  }
  cairo_surface_mark_dirty(target);
}

void lay_over(cairo_surface_t* target, cairo_surface_t* mask, Colour colour, int left, int top) {
  const std::uint32_t whole = premultiplied(colour);
  const __m128i four_whole = _mm_set1_epi32(int(whole));
  cairo_surface_flush(target);
  const Image onto = image_of(target);
  const Image from = image_of(mask);
  const Inside inside = inside_of(onto, from, left, top);
  for (int row = inside.top; row < inside.bottom; ++row) {
    const unsigned char* cover = from.row(row);
    std::uint32_t* pixels = onto.pixels(top + row) + left;
    int column = inside.left;
    for (; column + 4 <= inside.right; column += 4) {
      const __m128i source = scaled_by_cover(four_whole, cover + column);
      put_four(pixels + column, four_over(source, four_at(pixels + column)));
    }
    for (; column < inside.right; ++column)
      pixels[column] = over(scaled(whole, cover[column]), pixels[column]);
  }
  cairo_surface_mark_dirty(target);
}

}  // namespace cauce::charts::drawing
