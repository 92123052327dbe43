#include "api/sync_time.h"

#include <doctest/doctest.h>

#include "metrics/metrics.h"

namespace cauce::api {
namespace {

using std::chrono::milliseconds;

}  // namespace

TEST_CASE("the syncs are those that a process counts of the topic raw") {
  metrics::Metrics metrics;
  const auto syncs =
      metrics.histograms("cauce_stream_sync_seconds", "How long fdatasync took.", {"topic"});
  CHECK(!sync_totals_of(metrics.text()));
  syncs.at({"readings"}).observe(milliseconds{700});
  CHECK(!sync_totals_of(metrics.text()));
  syncs.at({"raw"}).observe(milliseconds{200});
  syncs.at({"raw"}).observe(milliseconds{55});
  const auto totals = sync_totals_of(metrics.text());
  REQUIRE(totals);
  CHECK(totals->count == 2);
  CHECK(totals->span == milliseconds{255});
  CHECK(!sync_totals_of(""));
}

TEST_CASE("the mean is of the last ten seconds, and none of a sync or two") {
  SyncTimes times;
  CHECK(!times.mean());
  times.add({.count = 5, .span = milliseconds{9000}});
  CHECK(!times.mean());
  times.add({.count = 7, .span = milliseconds{9500}});
  CHECK(!times.mean());
  times.add({.count = 9, .span = milliseconds{9800}});
  CHECK(times.mean() == milliseconds{200});
  for (std::uint64_t second = 1; second <= SyncTimes::looks_max; ++second) {
    times.add({.count = 9 + second, .span = milliseconds{9800 + 3 * second}});
  }
  CHECK(times.mean() == milliseconds{3});
  // The gateway was started again.
  times.add({.count = 1, .span = milliseconds{1}});
  CHECK(!times.mean());
}

}  // namespace cauce::api
