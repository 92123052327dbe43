#include "api/sync_time.h"

#include <cmath>
#include <cstdlib>
#include <string>

namespace cauce::api {
namespace {

// The number behind `name` at the start of a line.
std::optional<double> number_of(std::string_view text, const std::string& name) {
  std::size_t at = text.find("\n" + name + " ");
  if (at == std::string_view::npos) return std::nullopt;
  at += name.size() + 2;
  const std::string number{text.substr(at, text.find('\n', at) - at)};
  char* end = nullptr;
  const double value = std::strtod(number.c_str(), &end);
  const bool is_number = end != number.c_str() && *end == '\0';
  if (!is_number || !(value >= 0) || value > 1e12) return std::nullopt;
  return value;
}

}  // namespace

std::optional<SyncTotals> sync_totals_of(std::string_view metrics_text) {
  const auto count = number_of(metrics_text, "cauce_stream_sync_seconds_count{topic=\"raw\"}");
  const auto seconds = number_of(metrics_text, "cauce_stream_sync_seconds_sum{topic=\"raw\"}");
  if (!count || !seconds) return std::nullopt;
  return SyncTotals{std::uint64_t(*count), Duration{std::int64_t(std::llround(*seconds * 1e6))}};
}

void SyncTimes::add(const SyncTotals& totals) {
  // A gateway that was started again counts anew.
  if (!looks_.empty() && totals.count < looks_.back().count) looks_.clear();
  looks_.push_back(totals);
  if (looks_.size() > looks_max) looks_.pop_front();
}

std::optional<Duration> SyncTimes::mean() const {
  if (looks_.empty()) return std::nullopt;
  const std::uint64_t count = looks_.back().count - looks_.front().count;
  if (count < syncs_min) return std::nullopt;
  return (looks_.back().span - looks_.front().span) / std::int64_t(count);
}

}  // namespace cauce::api
