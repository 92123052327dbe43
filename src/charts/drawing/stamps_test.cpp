#include "charts/drawing/stamps.h"

#include <cairo.h>
#include <doctest/doctest.h>

#include <memory>

namespace cauce::charts::drawing {
namespace {

constexpr int side = 200;  // device pixels

struct Destroy {
  void operator()(cairo_surface_t* surface) const { cairo_surface_destroy(surface); }
  void operator()(cairo_t* target) const { cairo_destroy(target); }
};

Cloud cloud_of(Shape shape, double radius, Colour fill) {
  Cloud cloud;
  for (int spot = 0; spot < 12; ++spot)
    cloud.spots.push_back({float(5.3 + spot * 4.17), float(8.1 + spot * 3.71), 0, 0, 0});
  cloud.styles.push_back({shape, fill, ""});
  cloud.radius = radius;
  cloud.outline = hex(0xffffff);
  return cloud;
}

// A new image on which the cloud is put.
std::vector<std::uint32_t> pixels_with(Stamps& stamps, const Cloud& cloud, double ratio) {
  std::vector<std::uint32_t> pixels(std::size_t{side} * side);
  const std::unique_ptr<cairo_surface_t, Destroy> surface{cairo_image_surface_create_for_data(
      reinterpret_cast<unsigned char*>(pixels.data()), CAIRO_FORMAT_ARGB32, side, side, side * 4)};
  const std::unique_ptr<cairo_t, Destroy> target{cairo_create(surface.get())};
  cairo_scale(target.get(), ratio, ratio);
  stamps.put(target.get(), cloud);
  cairo_surface_flush(surface.get());
  return pixels;
}

std::vector<std::uint32_t> pixels_of(const Cloud& cloud, double ratio) {
  Stamps stamps;
  return pixels_with(stamps, cloud, ratio);
}

}  // namespace

TEST_CASE("stamps that are kept draw what new ones would, whatever came before") {
  const Cloud cloud = cloud_of(Shape::triangle, 4, hex(0x0072b2));
  Stamps stamps;
  for (const Cloud& other : {cloud, cloud_of(Shape::star, 4, hex(0x0072b2)),
                             cloud_of(Shape::triangle, 4.5, hex(0x0072b2)),
                             cloud_of(Shape::triangle, 4, with_alpha(hex(0x0072b2), 0.5)),
                             cloud_of(Shape::triangle, 4, hex(0xd55e00))}) {
    for (const double ratio : {1.0, 2.0, 3.0})
      CHECK(pixels_with(stamps, other, ratio) == pixels_of(other, ratio));
  }
}

TEST_CASE("more stamps than are kept are drawn all the same") {
  Stamps stamps;
  for (int style = 0; style < 1'100; ++style)
    pixels_with(stamps, cloud_of(Shape::square, 1 + style * 0.001, hex(0x0072b2)), 1);
  for (int style = 0; style < 30; ++style) {
    const Cloud large = cloud_of(Shape::circle, 30 + style, hex(0xd55e00));
    CHECK(pixels_with(stamps, large, 3) == pixels_of(large, 3));
  }
}

}  // namespace cauce::charts::drawing
