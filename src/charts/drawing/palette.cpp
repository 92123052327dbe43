#include "charts/drawing/palette.h"

#include <immintrin.h>

#include <algorithm>
#include <array>
#include <bit>
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
  std::uint32_t colour = 0;
  std::uint32_t pixels = 0;
  std::uint8_t index = 0;  // in the palette
};

// All colours of a picture in the order of their first pixels, found by open addressing.
class Colours {
 public:
  Counted& operator[](std::uint32_t number) { return colours_[number]; }

  std::uint32_t number_of(std::uint32_t colour) {
    Slot* slot = &find(colour);
    if (slot->colour == empty) {
      if ((colours_.size() + 1) * 2 > slots_.size()) {
        grow();
        slot = &find(colour);
      }
      *slot = {colour, std::uint32_t(colours_.size())};
      colours_.push_back({colour});
    }
    return slot->number;
  }

  // Most pixels first.
  std::vector<Counted*> by_pixels() {
    std::vector<std::uint64_t> order;
    order.reserve(colours_.size());
    for (const Counted& counted : colours_)
      order.push_back(std::uint64_t{~counted.pixels} << 32 | counted.colour);
    std::sort(order.begin(), order.end());
    std::vector<Counted*> colours;
    colours.reserve(order.size());
    for (const std::uint64_t key : order)
      colours.push_back(&colours_[find(std::uint32_t(key)).number]);
    return colours;
  }

 private:
  struct Slot {
    std::uint32_t colour = empty;
    std::uint32_t number = 0;
  };

  Slot& find(std::uint32_t colour) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t slot = (colour * 0x9e3779b1U >> 8) & mask;
    while (slots_[slot].colour != colour && slots_[slot].colour != empty)
      slot = (slot + 1) & mask;
    return slots_[slot];
  }

  // To twice the room, so that at least half of it stays empty.
  void grow() {
    std::vector<Slot> before(slots_.size() * 2);
    before.swap(slots_);
    for (const Slot& slot : before) {
      if (slot.colour != empty) find(slot.colour) = slot;
    }
  }

  std::vector<Slot> slots_ = std::vector<Slot>(4096);
  std::vector<Counted> colours_;
};

// The colours of a palette by red, green and blue, so that the compiler compares several at once.
struct Levels {
  alignas(32) std::array<float, colours_max> red;
  alignas(32) std::array<float, colours_max> green;
  alignas(32) std::array<float, colours_max> blue;
};

// The square of the distance to the nearest one and, in the last eight bits, its index: the first
// of equals.
[[gnu::always_inline]] inline int nearest_of(const Levels& levels, std::uint32_t colour) {
  const auto red = float(colour >> 16);
  const auto green = float(colour >> 8 & 255);
  const auto blue = float(colour & 255);
  int best = std::numeric_limits<int>::max();
  for (int index = 0; index < int(colours_max); ++index) {
    const float reds = levels.red[std::size_t(index)] - red;
    const float greens = levels.green[std::size_t(index)] - green;
    const float blues = levels.blue[std::size_t(index)] - blue;
    // Whole numbers below 2^24, so exact.
    const int square = int(reds * reds + greens * greens + blues * blues);
    best = std::min(best, square << 8 | index);
  }
  return best;
}

__attribute__((target("avx2"))) int nearest_by_avx2(const Levels& levels, std::uint32_t colour) {
  return nearest_of(levels, colour);
}

int nearest_by_baseline(const Levels& levels, std::uint32_t colour) {
  return nearest_of(levels, colour);
}

class Palette {
 public:
  Palette() {
    levels_.red.fill(nowhere);
    levels_.green.fill(nowhere);
    levels_.blue.fill(nowhere);
  }

  void add(std::uint32_t colour) {
    levels_.red[size_] = float(colour >> 16);
    levels_.green[size_] = float(colour >> 8 & 255);
    levels_.blue[size_] = float(colour & 255);
    ++size_;
  }

  bool full() const { return size_ == colours_max; }

  // The first of the nearest; `found` is the square of the distance.
  std::uint8_t nearest(std::uint32_t colour, int& found) const {
    static const bool has_avx2 = __builtin_cpu_supports("avx2") > 0;
    const int best =
        has_avx2 ? nearest_by_avx2(levels_, colour) : nearest_by_baseline(levels_, colour);
    found = best >> 8;
    return std::uint8_t(best & 255);
  }

  std::vector<Colour> colours() const {
    std::vector<Colour> colours;
    colours.reserve(size_);
    for (std::size_t index = 0; index < size_; ++index) {
      colours.push_back(hex(std::uint32_t(levels_.red[index]) << 16 |
                            std::uint32_t(levels_.green[index]) << 8 |
                            std::uint32_t(levels_.blue[index])));
    }
    return colours;
  }

 private:
  static constexpr float nowhere = 1000;  // farther from every colour than any two of them

  Levels levels_;
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

inline __m128i same_as_before(const std::uint32_t* pixels) {
  const auto* before = reinterpret_cast<const __m128i*>(pixels - 1);
  const auto* these = reinterpret_cast<const __m128i*>(pixels);
  return _mm_cmpeq_epi32(_mm_loadu_si128(before), _mm_loadu_si128(these));
}

// Of sixteen pixels, bit by bit, which differ from the one before them.
inline std::uint64_t sixteen_changes(const std::uint32_t* pixels) {
  const __m128i first = _mm_packs_epi32(same_as_before(pixels), same_as_before(pixels + 4));
  const __m128i second = _mm_packs_epi32(same_as_before(pixels + 8), same_as_before(pixels + 12));
  return std::uint64_t(_mm_movemask_epi8(_mm_packs_epi16(first, second)) ^ 0xffff);
}

constexpr std::size_t pixels_at_once = 64;

inline std::uint64_t changes_of(const std::uint32_t* pixels) {
  return sixteen_changes(pixels) | sixteen_changes(pixels + 16) << 16 |
         sixteen_changes(pixels + 32) << 32 | sixteen_changes(pixels + 48) << 48;
}

// Calls use(first, end, colour) for every run of equal pixels. Where runs end is found for many
// pixels at once: their lengths are no pattern that a processor could foresee.
template <class Use>
void each_run(std::span<const std::uint32_t> pixels, const Use& use) {
  if (pixels.empty()) return;
  std::size_t first = 0;
  const auto end_at = [&](std::size_t end) {
    use(first, end, pixels[first] & rgb);
    first = end;
  };
  std::size_t next = 1;
  for (; next + pixels_at_once <= pixels.size(); next += pixels_at_once) {
    for (std::uint64_t left = changes_of(pixels.data() + next); left != 0; left &= left - 1)
      end_at(next + std::size_t(std::countr_zero(left)));
  }
  for (; next < pixels.size(); ++next) {
    if (pixels[next] != pixels[first]) end_at(next);
  }
  end_at(pixels.size());
}

// Equal pixels one after the other, by their colour's number. So many are remembered; a picture of
// more is looked through twice.
struct Run {
  std::size_t end = 0;
  std::uint32_t number = 0;
};
constexpr std::size_t runs_max = 1 << 18;

constexpr std::size_t short_run = 16;

// Writes at least short_run bytes: those beyond the run are the next run's, or cut off at the end.
inline void put_run(std::uint8_t* target, std::size_t count, std::uint8_t index) {
  _mm_storeu_si128(reinterpret_cast<__m128i*>(target), _mm_set1_epi8(char(index)));
  if (count > short_run) std::fill(target + short_run, target + count, index);
}

}  // namespace

IndexedPixels with_palette(std::span<const std::uint32_t> pixels, std::span<const Colour> kept) {
  Colours colours;
  std::vector<Run> runs;
  each_run(pixels, [&](std::size_t first, std::size_t end, std::uint32_t colour) {
    const std::uint32_t number = colours.number_of(colour);
    colours[number].pixels += std::uint32_t(end - first);
    if (runs.size() < runs_max) runs.push_back({end, number});
  });
  const Palette palette = palette_of(colours.by_pixels(), kept);
  IndexedPixels picture{{}, palette.colours()};
  picture.indices.resize(pixels.size() + short_run);
  std::size_t done = 0;
  for (const Run& run : runs) {
    put_run(picture.indices.data() + done, run.end - done, colours[run.number].index);
    done = run.end;
  }
  each_run(pixels.subspan(done), [&](std::size_t first, std::size_t end, std::uint32_t colour) {
    const std::uint8_t index = colours[colours.number_of(colour)].index;
    put_run(picture.indices.data() + done + first, end - first, index);
  });
  picture.indices.resize(pixels.size());
  return picture;
}

}  // namespace cauce::charts::drawing
