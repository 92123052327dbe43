#include "gateway/broker/outbox.h"

#include <algorithm>

namespace cauce::gateway::broker {
namespace {

std::size_t body_bytes(const Queued& queued) {
  return queued.publication ? queued.publication->payload.size() : 0;
}

// Section 3.3.2.3.3: what is left of it when it is sent, in whole seconds.
std::optional<std::uint32_t> seconds_left(const Queued& queued, Duration now) {
  if (!queued.extras || queued.extras->expires_at == never) return std::nullopt;
  const auto left = std::chrono::ceil<std::chrono::seconds>(queued.extras->expires_at - now);
  return std::uint32_t(std::max<std::int64_t>(left.count(), 0));
}

bool has_expired(const Queued& queued, Duration now) {
  return queued.extras && queued.extras->expires_at <= now;
}

record::Delivery to_delivery(const Queued& queued) {
  record::Delivery delivery;
  delivery.is_command = queued.place.shelf == Shelf::commands;
  delivery.is_retained = queued.kept;
  delivery.is_shared = queued.shared;
  delivery.qos = std::max<std::uint8_t>(queued.qos, 1);
  delivery.position = queued.place.position.number;
  delivery.packet_id = queued.packet_id;
  return delivery;
}

}  // namespace

void Outbox::push(Queued queued, bool connected) {
  const bool has_room = body_bytes_ + body_bytes(queued) <= body_bytes_max;
  if (!connected || (!has_room && !queue_.empty())) drop_body(queued);
  body_bytes_ += body_bytes(queued);
  queue_.push_back(std::move(queued));
  ++company_queued_;
}

void Outbox::drop_body(Queued& queued) {
  if (!queued.kept) queued.publication.reset();
}

void Outbox::pop_front() {
  body_bytes_ -= body_bytes(queue_.front());
  queue_.pop_front();
  --company_queued_;
}

std::set<stream::Position> Outbox::commands() const {
  std::set<stream::Position> positions;
  for (const Queued& queued : queue_) {
    if (queued.place.shelf == Shelf::commands) positions.insert(queued.place.position);
  }
  for (const InFlight& sent : in_flight_) {
    const Place place = sent.queued.place;
    if (place.shelf == Shelf::commands) positions.insert(place.position);
  }
  return positions;
}

// What was sent before it expired is sent again, for its delivery had begun; but for a command,
// which nobody may carry out too late.
bool Outbox::is_unwanted(const Queued& queued, Duration now) const {
  if (queued.place.shelf == Shelf::commands) {
    return has_expired(queued, now) || !commands_.is_wanted(queued.place.position, device_, now);
  }
  return queued.packet_id == 0 && !queued.again && has_expired(queued, now);
}

void Outbox::note_progress(const Queued& queued, record::CommandStep::Kind kind) {
  if (queued.place.shelf != Shelf::commands) return;
  command_progress_.push_back({queued.place.position, kind});
}

void Outbox::pump(Link& link, Duration now, std::size_t window) {
  while (!queue_.empty() && link.has_room()) {
    const Queued& front = queue_.front();
    if (is_unwanted(front, now)) {
      give_up(front);
      pop_front();
      continue;
    }
    if (!front.publication || (front.qos > 0 && in_flight_.size() >= window)) return;
    if (recorded_ && front.qos == 2 && front.packet_id == 0) number_front(now, window);
    if (front.pending) return;
    send_front(link, now);
  }
}

// All that the window lets go are recorded together.
void Outbox::number_front(Duration now, std::size_t window) {
  std::size_t room = window - in_flight_.size();
  for (Queued& queued : queue_) {
    if (room == 0 || queued.qos != 2) return;
    --room;
    if (queued.packet_id != 0) continue;
    if (has_expired(queued, now)) return;
    queued.packet_id = next_packet_id();
    queued.pending = true;
    numbered_.push_back(to_delivery(queued));
  }
}

void Outbox::confirm(const std::vector<record::Delivery>& numbered) {
  for (Queued& queued : queue_) {
    if (queued.packet_id == 0) return;
    const bool is_confirmed =
        queued.pending && std::ranges::find(numbered, queued.packet_id,
                                            &record::Delivery::packet_id) != numbered.end();
    if (is_confirmed) queued.pending = false;
  }
}

bool Outbox::confirm_received(std::uint16_t packet_id) {
  const auto sent = std::ranges::find(in_flight_, packet_id, &InFlight::packet_id);
  if (sent == in_flight_.end() || !sent->released) return false;
  sent->confirmed = true;
  return true;
}

bool Outbox::waits_for_complete(std::uint16_t packet_id) const {
  const auto sent = std::ranges::find(in_flight_, packet_id, &InFlight::packet_id);
  return sent != in_flight_.end() && sent->released;
}

void Outbox::give_up(const Queued& queued) {
  if (!queued.shared && (!recorded_ || queued.qos == 0)) return;
  finished_.push_back(to_delivery(queued));
  if (queued.qos < 2) finished_.back().packet_id = 0;
}

bool Outbox::send_front(Link& link, Duration now) {
  const Queued& front = queue_.front();
  const Publication& publication = *front.publication;
  mqtt::Outgoing message;
  message.topic = publication.topic;
  message.payload = publication.payload;
  if (front.extras) message.properties = front.extras->properties;
  message.expiry_s = seconds_left(front, now);
  message.identifiers = front.identifiers;
  message.qos = front.qos;
  message.retain = front.retain;
  message.duplicate = front.again;
  if (front.qos > 0) {
    message.packet_id = front.packet_id != 0 ? front.packet_id : next_packet_id();
  }
  const bool sent = link.deliver(message);
  if (sent) {
    note_progress(
        front, front.qos > 0 ? record::CommandStep::Kind::sent : record::CommandStep::Kind::given);
  }
  if (sent && front.qos > 0) {
    in_flight_.push_back({front, message.packet_id});
    in_flight_.back().queued.packet_id = message.packet_id;
    // It is fetched again, should it be sent again.
    drop_body(in_flight_.back().queued);
  } else {
    give_up(front);
  }
  pop_front();
  return sent;
}

bool Outbox::is_in_use(std::uint16_t packet_id) const {
  if (std::ranges::find(in_flight_, packet_id, &InFlight::packet_id) != in_flight_.end()) {
    return true;
  }
  // What is sent again stands first.
  for (const Queued& queued : queue_) {
    if (queued.packet_id == 0 && !queued.again) return false;
    if (queued.packet_id == packet_id) return true;
  }
  return false;
}

std::uint16_t Outbox::next_packet_id() {
  // Section 2.2.1: not 0, and not one that is in use.
  do {
    ++last_packet_id_;
  } while (last_packet_id_ == 0 || is_in_use(last_packet_id_));
  return last_packet_id_;
}

std::vector<Place> Outbox::wanted() {
  std::vector<Place> places;
  if (fetching_) return places;
  for (const Queued& queued : queue_) {
    if (queued.publication || places.size() == fetch_count_max) break;
    places.push_back(queued.place);
  }
  fetching_ = !places.empty();
  return places;
}

std::size_t Outbox::put(const std::vector<Fetched>& fetched) {
  fetching_ = false;
  std::size_t gone = 0;
  for (const Fetched& found : fetched) {
    const auto place = std::ranges::find_if(queue_, [&found](const Queued& queued) {
      return !queued.publication && queued.place == found.place;
    });
    if (place == queue_.end()) continue;
    if (found.publication) {
      place->publication = found.publication;
      body_bytes_ += body_bytes(*place);
    } else {
      give_up(*place);
      queue_.erase(place);
      --company_queued_;
      ++gone;
    }
  }
  return gone;
}

bool Outbox::may_answer(mqtt::PacketType type, std::uint16_t packet_id) const {
  const auto sent = std::ranges::find(in_flight_, packet_id, &InFlight::packet_id);
  if (sent == in_flight_.end()) return true;
  if (sent->queued.qos == 1) return type == mqtt::PacketType::puback;
  // PUBREC may come again, as PUBREL does.
  return type == mqtt::PacketType::pubrec || (type == mqtt::PacketType::pubcomp && sent->released);
}

void Outbox::finish(std::uint16_t packet_id, bool refused) {
  const auto sent = std::ranges::find(in_flight_, packet_id, &InFlight::packet_id);
  if (sent == in_flight_.end()) return;
  note_progress(sent->queued, refused ? record::CommandStep::Kind::refused
                                      : record::CommandStep::Kind::acknowledged);
  give_up(sent->queued);
  in_flight_.erase(sent);
}

bool Outbox::receive(std::uint16_t packet_id, bool refused) {
  if (refused) {
    finish(packet_id, true);
    return false;
  }
  for (InFlight& sent : in_flight_) {
    if (sent.packet_id == packet_id) sent.released = true;
  }
  // One that is unknown is of an exchange that we forgot: it is let end.
  return true;
}

void Outbox::detach() {
  fetching_ = false;
  for (Queued& queued : queue_) {
    body_bytes_ -= body_bytes(queued);
    drop_body(queued);
    body_bytes_ += body_bytes(queued);
  }
  for (auto sent = in_flight_.rbegin(); sent != in_flight_.rend(); ++sent) {
    if (sent->released) continue;
    sent->queued.again = true;
    body_bytes_ += body_bytes(sent->queued);
    queue_.push_front(std::move(sent->queued));
    ++company_queued_;
  }
  std::erase_if(in_flight_, [](const InFlight& sent) { return !sent.released; });
}

void Outbox::resume(Link& link) {
  for (const InFlight& sent : in_flight_) {
    if (sent.confirmed || !recorded_) link.release(sent.packet_id);
  }
}

}  // namespace cauce::gateway::broker
