#include "charts/drawing/colour.h"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace cauce::charts::drawing {

namespace {

double linear(std::uint8_t channel) {
  const double value = channel / 255.0;
  return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
}

double luminance(Colour colour) {
  return 0.2126 * linear(colour.red) + 0.7152 * linear(colour.green) + 0.0722 * linear(colour.blue);
}

std::uint8_t mixed(std::uint8_t from, std::uint8_t to, double share) {
  return std::uint8_t(std::lround(from + (double(to) - from) * share));
}

Colour mixed(Colour from, Colour to, double share) {
  return {mixed(from.red, to.red, share), mixed(from.green, to.green, share),
          mixed(from.blue, to.blue, share), from.alpha};
}

}  // namespace

std::string to_hex(Colour colour) {
  return fmt::format("#{:02x}{:02x}{:02x}", colour.red, colour.green, colour.blue);
}

double contrast(Colour one, Colour other) {
  const double a = luminance(one) + 0.05;
  const double b = luminance(other) + 0.05;
  return std::max(a, b) / std::min(a, b);
}

Colour standing_out(Colour colour, Colour ground, double contrast_min) {
  const Colour target = luminance(ground) > 0.18 ? hex(0x000000) : hex(0xffffff);
  Colour found = colour;
  for (int step = 1; step <= 100 && contrast(found, ground) < contrast_min; ++step) {
    found = mixed(colour, target, step / 100.0);
  }
  return found;
}

Colour over(Colour colour, Colour ground) {
  return with_alpha(mixed(ground, colour, colour.alpha), 1);
}

Colour viridis(double share) {
  // The published table at every sixteenth; between them the error of a line is below 3/255.
  static constexpr std::array<std::uint32_t, 17> stops{
      0x440154, 0x481a6c, 0x472f7d, 0x414487, 0x39568c, 0x31688e, 0x2a788e, 0x23888e, 0x1f988b,
      0x22a884, 0x35b779, 0x54c568, 0x7ad151, 0xa5db36, 0xd2e21b, 0xeae51a, 0xfde725};
  const double place = std::clamp(share, 0.0, 1.0) * (stops.size() - 1);
  const auto index = std::min(std::size_t(place), stops.size() - 2);
  return mixed(hex(stops[index]), hex(stops[index + 1]), place - double(index));
}

}  // namespace cauce::charts::drawing
