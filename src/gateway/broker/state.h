// All that a broker keeps over a restart, as of one position of `raw`: values only, and their
// bytes. A file holds them (session_file.h); the byte format is docs/formats/sessions.md.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "gateway/broker/filter_tree.h"
#include "gateway/broker/publication.h"
#include "record/session.h"

namespace cauce::gateway::broker {

// A message that is retained, or was when it was queued.
struct BodyState {
  Place place;
  std::string topic;
  Bytes payload;
  Bytes properties;  // as receivers get them
  std::optional<Time> expires_at;
  std::uint8_t qos = 0;

  bool operator==(const BodyState&) const = default;
};

// What a queued message has that is not with it in the stream.
struct ExtrasState {
  Bytes properties;
  std::optional<Time> expires_at;

  bool operator==(const ExtrasState&) const = default;
};

struct RetainedState {
  std::string company;
  std::uint32_t body = 0;  // index in State::bodies

  bool operator==(const RetainedState&) const = default;
};

struct QueuedState {
  Place place;
  std::uint16_t packet_id = 0;
  std::uint8_t qos = 1;  // 1 or 2
  bool retain = false;
  bool shared = false;
  bool again = false;
  std::uint32_t body = 0;    // index in State::bodies + 1; 0: it is in the stream
  std::uint32_t extras = 0;  // index in State::extras + 1; 0: none, or those of its body
  std::vector<std::uint32_t> identifiers;

  bool operator==(const QueuedState&) const = default;
};

// A command that was given in the last day.
struct CommandState {
  std::string company;
  std::string device;
  std::string id;
  std::uint64_t position = 0;  // in `commands`
  Time given_at;
  Time expires_at;
  Bytes properties;  // as receivers get them
  bool sent = false;
  bool over = false;
  std::vector<std::string> done_by;

  bool operator==(const CommandState&) const = default;
};

struct SubscriptionState {
  std::string filter;
  SubscriptionOptions options;
  std::uint64_t number = 0;

  bool operator==(const SubscriptionState&) const = default;
};

struct SessionState {
  std::string key;
  std::uint32_t expiry_s = 0;
  bool is_there = false;  // its client was connected
  std::optional<Time> ends_at;
  std::optional<Time> will_at;
  std::optional<record::SessionWill> will;
  std::vector<SubscriptionState> subscriptions;
  std::vector<std::uint16_t> unreleased;
  std::vector<QueuedState> queue;
  std::vector<QueuedState> released;  // QoS 2: PUBREC came

  bool operator==(const SessionState&) const = default;
};

// Whose turn it is among those who share a filter.
struct TurnState {
  std::string company;
  std::string filter;  // "$share/{name}/{filter}"
  std::uint32_t next = 0;

  bool operator==(const TurnState&) const = default;
};

struct DueWillState {
  std::string session;
  record::SessionWill will;

  bool operator==(const DueWillState&) const = default;
};

struct State {
  std::optional<std::uint64_t> commands_passed;
  std::vector<BodyState> bodies;
  std::vector<ExtrasState> extras;
  std::vector<RetainedState> retained;
  std::vector<SessionState> sessions;
  std::vector<TurnState> turns;
  std::vector<DueWillState> due_wills;
  std::vector<CommandState> commands;

  bool operator==(const State&) const = default;
};

// Of the format; version 1 had no commands.
constexpr std::uint32_t state_version = 2;

Bytes encode(const State& state);
// `corrupt` when the bytes are not exactly one state of that version, which is at most
// state_version, naming what breaks its rule.
Result<State> decode_state(BytesView bytes, std::uint32_t version);

}  // namespace cauce::gateway::broker
