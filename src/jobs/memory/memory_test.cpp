#include "jobs/memory/memory.h"

#include <doctest/doctest.h>

#include "jobs/jobs_contract.h"

namespace cauce::jobs::memory {

TEST_CASE("the queue in memory keeps the contract of the queue") {
  contract::check(
      [](const Clock& clock, Limits limits) { return std::make_unique<Queue>(clock, limits); });
}

}  // namespace cauce::jobs::memory
