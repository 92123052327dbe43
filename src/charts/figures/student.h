// Student's t distribution (Student 1908), for the uncertainty of means and lines.
#pragma once

#include <cstdint>

namespace cauce::charts::figures {

// The t that 2.5 % of the distribution lie above: half the width of a 95 % interval in standard
// errors. Good to ten digits. At least one degree of freedom.
double student_t_95(std::uint64_t degrees_of_freedom);

struct MeanInterval {
  double low, high;
};

// In which the mean of a population lies with 95 % confidence, given n values of it, their mean and
// their sample standard deviation. NaN of fewer than two.
MeanInterval mean_interval_95(std::uint64_t n, double mean, double deviation);

}  // namespace cauce::charts::figures
