#include "api/repeats.h"

#include <algorithm>

namespace cauce::api {

Answer key_reused() {
  return Answer::refused(422,
                         "This Idempotency-Key came with another request: use a new key for a new "
                         "request.");
}

bool Repeats::is_key(std::string_view text) {
  return !text.empty() && text.size() <= key_bytes_max &&
         std::all_of(text.begin(), text.end(),
                     [](char character) { return character > ' ' && character <= '~'; });
}

Repeats::Found Repeats::begin(const std::string& key, const std::string& request, Duration now) {
  const std::lock_guard lock(mutex_);
  now_ = now;
  make_room(now);
  if (const auto found = by_key_.find(key); found != by_key_.end()) {
    const Kept& kept = *found->second;
    if (kept.request != request) return {Verdict::other};
    if (kept.working) return {Verdict::working};
    return {Verdict::answered, kept.answer};
  }
  kept_.push_back({.key = key, .request = request, .began = now});
  const Place place = std::prev(kept_.end());
  place->bytes = size_of(*place);
  bytes_ += place->bytes;
  by_key_.emplace(key, place);
  make_room(now);
  return {Verdict::fresh};
}

void Repeats::finish(const std::string& key, const Result<Answer>& result) {
  const std::lock_guard lock(mutex_);
  const auto found = by_key_.find(key);
  if (found == by_key_.end()) return;  // the oldest of too many
  const Place place = found->second;
  if (!result || result->status >= 300 || !result->refusal.empty()) return forget(place);
  place->working = false;
  place->answer = *result;
  bytes_ -= place->bytes;
  place->bytes = size_of(*place);
  bytes_ += place->bytes;
  make_room(now_);
}

std::size_t Repeats::size_of(const Kept& kept) {
  constexpr std::size_t fixed_bytes = 256;  // nodes, both copies of the key's string, headers
  std::size_t bytes =
      fixed_bytes + 2 * kept.key.size() + kept.request.size() + kept.answer.json.size();
  for (const auto& [name, value] : kept.answer.headers) {
    bytes += name.size() + value.size();
  }
  return bytes;
}

void Repeats::forget(Place place) {
  bytes_ -= place->bytes;
  by_key_.erase(place->key);
  kept_.erase(place);
}

void Repeats::make_room(Duration now) {
  while (!kept_.empty() && (kept_.size() > limits_.answers_max || bytes_ > limits_.bytes_max ||
                            now - kept_.front().began >= limits_.span)) {
    forget(kept_.begin());
  }
}

}  // namespace cauce::api
