#include "charts/drawing/palette.h"

#include <algorithm>
#include <array>
#include <limits>

namespace cauce::charts::drawing {

namespace {

constexpr std::size_t colours_max = 256;
// Colours nearer than this to one of the palette need no place of their own: 3 of 255 in each of
// red, green and blue.
constexpr int near = 3 * 3 * 3;
constexpr std::uint32_t rgb = 0xffffffU;
constexpr std::uint32_t empty = ~0U;  // no colour has the upper byte set

struct Counted {
  std::uint32_t colour = empty;
  std::uint32_t pixels = 0;
  std::uint8_t index = 0;
};

// All colours of a picture, by open addressing; grows to twice their number.
class Colours {
 public:
  explicit Colours(std::size_t slots) : slots_(slots) {}

  Counted& at(std::uint32_t colour) {
    Counted* slot = &find(colour);
    if (slot->colour == empty) {
      if (++size_ * 2 > slots_.size()) {
        grow();
        slot = &find(colour);
      }
      slot->colour = colour;
    }
    return *slot;
  }

  std::vector<Counted*> by_pixels() {
    std::vector<Counted*> colours;
    for (Counted& slot : slots_) {
      if (slot.colour != empty) colours.push_back(&slot);
    }
    std::sort(colours.begin(), colours.end(), [](const Counted* a, const Counted* b) {
      return a->pixels != b->pixels ? a->pixels > b->pixels : a->colour < b->colour;
    });
    return colours;
  }

 private:
  Counted& find(std::uint32_t colour) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t slot = (colour * 0x9e3779b1U >> 8) & mask;
    while (slots_[slot].colour != colour && slots_[slot].colour != empty)
      slot = (slot + 1) & mask;
    return slots_[slot];
  }

  void grow() {
    std::vector<Counted> before(slots_.size() * 2);
    before.swap(slots_);
    for (const Counted& counted : before) {
      if (counted.colour != empty) find(counted.colour) = counted;
    }
  }

  std::vector<Counted> slots_;
  std::size_t size_ = 0;
};

// The colours by red, green and blue, so that the compiler compares several at once.
class Palette {
 public:
  Palette() {
    red_.fill(nowhere);
    green_.fill(nowhere);
    blue_.fill(nowhere);
  }

  void add(std::uint32_t colour) {
    red_[size_] = float(colour >> 16);
    green_[size_] = float(colour >> 8 & 255);
    blue_[size_] = float(colour & 255);
    ++size_;
  }

  bool full() const { return size_ == colours_max; }

  // The first of the nearest; `found` is the square of the distance.
  std::uint8_t nearest(std::uint32_t colour, int& found) const {
    const auto red = float(colour >> 16);
    const auto green = float(colour >> 8 & 255);
    const auto blue = float(colour & 255);
    int best = std::numeric_limits<int>::max();
    for (std::size_t index = 0; index < colours_max; ++index) {
      const float reds = red_[index] - red;
      const float greens = green_[index] - green;
      const float blues = blue_[index] - blue;
      // Whole numbers below 2^24, so exact; the index decides between equals.
      const int square = int(reds * reds + greens * greens + blues * blues);
      best = std::min(best, square << 8 | int(index));
    }
    found = best >> 8;
    return std::uint8_t(best & 255);
  }

  std::vector<Colour> colours() const {
    std::vector<Colour> colours;
    colours.reserve(size_);
    for (std::size_t index = 0; index < size_; ++index) {
      colours.push_back(hex(std::uint32_t(red_[index]) << 16 | std::uint32_t(green_[index]) << 8 |
                            std::uint32_t(blue_[index])));
    }
    return colours;
  }

 private:
  static constexpr float nowhere = 1000;  // farther from every colour than any two of them

  std::array<float, colours_max> red_;
  std::array<float, colours_max> green_;
  std::array<float, colours_max> blue_;
  std::size_t size_ = 0;
};

std::uint32_t rgb_of(Colour colour) {
  return std::uint32_t(colour.red) << 16 | std::uint32_t(colour.green) << 8 | colour.blue;
}

Palette palette_of(const std::vector<Counted*>& colours, std::span<const Colour> kept) {
  Palette palette;
  const bool exact = colours.size() <= colours_max;
  if (!exact) {
    for (const Colour& colour : kept.first(std::min(kept.size(), kept_max)))
      palette.add(rgb_of(colour));
  }
  std::size_t added = exact ? 0 : std::min(kept.size(), kept_max);
  for (Counted* counted : colours) {
    int far = near;
    if (!exact && added > 0) counted->index = palette.nearest(counted->colour, far);
    if (exact || added == 0 || (far >= near && !palette.full())) {
      palette.add(counted->colour);
      counted->index = std::uint8_t(added++);
    }
  }
  return palette;
}

}  // namespace

IndexedPixels with_palette(std::span<const std::uint32_t> pixels, std::span<const Colour> kept) {
  Colours colours{4096};
  for (std::size_t start = 0; start < pixels.size();) {
    std::size_t end = start + 1;
    while (end < pixels.size() && pixels[end] == pixels[start])
      ++end;
    colours.at(pixels[start] & rgb).pixels += std::uint32_t(end - start);
    start = end;
  }
  const Palette palette = palette_of(colours.by_pixels(), kept);
  IndexedPixels picture{std::vector<std::uint8_t>(pixels.size()), palette.colours()};
  for (std::size_t start = 0; start < pixels.size();) {
    std::size_t end = start + 1;
    while (end < pixels.size() && pixels[end] == pixels[start])
      ++end;
    std::fill(picture.indices.begin() + std::ptrdiff_t(start),
              picture.indices.begin() + std::ptrdiff_t(end), colours.at(pixels[start] & rgb).index);
    start = end;
  }
  return picture;
}

}  // namespace cauce::charts::drawing
