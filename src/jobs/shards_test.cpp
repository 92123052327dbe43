#include "jobs/shards.h"

#include <doctest/doctest.h>

#include <algorithm>

namespace cauce::jobs {

TEST_CASE("a series keeps its shard: the stored queue relies on it") {
  CHECK(shard_of("acme/boiler-1/temperature") == shard_of("acme/boiler-1/temperature"));
  CHECK(shard_of("acme/d0/m") < shard_count);
}

TEST_CASE("series that differ little spread over all shards") {
  std::array<int, shard_count> series{};
  for (int index = 0; index < 25600; ++index) {
    ++series[shard_of("acme/device-" + std::to_string(index) + "/temperature")];
  }
  const auto [least, most] = std::minmax_element(series.begin(), series.end());
  CHECK(*least > 50);
  CHECK(*most < 160);
}

TEST_CASE("shards come round: a busy one does not keep others waiting") {
  Shards shards{100};
  for (const std::uint32_t shard : {3u, 200u})
    shards.added(shard, 10);
  const Time now = time_min;
  for (const std::uint32_t expected : {3u, 200u, 3u, 200u}) {
    const auto taken = shards.take("w", now, Duration{1});
    REQUIRE(taken);
    CHECK(*taken == expected);
    shards.release(*taken);
  }
}

}  // namespace cauce::jobs
