#include "charts/drawing/typesetter.h"

#include <cairo.h>
#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>

namespace cauce::charts::drawing {

namespace {

constexpr int width = 160;
constexpr int height = 32;

// Black on white, the red of each device pixel.
std::vector<int> drawn(Typesetter& typesetter, const Text& text, int ratio) {
  cairo_surface_t* surface =
      cairo_image_surface_create(CAIRO_FORMAT_RGB24, width * ratio, height * ratio);
  cairo_t* target = cairo_create(surface);
  cairo_scale(target, ratio, ratio);
  cairo_set_source_rgb(target, 1, 1, 1);
  cairo_paint(target);
  typesetter.fill(target, text);
  cairo_destroy(target);
  cairo_surface_flush(surface);
  std::vector<int> reds;
  for (int row = 0; row < height * ratio; ++row) {
    const unsigned char* bytes =
        cairo_image_surface_get_data(surface) + row * cairo_image_surface_get_stride(surface);
    for (int column = 0; column < width * ratio; ++column)
      reds.push_back(bytes[4 * column + 2]);
  }
  cairo_surface_destroy(surface);
  return reds;
}

// Each pixel as the mean of its parts in a picture sixteen times as fine.
std::vector<int> averaged(const std::vector<int>& fine, int ratio) {
  std::vector<int> sums(std::size_t(width * height));
  for (int row = 0; row < height * ratio; ++row) {
    for (int column = 0; column < width * ratio; ++column) {
      sums[std::size_t(row / ratio * width + column / ratio)] +=
          fine[std::size_t(row * width * ratio + column)];
    }
  }
  for (int& sum : sums)
    sum /= ratio * ratio;
  return sums;
}

}  // namespace

TEST_CASE("letters of an image lie to an eighth of a pixel where their outlines do") {
  Typesetter typesetter;
  constexpr int fine = 16;
  for (const double place : {0.0, 0.13, 0.5, 0.77, 0.99}) {
    CAPTURE(place);
    const Text text{.x = 8 + place,
                    .baseline = 20 + place / 2,
                    .width = 0,
                    .ascent = 0,
                    .descent = 0,
                    .shown = "Ágil 12,5 (Wat)",
                    .full = "",
                    .face = {13, Weight::regular},
                    .colour = hex(0),
                    .meaning = {}};
    const std::vector<int> image = drawn(typesetter, text, 1);
    const std::vector<int> exact = averaged(drawn(typesetter, text, fine), fine);
    long ink = 0;
    long exact_ink = 0;
    int worst = 0;
    for (std::size_t pixel = 0; pixel < image.size(); ++pixel) {
      ink += 255 - image[pixel];
      exact_ink += 255 - exact[pixel];
      worst = std::max(worst, std::abs(image[pixel] - exact[pixel]));
    }
    CHECK(exact_ink > 255 * 200);
    CHECK(double(ink) == doctest::Approx(double(exact_ink)).epsilon(0.02));
    CHECK(worst <= 255 * 2 / 8 + 8);  // a corner moves along both sides
  }
}

TEST_CASE("letters beyond the edge of an image are cut off") {
  Typesetter typesetter;
  for (const double x : {-30.0, double(width) - 10, 5000.0}) {
    for (const double baseline : {-3.0, 2.0, double(height) + 4, 900.0}) {
      const Text text{.x = x,
                      .baseline = baseline,
                      .width = 0,
                      .ascent = 0,
                      .descent = 0,
                      .shown = "Wattwatt",
                      .full = "",
                      .face = {},
                      .colour = with_alpha(hex(0x102030), 0.5),
                      .meaning = {}};
      CHECK(drawn(typesetter, text, 1).size() == std::size_t(width * height));
    }
  }
}

}  // namespace cauce::charts::drawing
