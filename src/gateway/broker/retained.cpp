#include "gateway/broker/retained.h"

#include "gateway/mqtt/topic.h"

namespace cauce::gateway::broker {
namespace {

std::size_t bytes_of(const Publication& publication) {
  return 2 * publication.topic.size() + publication.payload.size() +
         (publication.extras ? publication.extras->properties.size() : 0);
}

}  // namespace

bool Retained::has_room(std::string_view topic, std::size_t payload_bytes) const {
  if (payload_bytes == 0) return true;
  const auto found = kept_.find(topic);
  const std::size_t freed = found == kept_.end() ? 0 : bytes_of(*found->second);
  const std::size_t count = kept_.size() + (found == kept_.end() ? 1 : 0);
  return count <= count_max_ && bytes_ - freed + 2 * topic.size() + payload_bytes <= bytes_max_;
}

void Retained::keep(SharedPublication publication) {
  const auto found = kept_.find(publication->topic);
  if (found != kept_.end()) {
    bytes_ -= bytes_of(*found->second);
    kept_.erase(found);
  }
  if (publication->payload.empty()) return;
  bytes_ += bytes_of(*publication);
  kept_.emplace(publication->topic, std::move(publication));
}

std::vector<SharedPublication> Retained::all() const {
  std::vector<SharedPublication> all;
  all.reserve(kept_.size());
  for (const auto& [topic, publication] : kept_)
    all.push_back(publication);
  return all;
}

std::vector<SharedPublication> Retained::matching(std::string_view filter, Duration now) {
  std::vector<SharedPublication> found;
  const std::string_view beginning = mqtt::beginning_of(filter);
  auto kept = kept_.lower_bound(beginning);
  while (kept != kept_.end() && kept->first.starts_with(beginning)) {
    const Publication& publication = *kept->second;
    if (publication.extras && publication.extras->expires_at <= now) {
      bytes_ -= bytes_of(publication);
      kept = kept_.erase(kept);
      continue;
    }
    if (mqtt::is_match(filter, kept->first)) found.push_back(kept->second);
    ++kept;
  }
  return found;
}

}  // namespace cauce::gateway::broker
