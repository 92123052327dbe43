// How long the disk takes to make devices' messages durable, from what the gateway counts about
// itself (docs/operations/metrics.md).
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string_view>

#include "base/time.h"

namespace cauce::api {

// All syncs of the topic `raw` since the gateway started.
struct SyncTotals {
  std::uint64_t count = 0;
  Duration span{0};
};

// nullopt when the text, which is metrics::Metrics::text(), says nothing of them.
std::optional<SyncTotals> sync_totals_of(std::string_view metrics_text);

// What was counted in the last seconds, one entry for each look, the youngest last.
class SyncTimes {
 public:
  // Ten seconds of looks once a second: one slow sync is no slow disk.
  static constexpr std::size_t looks_max = 11;

  void add(const SyncTotals& totals);
  // Of the syncs between the first and the last look; nullopt when there were less than
  // syncs_min.
  std::optional<Duration> mean() const;

 private:
  static constexpr std::uint64_t syncs_min = 3;

  std::deque<SyncTotals> looks_;
};

}  // namespace cauce::api
