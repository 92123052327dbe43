#include "charts/figures/student.h"

#include <doctest/doctest.h>

#include <cmath>

namespace cauce::charts::figures {
namespace {

TEST_CASE("a 95 % interval is as wide as the tables say") {
  // scipy.stats.t.ppf(0.975, n)
  const struct {
    std::uint64_t degrees;
    double t;
  } table[] = {{1, 12.706204736432095},   {2, 4.302652729911275},    {3, 3.182446305284263},
               {5, 2.5705818366147395},   {10, 2.2281388519649385},  {30, 2.0422724563012373},
               {100, 1.9839715184496334}, {1000, 1.9623390808264078}};
  for (const auto& [degrees, t] : table)
    CHECK(std::fabs(student_t_95(degrees) - t) < 1e-9);
  CHECK(std::fabs(student_t_95(100'000) - student_t_95(100'001)) < 1e-8);
  CHECK(std::fabs(student_t_95(1'000'000'000) - 1.959963984540054) < 1e-8);
}

}  // namespace
}  // namespace cauce::charts::figures
