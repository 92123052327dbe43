#include "charts/drawing/palette.h"

#include <algorithm>

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

int distance(std::uint32_t a, std::uint32_t b) {
  const int red = int(a >> 16) - int(b >> 16);
  const int green = int(a >> 8 & 255) - int(b >> 8 & 255);
  const int blue = int(a & 255) - int(b & 255);
  return red * red + green * green + blue * blue;
}

class Palette {
 public:
  void add(std::uint32_t colour) { colours_.push_back(colour); }
  bool full() const { return colours_.size() == colours_max; }

  std::uint8_t nearest(std::uint32_t colour, int& found) const {
    std::size_t best = 0;
    found = distance(colour, colours_[0]);
    for (std::size_t index = 1; index < colours_.size() && found > 0; ++index) {
      const int far = distance(colour, colours_[index]);
      if (far >= found) continue;
      found = far;
      best = index;
    }
    return std::uint8_t(best);
  }

  std::vector<Colour> colours() const {
    std::vector<Colour> colours;
    for (const std::uint32_t colour : colours_)
      colours.push_back(hex(colour));
    return colours;
  }

 private:
  std::vector<std::uint32_t> colours_;
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
    if (added > 0) counted->index = palette.nearest(counted->colour, far);
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
