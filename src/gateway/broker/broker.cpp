#include "gateway/broker/broker.h"

#include <fmt/core.h>

#include <algorithm>

namespace cauce::gateway::broker {
namespace {

// Names of companies and devices hold no '/', so keys are not ambiguous.
std::string device_prefix(const Greeting& greeting) {
  return fmt::format("{}/{}/", greeting.company, greeting.device);
}

// What is finished is noted so often.
constexpr Duration said_interval = std::chrono::seconds{1};

std::uint32_t to_seconds(Duration span) {
  return std::uint32_t(std::chrono::duration_cast<std::chrono::seconds>(span).count());
}

}  // namespace

Broker::Broker(House& house, const Clock& clock, const Limits& limits)
    : house_(house), clock_(clock), limits_(limits) {}

Company& Broker::company(std::string_view name) {
  if (Company* found = find_company(name)) return *found;
  auto made = std::make_unique<Company>(std::string(name), limits_);
  return *companies_.emplace(name, std::move(made)).first->second;
}

Company* Broker::find_company(std::string_view name) {
  const auto found = companies_.find(name);
  return found == companies_.end() ? nullptr : found->second.get();
}

Session* Broker::find(std::string_view key) {
  const auto found = sessions_.find(key);
  return found == sessions_.end() ? nullptr : found->second.get();
}

bool Broker::is_full(std::string_view device_prefix) const {
  std::size_t count = 0;
  auto session = sessions_.lower_bound(device_prefix);
  while (session != sessions_.end() && session->first.starts_with(device_prefix)) {
    count += session->second->expiry_ > Duration{0} ? 1 : 0;
    ++session;
  }
  return count >= limits_.sessions_max;
}

bool Broker::is_out_of_date(const Session& session, const Greeting& greeting) const {
  // What a device may hear can have changed since: then nothing of it is delivered.
  return greeting.clean_start ||
         !std::ranges::all_of(session.subscriptions_, [&greeting](const HeldSubscription& held) {
           return greeting.may_subscribe(held.filter);
         });
}

Welcome Broker::connect(Greeting greeting, Link& link) {
  const std::string prefix = device_prefix(greeting);
  const std::string key = prefix + std::string(greeting.client_id);
  Session* session = find(key);
  if (session != nullptr && session->link_ != nullptr) {
    // Its end() calls disconnect(), after which the session may be another one, or none.
    session->link_->end(Ending::replaced, "the same client id connected again [MQTT-3.1.4-2]");
    session = find(key);
  }
  if (session != nullptr && is_out_of_date(*session, greeting)) {
    end(*session);
    session = nullptr;
  }
  const bool present = session != nullptr;
  const Duration expiry = std::min(greeting.expiry, limits_.expiry_max);
  if (!present) {
    if (expiry > Duration{0} && is_full(prefix)) return {};
    session = &add_session(key, company(greeting.company));
  }
  session->link_ = &link;
  session->unreleased_.begin_connection();
  session->window_ = std::min(greeting.receive_maximum, limits_.window_max);
  begin(*session, expiry, std::move(greeting.will));
  // One that no longer outlives its connection is recorded for the last time.
  if (session->recorded_ || present) {
    record::Connected connected{to_seconds(expiry), !present || !session->durable_, {}};
    if (session->will_) connected.will = to_record(*session->will_);
    note(*session, std::move(connected));
  }
  return {session, present};
}

Session& Broker::add_session(std::string_view key, Company& company) {
  auto made = std::make_unique<Session>(++last_id_, std::string(key), company);
  return *sessions_.emplace(key, std::move(made)).first->second;
}

void Broker::begin(Session& session, Duration expiry, std::unique_ptr<Will> will) {
  const bool durable = expiry > Duration{0};
  if (session.durable_ && !durable) {
    session.company_.durable_subscriptions -= session.subscriptions_.size();
    if (session.outbox_) session.outbox_->stop_recording();
  }
  session.durable_ = durable;
  session.recorded_ = durable || will != nullptr;
  session.is_there_ = true;
  session.expiry_ = expiry;
  session.ends_at_ = never;
  session.will_at_ = never;
  set_deadline(session);
  session.will_ = std::move(will);
  if (session.will_) session.will_->publisher = session.id_;
}

void Broker::resume(Session& session) {
  if (!session.outbox_ || session.link_ == nullptr) return;
  session.outbox_->resume(*session.link_);
  pump(session);
}

void Broker::disconnect(Session& session, bool leaves_will, std::optional<Duration> expiry) {
  if (session.link_ == nullptr) return;
  session.link_ = nullptr;
  session.is_there_ = false;
  if (expiry) session.expiry_ = std::min(*expiry, limits_.expiry_max);
  if (session.outbox_) session.outbox_->detach();
  const Duration now = clock_.elapsed();
  if (!leaves_will) session.will_.reset();
  if (session.expiry_ == Duration{0}) return end(session);
  note_finished(session);
  note(session, record::Disconnected{to_seconds(session.expiry_), session.will_ != nullptr});
  session.ends_at_ = now + session.expiry_;
  if (session.will_) {
    session.will_at_ = now + session.will_->delay;
    // [MQTT-3.1.3-9]: only a delay is undone by who comes back.
    if (session.will_->delay == Duration{0}) leave_will(session);
  }
  set_deadline(session);
}

void Broker::leave_will(Session& session) {
  session.will_at_ = never;
  if (!session.will_) return;
  const std::unique_ptr<Will> will = std::move(session.will_);
  will->session = session.key_;
  if (replaying_) return due_wills_.push_back({session.key_, std::move(*will)});
  house_.publish(std::move(*will));
}

void Broker::set_deadline(Session& session) {
  const Duration deadline = std::min(session.ends_at_, session.will_at_);
  if (deadline == session.deadline_) return;
  if (session.deadline_ != never) deadlines_.erase({session.deadline_, &session});
  session.deadline_ = deadline;
  if (deadline != never) deadlines_.insert({deadline, &session});
}

void Broker::end(Session& session) {
  if (session.ended_) return;
  session.ended_ = true;
  session.link_ = nullptr;
  session.is_there_ = false;
  note_finished(session);
  // Section 3.1.2.5: a will is published at the end of its session, however long its delay.
  const bool leaves_will = session.will_ != nullptr;
  leave_will(session);
  if (session.recorded_) note(session, record::Ended{leaves_will});
  session.ends_at_ = never;
  set_deadline(session);
  for (const HeldSubscription& held : session.subscriptions_)
    session.company_.filters.remove(split_shared(held.filter), session);
  subscriptions_ -= session.subscriptions_.size();
  if (session.durable_) session.company_.durable_subscriptions -= session.subscriptions_.size();
  session.subscriptions_.clear();
  session.outbox_.reset();
  fetching_.erase(session.id_);
  awaited_.erase(session.id_);
  const auto found = sessions_.find(session.key_);
  if (found == sessions_.end() || found->second.get() != &session) return;
  ended_.push_back(std::move(found->second));
  sessions_.erase(found);
}

void Broker::advance() {
  end_overfull();
  const Duration now = clock_.elapsed();
  while (!deadlines_.empty() && deadlines_.begin()->first <= now) {
    Session& session = *deadlines_.begin()->second;
    if (session.ends_at_ <= now) {
      end(session);
    } else {
      leave_will(session);
      set_deadline(session);
    }
  }
  if (now - said_at_ >= said_interval) {
    said_at_ = now;
    for (const auto& [name, company] : companies_)
      company->commands.forget(now);
    while (!unsaid_.empty())
      note_finished(**unsaid_.begin());
  }
  ended_.clear();
}

void Broker::note(const Session& session, record::SessionEvent event, std::function<void()> then) {
  if (replaying_) return;
  house_.note({Time{}, session.key_, std::move(event)}, std::move(then));
}

void Broker::note_finished(Session& session) {
  unsaid_.erase(&session);
  if (!session.outbox_) return;
  std::vector<record::Delivery> finished = session.outbox_->take_finished();
  for (std::size_t from = 0; from < finished.size(); from += record::deliveries_max) {
    const std::size_t to = std::min(from + record::deliveries_max, finished.size());
    note(session, record::Finished{{finished.begin() + std::ptrdiff_t(from),
                                    finished.begin() + std::ptrdiff_t(to)}});
  }
}

void Broker::look_at_outbox(Session& session) {
  if (!session.outbox_) return;
  for (const Outbox::CommandProgress& progress : session.outbox_->take_command_progress())
    note_progress(session, progress);
  if (session.outbox_->has_numbered()) {
    awaited_[session.id_] = &session;
    std::vector<record::Delivery> numbered = session.outbox_->take_numbered();
    note(session, record::Sent{numbered}, [this, id = session.id_, numbered] {
      const auto found = awaited_.find(id);
      if (found == awaited_.end()) return;
      found->second->outbox_->confirm(numbered);
      pump(*found->second);
    });
  }
  if (session.outbox_->finished_count() >= record::deliveries_max) return note_finished(session);
  if (session.outbox_->finished_count() > 0) unsaid_.insert(&session);
}

}  // namespace cauce::gateway::broker
