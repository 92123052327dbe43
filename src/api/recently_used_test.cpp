#include "api/recently_used.h"

#include <doctest/doctest.h>

namespace cauce::api {

TEST_CASE("what was used last stays, so many bytes of it") {
  RecentlyUsed<int> kept(10);
  kept.put("a", 1, 4);
  kept.put("b", 2, 4);
  CHECK(*kept.find("a") == 1);
  kept.put("c", 3, 4);  // b was used longest ago
  CHECK(kept.find("b") == nullptr);
  CHECK(*kept.find("a") == 1);
  kept.put("a", 5, 2);
  CHECK(*kept.find("a") == 5);
  kept.put("d", 4, 10);
  CHECK(kept.find("a") == nullptr);
  CHECK(*kept.find("d") == 4);
  kept.put("e", 6, 11);
  CHECK(kept.find("e") == nullptr);
  CHECK(*kept.find("d") == 4);
}

}  // namespace cauce::api
