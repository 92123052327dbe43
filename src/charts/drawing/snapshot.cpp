#include "charts/drawing/snapshot.h"

#include <cairo.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <unordered_map>
#include <vector>

#include "charts/drawing/png.h"
#include "charts/drawing/stamps.h"

namespace cauce::charts::drawing {

namespace {

constexpr int ratio = 2;
constexpr std::size_t colours_max = 256;

struct DestroySurface {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
};

struct Box {
  double left, top, right, bottom;
};

Box box_around(const Cloud& cloud) {
  Box box{1e9, 1e9, -1e9, -1e9};
  for (const Spot& spot : cloud.spots) {
    box.left = std::min<double>(box.left, spot.x);
    box.top = std::min<double>(box.top, spot.y);
    box.right = std::max<double>(box.right, spot.x);
    box.bottom = std::max<double>(box.bottom, spot.y);
  }
  double radius = cloud.radius;
  for (const SpotStyle& style : cloud.styles)
    radius = std::max(radius, style.radius);
  const double reach = std::ceil(radius * 1.5 + outline_width);
  return {std::floor(box.left) - reach, std::floor(box.top) - reach, std::ceil(box.right) + reach,
          std::ceil(box.bottom) + reach};
}

// Premultiplied to plain channels, each rounded to so many bits.
std::uint32_t plain(std::uint32_t pixel, int bits) {
  const std::uint32_t alpha = pixel >> 24;
  if (alpha == 0) return 0;
  const std::uint32_t levels = (1U << bits) - 1;
  const auto rounded = [&](std::uint32_t value) {
    return (std::min(value, 255U) * levels + 127) / 255 * 255 / levels;
  };
  const auto channel = [&](int shift) {
    return rounded(((pixel >> shift & 255U) * 255 + alpha / 2) / alpha) << shift;
  };
  const std::uint32_t opacity = rounded(alpha);
  return opacity == 0 ? 0 : opacity << 24 | channel(16) | channel(8) | channel(0);
}

bool index_pixels(const std::vector<std::uint32_t>& pixels, int bits,
                  std::vector<std::uint8_t>& indices, std::vector<Colour>& colours) {
  std::unordered_map<std::uint32_t, std::uint8_t> known;
  indices.clear();
  colours.clear();
  for (const std::uint32_t pixel : pixels) {
    const std::uint32_t colour = plain(pixel, bits);
    const auto [place, is_new] = known.emplace(colour, std::uint8_t(colours.size()));
    if (is_new) {
      if (colours.size() == colours_max) return false;
      colours.push_back(with_alpha(hex(colour & 0xffffff), (colour >> 24) / 255.0));
    }
    indices.push_back(place->second);
  }
  return true;
}

}  // namespace

Result<Snapshot> snapshot_of(const Cloud& cloud) {
  const Box box = box_around(cloud);
  const auto across = std::uint32_t((box.right - box.left) * ratio);
  const auto down = std::uint32_t((box.bottom - box.top) * ratio);
  std::vector<std::uint32_t> pixels(std::size_t{across} * down);
  const std::unique_ptr<cairo_surface_t, DestroySurface> surface{
      cairo_image_surface_create_for_data(reinterpret_cast<unsigned char*>(pixels.data()),
                                          CAIRO_FORMAT_ARGB32, int(across), int(down),
                                          int(across) * 4)};
  cairo_t* target = cairo_create(surface.get());
  cairo_scale(target, ratio, ratio);
  cairo_translate(target, -box.left, -box.top);
  Stamps{}.put(target, cloud);
  const cairo_status_t status = cairo_status(target);
  cairo_destroy(target);
  if (status != CAIRO_STATUS_SUCCESS) {
    return Error{Outcome::exhausted, std::string("cannot draw the points of the SVG: ") +
                                         cairo_status_to_string(status) +
                                         "; try a smaller picture"};
  }
  cairo_surface_flush(surface.get());
  std::vector<std::uint8_t> indices;
  std::vector<Colour> colours;
  int bits = 6;
  while (bits > 1 && !index_pixels(pixels, bits, indices, colours))
    --bits;
  return Snapshot{box.left, box.top, box.right - box.left, box.bottom - box.top,
                  encode_png(across, down, indices, colours, ratio)};
}

}  // namespace cauce::charts::drawing
