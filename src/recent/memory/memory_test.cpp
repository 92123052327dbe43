#include "recent/memory/memory.h"

#include <doctest/doctest.h>

#include "recent/recent_contract.h"

namespace cauce::recent::memory {

TEST_CASE("the store in memory keeps the contract of the recent store") {
  contract::check([](const Clock& clock, Limits limits, std::uint64_t month_bytes_max) {
    return std::make_unique<Store>(clock, Options{limits, month_bytes_max});
  });
}

}  // namespace cauce::recent::memory
