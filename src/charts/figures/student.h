// Student's t distribution (Student 1908), for the uncertainty of means and lines.
#pragma once

#include <cstdint>

namespace cauce::charts::figures {

// The t that 2.5 % of the distribution lie above: half the width of a 95 % interval in standard
// errors. Good to ten digits. At least one degree of freedom.
double student_t_95(std::uint64_t degrees_of_freedom);

}  // namespace cauce::charts::figures
