#include "gateway/broker/state_tables.h"

namespace cauce::gateway::broker {

Time time_of(Duration elapsed, Duration to_elapsed) {
  const Time time{elapsed - to_elapsed};
  return std::clamp(time, time_min, time_max - Duration{1});
}

std::optional<Time> StateTables::expiry_of(const Extras* extras) const {
  if (extras == nullptr || extras->expires_at == never) return std::nullopt;
  return time_of(extras->expires_at);
}

std::uint32_t StateTables::body(const SharedPublication& publication) {
  const auto [found, is_new] =
      body_index_.emplace(publication.get(), std::uint32_t(bodies_.size()));
  if (is_new) {
    const Extras* extras = publication->extras.get();
    bodies_.push_back({publication->place, publication->topic, publication->payload,
                       extras == nullptr ? Bytes{} : extras->properties, expiry_of(extras),
                       publication->qos});
  }
  return found->second;
}

std::uint32_t StateTables::extras(const std::shared_ptr<const Extras>& extras) {
  const auto [found, is_new] = extras_index_.emplace(extras.get(), std::uint32_t(extras_.size()));
  if (is_new) extras_.push_back({extras->properties, expiry_of(extras.get())});
  return found->second;
}

std::vector<QueuedState> StateTables::queue(const std::vector<Queued>& queue) {
  std::vector<QueuedState> states;
  states.reserve(queue.size());
  for (const Queued& queued : queue) {
    QueuedState state;
    state.place = queued.place;
    // Of QoS 1 the client keeps no id.
    state.packet_id = queued.qos == 2 ? queued.packet_id : std::uint16_t{0};
    state.qos = queued.qos;
    state.retain = queued.retain;
    state.shared = queued.shared;
    state.again = queued.again;
    if (queued.kept && queued.publication) {
      state.body = body(queued.publication) + 1;
    } else if (queued.extras) {
      state.extras = extras(queued.extras) + 1;
    }
    state.identifiers = queued.identifiers;
    states.push_back(std::move(state));
  }
  return states;
}

void StateTables::move_to(State& state) {
  state.bodies = std::move(bodies_);
  state.extras = std::move(extras_);
}

namespace {

std::shared_ptr<const Extras> to_extras(const Bytes& properties,
                                        const std::optional<Time>& expires_at,
                                        Duration to_elapsed) {
  if (properties.empty() && !expires_at) return nullptr;
  auto extras = std::make_shared<Extras>();
  extras->properties = properties;
  if (expires_at) extras->expires_at = expires_at->time_since_epoch() + to_elapsed;
  return extras;
}

}  // namespace

Restored restore_tables(const State& state, Duration to_elapsed) {
  Restored restored;
  for (const BodyState& body : state.bodies) {
    auto publication = std::make_shared<Publication>();
    publication->place = body.place;
    publication->topic = body.topic;
    publication->payload = body.payload;
    publication->extras = to_extras(body.properties, body.expires_at, to_elapsed);
    publication->qos = body.qos;
    publication->retain = true;
    restored.bodies.push_back(std::move(publication));
  }
  for (const ExtrasState& extras : state.extras)
    restored.extras.push_back(to_extras(extras.properties, extras.expires_at, to_elapsed));
  return restored;
}

std::vector<Queued> to_queued(const std::vector<QueuedState>& queue, const Restored& restored) {
  std::vector<Queued> result;
  result.reserve(queue.size());
  for (const QueuedState& state : queue) {
    Queued queued;
    queued.place = state.place;
    queued.packet_id = state.packet_id;
    queued.qos = state.qos;
    queued.retain = state.retain;
    queued.shared = state.shared;
    queued.again = state.again;
    if (state.body > 0) {
      queued.publication = restored.bodies[state.body - 1];
      queued.extras = queued.publication->extras;
      queued.kept = true;
    } else if (state.extras > 0) {
      queued.extras = restored.extras[state.extras - 1];
    }
    queued.identifiers = state.identifiers;
    result.push_back(std::move(queued));
  }
  return result;
}

}  // namespace cauce::gateway::broker
