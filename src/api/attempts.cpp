#include "api/attempts.h"

#include <algorithm>

namespace cauce::api {

Duration Attempts::wait_of(const std::string& name, Duration now) const {
  const auto found = free_at_.find(name);
  if (found == free_at_.end()) return Duration{0};
  const Duration all_but_one = options_.interval * (options_.attempts_max - 1);
  return std::max(Duration{0}, found->second - now - all_but_one);
}

void Attempts::count(const std::string& name, Duration now) {
  make_room(now);
  Duration& free_at = free_at_.try_emplace(name, now).first->second;
  free_at = std::max(free_at, now) + options_.interval;
}

void Attempts::forgive(const std::string& name) {
  free_at_.erase(name);
}

void Attempts::make_room(Duration now) {
  if (free_at_.size() < options_.names_max) return;
  std::erase_if(free_at_, [now](const auto& entry) { return entry.second <= now; });
  if (free_at_.size() < options_.names_max) return;
  free_at_.erase(std::min_element(
      free_at_.begin(), free_at_.end(),
      [](const auto& left, const auto& right) { return left.second < right.second; }));
}

}  // namespace cauce::api
