#include "charts/figures/student.h"

#include <array>
#include <cmath>

#include "base/invariant.h"

namespace cauce::charts::figures {

namespace {

// The continued fraction of the incomplete beta function (Abramowitz and Stegun 26.5.8) by the
// method of Lentz 1976.
double beta_fraction(double a, double b, double x) {
  constexpr double tiny = 1e-300;
  double c = 1;
  double d = 1 / (1 - (a + b) * x / (a + 1));
  double fraction = d;
  for (int step = 1; step <= 1000; ++step) {
    const double twice = 2.0 * step;
    const double even = step * (b - step) * x / ((a + twice - 1) * (a + twice));
    const double odd = -(a + step) * (a + b + step) * x / ((a + twice) * (a + twice + 1));
    for (const double term : std::array{even, odd}) {
      d = 1 + term * d;
      if (std::fabs(d) < tiny) d = tiny;
      d = 1 / d;
      c = 1 + term / c;
      if (std::fabs(c) < tiny) c = tiny;
      fraction *= c * d;
    }
    if (std::fabs(c * d - 1) < 1e-15) break;
  }
  return fraction;
}

// I_x(a, b)
double incomplete_beta(double a, double b, double x) {
  const double front = std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) +
                                a * std::log(x) + b * std::log1p(-x));
  if (x < (a + 1) / (a + b + 2)) return front * beta_fraction(a, b, x) / a;
  return 1 - front * beta_fraction(b, a, 1 - x) / b;
}

// How much of the distribution lies above t > 0 (Abramowitz and Stegun 26.7.1).
double above(double t, double degrees) {
  return 0.5 * incomplete_beta(degrees / 2, 0.5, degrees / (degrees + t * t));
}

}  // namespace

double student_t_95(std::uint64_t degrees_of_freedom) {
  INVARIANT(degrees_of_freedom >= 1);
  // Beyond, the logarithms of the gamma function leave fewer digits than the normal distribution
  // is away.
  if (degrees_of_freedom > 100'000)
    return 1.959963984540054 + 2.372288 / double(degrees_of_freedom);
  const auto degrees = double(degrees_of_freedom);
  double low = 1.9;
  double high = 13;  // 12.7 with one degree of freedom
  for (int halving = 0; halving < 60; ++halving) {
    const double middle = (low + high) / 2;
    (above(middle, degrees) > 0.025 ? low : high) = middle;
  }
  return (low + high) / 2;
}

MeanInterval mean_interval_95(std::uint64_t n, double mean, double deviation) {
  if (n < 2) return {std::nan(""), std::nan("")};
  const double half = student_t_95(n - 1) * deviation / std::sqrt(double(n));
  return {mean - half, mean + half};
}

}  // namespace cauce::charts::figures
