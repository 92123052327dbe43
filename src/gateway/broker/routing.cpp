// How the broker finds who hears a message, and gives it to them.
#include <fmt/core.h>

#include <algorithm>

#include "gateway/broker/broker.h"
#include "gateway/mqtt/property.h"

namespace cauce::gateway::broker {

std::shared_ptr<const Extras> complete_extras(Extras extras, std::string_view content_type) {
  if (extras.properties.empty() && !content_type.empty()) {
    mqtt::put_property(extras.properties, mqtt::Property::content_type, content_type);
  }
  if (extras.properties.empty() && extras.expires_at == never) return nullptr;
  return std::make_shared<const Extras>(std::move(extras));
}

mqtt::Reason Broker::subscribe(Session& session, const mqtt::Subscription& wanted,
                               std::uint32_t identifier) {
  const SharedFilter filter = split_shared(wanted.filter);
  if (filter.filter.empty()) return mqtt::Reason::topic_filter_invalid;
  const SubscriptionOptions options{wanted.qos, wanted.no_local, wanted.retain_as_published,
                                    identifier};
  const bool is_new = std::ranges::find(session.subscriptions_, wanted.filter,
                                        &HeldSubscription::filter) == session.subscriptions_.end();
  if (is_new && session.subscriptions_.size() >= limits_.subscriptions_max) {
    return mqtt::Reason::quota_exceeded;
  }
  hold(session, wanted.filter, options);
  // Section 3.8.3.1: 1 asks for them only when the subscription is new, 2 never; 4.8.2: who shares
  // gets none.
  const bool wants_retained =
      wanted.retain_handling == 0 || (wanted.retain_handling == 1 && is_new);
  const bool sends_retained = wants_retained && filter.name.empty();
  if (session.durable_) {
    note(session,
         record::Subscribed{std::string(wanted.filter), options.qos, options.no_local,
                            options.retain_as_published, sends_retained, options.identifier});
  }
  if (sends_retained) send_retained(session, filter.filter, options);
  if (filter.name.empty()) send_commands(session, filter.filter, options);
  return mqtt::Reason(wanted.qos);
}

void Broker::hold(Session& session, std::string_view filter, const SubscriptionOptions& options) {
  const auto held = std::ranges::find(session.subscriptions_, filter, &HeldSubscription::filter);
  if (held == session.subscriptions_.end()) {
    session.subscriptions_.push_back({std::string(filter), options, ++last_subscription_});
    ++subscriptions_;
    if (session.durable_) ++session.company_.durable_subscriptions;
  } else {
    held->options = options;
  }
  session.shuns_own_ = session.shuns_own_ || options.no_local;
  session.company_.filters.add(split_shared(filter), {&session, options});
}

mqtt::Reason Broker::unsubscribe(Session& session, std::string_view filter) {
  const auto held = std::ranges::find(session.subscriptions_, filter, &HeldSubscription::filter);
  if (held == session.subscriptions_.end()) return mqtt::Reason::no_subscription_existed;
  session.company_.filters.remove(split_shared(filter), session);
  session.subscriptions_.erase(held);
  --subscriptions_;
  if (session.durable_) {
    --session.company_.durable_subscriptions;
    note(session, record::Unsubscribed{std::string(filter)});
  }
  return mqtt::Reason::success;
}

bool Broker::release(Session& session, std::uint16_t packet_id) {
  if (!session.unreleased_.erase(packet_id)) return false;
  if (session.durable_) note(session, record::Released{packet_id});
  return true;
}

void Broker::send_retained(Session& session, std::string_view filter,
                           const SubscriptionOptions& options) {
  const Duration now = replaying_ ? replayed_at_ : clock_.elapsed();
  for (const SharedPublication& kept : session.company_.retained.matching(filter, now)) {
    Queued queued;
    queued.place = kept->place;
    queued.publication = kept;
    queued.extras = kept->extras;
    if (options.identifier > 0) queued.identifiers = {options.identifier};
    queued.qos = std::min(kept->qos, options.qos);
    queued.retain = true;
    queued.kept = true;
    enqueue(session, std::move(queued));
  }
}

bool Broker::acknowledge(Session& session, mqtt::PacketType type, std::uint16_t packet_id,
                         mqtt::Reason reason) {
  if (session.outbox_ && !session.outbox_->may_answer(type, packet_id)) return false;
  if (type == mqtt::PacketType::pubrec) {
    const bool refused = mqtt::is_refusal(reason);
    const bool due = session.outbox_ ? session.outbox_->receive(packet_id, refused) : !refused;
    if (due) complete(session, packet_id);
  } else if (session.outbox_) {
    session.outbox_->finish(packet_id, mqtt::is_refusal(reason));
  }
  look_at_outbox(session);
  return true;
}

// PUBREL, once it can no longer happen that the message is sent again.
void Broker::complete(Session& session, std::uint16_t packet_id) {
  if (!session.durable_ || !session.outbox_ || !session.outbox_->waits_for_complete(packet_id)) {
    if (session.link_ != nullptr) session.link_->release(packet_id);
    return;
  }
  awaited_[session.id_] = &session;
  note(session, record::Received{packet_id}, [this, id = session.id_, packet_id] {
    const auto found = awaited_.find(id);
    if (found == awaited_.end()) return;
    Session& waiting = *found->second;
    const bool is_due = waiting.outbox_->confirm_received(packet_id);
    if (is_due && waiting.link_ != nullptr) waiting.link_->release(packet_id);
  });
}

void Broker::pump(Session& session) {
  if (!session.outbox_ || session.link_ == nullptr) return;
  session.outbox_->pump(*session.link_, clock_.elapsed(), session.window_);
  look_at_outbox(session);
  if (!session.link_->has_room()) return;
  auto places = session.outbox_->wanted();
  if (places.empty()) return;
  fetching_[session.id_] = &session;
  house_.fetch(session.id_, std::move(places));
}

void Broker::put_fetched(std::uint64_t id, const std::vector<Fetched>& fetched) {
  const auto found = fetching_.find(id);
  if (found == fetching_.end()) return;
  Session& session = *found->second;
  fetching_.erase(found);
  if (!session.outbox_) return;
  const std::size_t gone = session.outbox_->put(fetched);
  if (gone > 0) house_.note_lost(session, gone);
  look_at_outbox(session);
  pump(session);
}

bool Broker::is_heard(std::string_view company_name, std::string_view topic) {
  if (is_quiet()) return false;
  Company* company = find_company(company_name);
  if (company == nullptr || company->filters.empty()) return false;
  found_.clear();
  company->filters.match(topic, found_);
  return !found_.empty();
}

bool Broker::has_room_to_retain(std::string_view company_name, std::string_view topic,
                                std::size_t payload_bytes) {
  return company(company_name).retained.has_room(topic, payload_bytes);
}

std::shared_ptr<Publication> Broker::copy_if_heard(std::string_view company_name,
                                                   const Incoming& message) {
  if (!message.retain && !is_heard(company_name, message.topic)) return nullptr;
  auto copy = std::make_shared<Publication>();
  copy->topic = message.topic;
  copy->payload = message.payload;
  copy->publisher = message.publisher;
  copy->qos = message.qos;
  copy->retain = message.retain;
  Extras extras;
  if (!message.properties.empty()) {
    extras.properties = mqtt::forwarded_properties(message.properties);
    if (const auto expiry_s = mqtt::message_expiry(message.properties)) {
      extras.expires_at = clock_.elapsed() + std::chrono::seconds{*expiry_s};
    }
  }
  copy->extras = complete_extras(std::move(extras), message.content_type);
  return copy;
}

bool Broker::needs_particulars(std::string_view company_name, const Incoming& message,
                               bool copied) {
  if (message.retain || message.is_will || message.packet_id != 0) return true;
  if (!copied) return false;
  if (message.qos == 1 && message.properties.empty() && !message.names_session) return false;
  const Company* company = find_company(company_name);
  return company != nullptr && company->durable_subscriptions > 0;
}

void Broker::pass_commands(stream::Position position) {
  commands_passed_ = position;
  if (!replaying_) house_.note({Time{}, {}, record::CommandsPassed{position.number}}, nullptr);
}

void Broker::route(std::string_view company_name, const SharedPublication& publication) {
  Company& heard_in = company(company_name);
  if (publication->retain) heard_in.retained.keep(publication);
  ++routed_;
  found_.clear();
  matches_.clear();
  heard_in.filters.match(publication->topic, found_);
  for (Watchers* watchers : found_) {
    for (const Subscriber& subscriber : watchers->each)
      add_match(subscriber, *publication);
  }
  // Each group gets a message of its own.
  for (Watchers* watchers : found_) {
    for (ShareGroup& group : watchers->groups)
      add_shared(group, *publication);
  }
  for (Match& match : matches_) {
    Queued queued;
    queued.place = publication->place;
    queued.publication = publication;
    queued.extras = publication->extras;
    queued.identifiers = std::move(match.identifiers);
    queued.qos = match.qos;
    queued.retain = match.retain;
    queued.shared = match.shared;
    enqueue(*match.session, std::move(queued));
    pump(*match.session);
  }
  end_overfull();
}

// Overlapping subscriptions of one session give one message at the highest QoS [MQTT-3.3.4-2], with
// the identifiers of all of them [MQTT-3.3.4-4].
void Broker::add_match(const Subscriber& subscriber, const Publication& publication) {
  Session& session = *subscriber.session;
  const SubscriptionOptions& options = subscriber.options;
  // [MQTT-3.8.3-3].
  if (options.no_local && session.id_ == publication.publisher) return;
  if (session.match_ != routed_) {
    session.match_ = routed_;
    session.match_index_ = matches_.size();
    matches_.push_back({&session, 0, false, false, {}});
  }
  Match& match = matches_[session.match_index_];
  match.qos = std::max(match.qos, std::min(options.qos, publication.qos));
  match.retain = match.retain || (options.retain_as_published && publication.retain);
  if (options.identifier > 0) match.identifiers.push_back(options.identifier);
}

void Broker::add_shared(ShareGroup& group, const Publication& publication) {
  const std::size_t count = group.members.size();
  std::size_t chosen = group.next % count;
  // Who is connected comes first; when nobody is, it waits for the one whose turn it is.
  for (std::size_t step = 0; step < count; ++step) {
    const std::size_t index = (group.next + step) % count;
    if (!group.members[index].session->is_there_) continue;
    chosen = index;
    break;
  }
  group.next = chosen + 1;
  const bool is_durable = std::ranges::any_of(
      group.members, [](const Subscriber& member) { return member.session->durable_; });
  const Subscriber& subscriber = group.members[chosen];
  Match match{subscriber.session,
              std::min(subscriber.options.qos, publication.qos),
              subscriber.options.retain_as_published && publication.retain,
              is_durable,
              {}};
  if (subscriber.options.identifier > 0) match.identifiers = {subscriber.options.identifier};
  matches_.push_back(std::move(match));
}

void Broker::enqueue(Session& session, Queued queued) {
  if (session.ended_ || session.overfull_) return;
  // Section 4.1: what has QoS 0 need not wait for who is away.
  if (queued.qos == 0 && session.link_ == nullptr) return;
  if (outbox_of(session).queued() >= limits_.queued_max ||
      session.company_.queued >= limits_.company_queued_max) {
    session.overfull_ = true;
    overfull_.push_back(&session);
    return;
  }
  session.outbox_->push(std::move(queued), session.link_ != nullptr);
}

Outbox& Broker::outbox_of(Session& session) {
  if (!session.outbox_) {
    session.outbox_ = std::make_unique<Outbox>(session.company_.queued, session.company_.commands,
                                               session.device(), session.durable_);
  }
  return *session.outbox_;
}

void Broker::end_overfull() {
  // Ending one may publish its will, which is routed later, when it is durable.
  for (Session* session : overfull_) {
    if (session->ended_) continue;
    Link* link = session->link_;
    end(*session);
    if (!replaying_) house_.note_overfull(*session);
    if (link != nullptr) {
      link->end(Ending::slow,
                fmt::format("more than {} messages wait for it, or {} for its company",
                            limits_.queued_max, limits_.company_queued_max));
    }
  }
  overfull_.clear();
}

}  // namespace cauce::gateway::broker
