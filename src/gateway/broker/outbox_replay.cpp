// What was recorded of an outbox, applied again; and what is kept of it.
#include <algorithm>

#include "gateway/broker/outbox.h"

namespace cauce::gateway::broker {
namespace {

Place place_of(const record::Delivery& delivery) {
  return {delivery.is_command ? Shelf::commands : Shelf::raw, {delivery.position}};
}

bool is_same(const Queued& queued, const record::Delivery& delivery) {
  if (queued.qos != delivery.qos || queued.place != place_of(delivery)) return false;
  // By an id it is known in whatever way it came.
  if (delivery.packet_id != 0 && queued.packet_id != 0) {
    return queued.packet_id == delivery.packet_id;
  }
  return queued.kept == delivery.is_retained && queued.shared == delivery.is_shared;
}

}  // namespace

// An id that is given anew is of an exchange that is over.
void Outbox::forget_id(std::uint16_t packet_id) {
  std::erase_if(in_flight_,
                [packet_id](const InFlight& sent) { return sent.packet_id == packet_id; });
  company_queued_ -= std::erase_if(
      queue_, [packet_id](const Queued& queued) { return queued.packet_id == packet_id; });
}

bool Outbox::replay_sent(const record::Delivery& sent) {
  forget_id(sent.packet_id);
  const auto found = std::ranges::find_if(queue_, [&sent](const Queued& queued) {
    return queued.packet_id == 0 && is_same(queued, sent);
  });
  if (found != queue_.end()) {
    found->packet_id = sent.packet_id;
    // What stands before it was sent before it.
    std::for_each(queue_.begin(), found + 1, [](Queued& queued) { queued.again = true; });
    return true;
  }
  // Somebody else who shares got it when it was routed again. The client may hold it under this
  // id, so it stays his.
  Queued queued;
  queued.place = place_of(sent);
  queued.qos = 2;
  queued.shared = sent.is_shared;
  queued.packet_id = sent.packet_id;
  queued.again = true;
  const auto behind = std::ranges::find(queue_, 0, &Queued::packet_id);
  queue_.insert(behind, std::move(queued));
  ++company_queued_;
  return false;
}

void Outbox::replay_received(std::uint16_t packet_id) {
  const auto found = std::ranges::find(queue_, packet_id, &Queued::packet_id);
  if (found == queue_.end()) return;
  in_flight_.push_back({std::move(*found), packet_id, true, true});
  queue_.erase(found);
  --company_queued_;
}

bool Outbox::replay_finished(const record::Delivery& finished) {
  const auto sent = std::ranges::find_if(
      in_flight_, [&finished](const InFlight& each) { return is_same(each.queued, finished); });
  if (sent != in_flight_.end()) {
    in_flight_.erase(sent);
    return true;
  }
  const auto queued = std::ranges::find_if(
      queue_, [&finished](const Queued& each) { return is_same(each, finished); });
  if (queued == queue_.end()) return false;
  queue_.erase(queued);
  --company_queued_;
  return true;
}

bool Outbox::replay_finished_elsewhere(Place place) {
  const auto found = std::ranges::find_if(queue_, [place](const Queued& queued) {
    return queued.shared && queued.packet_id == 0 && queued.place == place;
  });
  if (found == queue_.end()) return false;
  queue_.erase(found);
  --company_queued_;
  return true;
}

void Outbox::replay_away(std::size_t window) {
  // What of QoS 1 was under way, and under which id, was not recorded.
  for (Queued& queued : queue_) {
    if (window == 0) return;
    --window;
    if (queued.qos == 1) queued.again = true;
  }
}

Outbox::Kept Outbox::kept() const {
  Kept kept;
  for (const InFlight& sent : in_flight_) {
    auto& target = sent.released ? kept.released : kept.queue;
    target.push_back(sent.queued);
    target.back().again = true;
  }
  for (const Queued& queued : queue_) {
    if (queued.qos > 0) kept.queue.push_back(queued);
  }
  return kept;
}

void Outbox::restore(Kept kept) {
  for (Queued& queued : kept.queue) {
    body_bytes_ += queued.publication ? queued.publication->payload.size() : 0;
    queue_.push_back(std::move(queued));
    ++company_queued_;
  }
  for (Queued& queued : kept.released) {
    const std::uint16_t packet_id = queued.packet_id;
    in_flight_.push_back({std::move(queued), packet_id, true, true});
  }
}

}  // namespace cauce::gateway::broker
