// How the broker is made again from what was recorded of it.
#include <algorithm>
#include <set>

#include "gateway/broker/broker.h"
#include "gateway/broker/state_tables.h"

namespace cauce::gateway::broker {

void Broker::begin_replay() {
  replaying_ = true;
  to_elapsed_ = clock_.elapsed() - clock_.now().time_since_epoch();
}

Duration Broker::to_elapsed() const {
  return replaying_ ? to_elapsed_ : clock_.elapsed() - clock_.now().time_since_epoch();
}

Duration Broker::moment(Time at) const {
  return at.time_since_epoch() + to_elapsed_;
}

void Broker::end_replay() {
  note_started();
  lose_connections(clock_.now());
  ended_.clear();
  replaying_ = false;
  for (DueWill& due : std::exchange(due_wills_, {}))
    house_.publish(std::move(due.will));
}

void Broker::note_started() {
  house_.note({Time{}, {}, record::Started{}}, nullptr);
}

// For their clients the network failed.
void Broker::lose_connections(Time at) {
  std::vector<Session*> left;
  for (const auto& [key, session] : sessions_) {
    if (session->is_there_) left.push_back(session.get());
  }
  for (Session* session : left) {
    session->is_there_ = false;
    if (session->outbox_) session->outbox_->replay_away(limits_.window_max);
    if (session->expiry_ == Duration{0}) {
      end(*session);
      continue;
    }
    session->ends_at_ = moment(at) + session->expiry_;
    if (session->will_) session->will_at_ = moment(at) + session->will_->delay;
    set_deadline(*session);
  }
}

void Broker::replay(const record::SessionChange& change) {
  ended_.clear();
  replayed_at_ = moment(change.at);
  if (std::holds_alternative<record::Started>(change.event)) return lose_connections(change.at);
  if (const auto* passed = std::get_if<record::CommandsPassed>(&change.event)) {
    commands_passed_ = stream::Position{passed->position};
    return;
  }
  if (const auto* finished = std::get_if<record::Finished>(&change.event)) {
    return replay_finished(change.session, *finished);
  }
  if (const auto* step = std::get_if<record::CommandStep>(&change.event)) {
    return replay_step(change.session, *step);
  }
  Session* session = find(change.session);
  if (const auto* connected = std::get_if<record::Connected>(&change.event)) {
    return replay_connected(change, *connected, session);
  }
  if (session != nullptr) replay_event(change, *session);
}

void Broker::replay_connected(const record::SessionChange& change,
                              const record::Connected& connected, Session* session) {
  if (session != nullptr) {
    // It was due, and waits for room in the stream; a younger will is not it.
    if (session->will_at_ <= moment(change.at)) leave_will(*session);
    session->will_.reset();
  }
  if (session != nullptr && connected.is_new) {
    end(*session);
    session = nullptr;
  }
  const Duration expiry = std::chrono::seconds{connected.expiry_s};
  if (expiry == Duration{0} && !connected.will) return;
  if (session == nullptr) {
    session = &add_session(change.session, company(company_of(change.session)));
  }
  std::unique_ptr<Will> will;
  if (connected.will) will = std::make_unique<Will>(to_will(change.session, *connected.will));
  begin(*session, expiry, std::move(will));
}

void Broker::replay_event(const record::SessionChange& change, Session& session) {
  const record::SessionEvent& event = change.event;
  if (const auto* left = std::get_if<record::Disconnected>(&event)) {
    session.is_there_ = false;
    session.expiry_ = std::chrono::seconds{left->expiry_s};
    session.ends_at_ = moment(change.at) + session.expiry_;
    if (!left->leaves_will) session.will_.reset();
    if (session.will_) session.will_at_ = moment(change.at) + session.will_->delay;
    if (session.outbox_) session.outbox_->replay_away(limits_.window_max);
    set_deadline(session);
  } else if (const auto* ended = std::get_if<record::Ended>(&event)) {
    if (!ended->leaves_will) session.will_.reset();
    end(session);
  } else if (const auto* subscribed = std::get_if<record::Subscribed>(&event)) {
    const SubscriptionOptions options{subscribed->qos, subscribed->no_local,
                                      subscribed->retain_as_published, subscribed->identifier};
    const SharedFilter filter = split_shared(subscribed->filter);
    if (filter.filter.empty()) return;
    hold(session, subscribed->filter, options);
    if (subscribed->sends_retained) send_retained(session, filter.filter, options);
    if (filter.name.empty()) send_commands(session, filter.filter, options);
  } else if (const auto* unsubscribed = std::get_if<record::Unsubscribed>(&event)) {
    unsubscribe(session, unsubscribed->filter);
  } else if (const auto* released = std::get_if<record::Released>(&event)) {
    session.unreleased_.erase(released->packet_id);
  } else if (const auto* sent = std::get_if<record::Sent>(&event)) {
    for (const record::Delivery& delivery : sent->deliveries) {
      const bool was_there = outbox_of(session).replay_sent(delivery);
      if (!was_there) finish_elsewhere(session.company_.name, delivery);
    }
  } else if (const auto* received = std::get_if<record::Received>(&event)) {
    if (session.outbox_) session.outbox_->replay_received(received->packet_id);
  }
}

void Broker::replay_finished(std::string_view key, const record::Finished& finished) {
  Session* session = find(key);
  for (const record::Delivery& delivery : finished.deliveries) {
    const bool was_there = session != nullptr && session->outbox_ != nullptr &&
                           session->outbox_->replay_finished(delivery);
    if (!was_there) finish_elsewhere(company_of(key), delivery);
  }
}

// When it was routed again, another one who shares was given it.
void Broker::finish_elsewhere(std::string_view company_name, const record::Delivery& delivery) {
  if (!delivery.is_shared) return;
  const Place place{delivery.is_command ? Shelf::commands : Shelf::raw, {delivery.position}};
  for (auto each = sessions_.lower_bound(company_name); each != sessions_.end(); ++each) {
    Session& session = *each->second;
    if (company_of(session.key_) != company_name) return;
    if (session.outbox_ && session.outbox_->replay_finished_elsewhere(place)) return;
  }
}

void Broker::forget_will(std::string_view session) {
  const auto due = std::ranges::find(due_wills_, session, &DueWill::session);
  if (due != due_wills_.end()) {
    due_wills_.erase(due);
    return;
  }
  Session* found = find(session);
  if (found == nullptr) return;
  found->will_.reset();
  found->will_at_ = never;
  set_deadline(*found);
}

void Broker::replay(Place place, record::Message message, const record::Particulars* particulars) {
  ended_.clear();
  auto publication = std::make_shared<Publication>();
  Extras extras;
  publication->qos = 1;
  if (particulars != nullptr) {
    if (particulars->is_will) forget_will(particulars->session);
    Session* publisher = find(particulars->session);
    if (publisher != nullptr) publication->publisher = publisher->id_;
    if (publisher != nullptr && publisher->durable_ && particulars->packet_id != 0) {
      publisher->unreleased_.insert(particulars->packet_id);
    }
    publication->qos = particulars->qos;
    publication->retain = particulars->retain;
    extras.properties = particulars->properties;
    if (particulars->expires_at) extras.expires_at = moment(*particulars->expires_at);
  }
  if (is_deaf() && !publication->retain) return;
  publication->place = place;
  publication->topic = std::move(message.topic);
  publication->payload = std::move(message.payload);
  publication->extras = complete_extras(std::move(extras), message.content_type);
  route(message.company, publication);
}

void Broker::restore_retained(const State& state, const Restored& restored) {
  for (const RetainedState& kept : state.retained)
    company(kept.company).retained.keep(restored.bodies[kept.body]);
}

void Broker::restore_session(const SessionState& kept, const Restored& restored) {
  Session& session = add_session(kept.key, company(company_of(kept.key)));
  std::unique_ptr<Will> will;
  if (kept.will) will = std::make_unique<Will>(to_will(kept.key, *kept.will));
  begin(session, std::chrono::seconds{kept.expiry_s}, std::move(will));
  session.is_there_ = kept.is_there;
  if (kept.ends_at) session.ends_at_ = moment(*kept.ends_at);
  if (kept.will_at) session.will_at_ = moment(*kept.will_at);
  set_deadline(session);
  for (const std::uint16_t id : kept.unreleased)
    session.unreleased_.insert(id);
  if (!kept.queue.empty() || !kept.released.empty()) {
    outbox_of(session).restore(
        {to_queued(kept.queue, restored), to_queued(kept.released, restored)});
  }
}

// In the order of subscribing: it is the order in which turns are taken.
void Broker::restore_subscriptions(const State& state) {
  std::vector<std::pair<const SubscriptionState*, Session*>> held;
  for (const SessionState& kept : state.sessions) {
    Session* session = find(kept.key);
    for (const SubscriptionState& subscription : kept.subscriptions)
      held.push_back({&subscription, session});
  }
  std::ranges::sort(held, {}, [](const auto& each) { return each.first->number; });
  for (const auto& [subscription, session] : held)
    hold(*session, subscription->filter, subscription->options);
  for (const TurnState& turn : state.turns) {
    const SharedFilter filter = split_shared(turn.filter);
    Watchers* watchers = company(turn.company).filters.find(filter.filter);
    if (watchers == nullptr) continue;
    const auto group = std::ranges::find(watchers->groups, filter.name, &ShareGroup::name);
    if (group != watchers->groups.end()) group->next = turn.next;
  }
}

void Broker::restore(const State& state) {
  if (state.commands_passed) commands_passed_ = stream::Position{*state.commands_passed};
  const Restored restored = restore_tables(state, to_elapsed_);
  restore_retained(state, restored);
  restore_commands(state);
  for (const SessionState& kept : state.sessions)
    restore_session(kept, restored);
  restore_subscriptions(state);
  for (const DueWillState& due : state.due_wills)
    due_wills_.push_back({due.session, to_will(due.session, due.will)});
}

State Broker::state() const {
  StateTables tables{to_elapsed()};
  State state;
  if (commands_passed_) state.commands_passed = commands_passed_->number;
  for (const auto& [name, company] : companies_) {
    for (const SharedPublication& kept : company->retained.all())
      state.retained.push_back({name, tables.body(kept)});
    for (const auto& [position, held] : company->commands.all())
      state.commands.push_back(state_of(*company, held));
  }
  std::set<std::pair<std::string_view, std::string_view>> shared;
  for (const auto& [key, session] : sessions_) {
    if (!session->recorded_) continue;
    state.sessions.push_back(state_of(*session, tables));
    for (const HeldSubscription& held : session->subscriptions_) {
      const SharedFilter filter = split_shared(held.filter);
      if (!session->durable_ || filter.name.empty()) continue;
      if (!shared.insert({session->company_.name, held.filter}).second) continue;
      const Watchers* watchers = session->company_.filters.find(filter.filter);
      const auto group = std::ranges::find(watchers->groups, filter.name, &ShareGroup::name);
      state.turns.push_back({session->company_.name, held.filter, std::uint32_t(group->next)});
    }
  }
  for (const DueWill& due : due_wills_)
    state.due_wills.push_back({due.session, to_record(due.will)});
  tables.move_to(state);
  return state;
}

SessionState Broker::state_of(const Session& session, StateTables& tables) const {
  SessionState kept;
  kept.key = session.key_;
  kept.expiry_s =
      std::uint32_t(std::chrono::duration_cast<std::chrono::seconds>(session.expiry_).count());
  kept.is_there = session.is_there_;
  if (session.ends_at_ != never) kept.ends_at = tables.time_of(session.ends_at_);
  if (session.will_at_ != never) kept.will_at = tables.time_of(session.will_at_);
  if (session.will_) kept.will = to_record(*session.will_);
  if (!session.durable_) return kept;
  for (const HeldSubscription& held : session.subscriptions_)
    kept.subscriptions.push_back({held.filter, held.options, held.number});
  kept.unreleased = session.unreleased_.all();
  if (session.outbox_) {
    const Outbox::Kept outbox = session.outbox_->kept();
    kept.queue = tables.queue(outbox.queue);
    kept.released = tables.queue(outbox.released);
  }
  return kept;
}

}  // namespace cauce::gateway::broker
