// One rule at work on one device (and metric): the rule's state and its open alarm.
#pragma once

#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "alarms/alarm.h"
#include "alarms/rules/anomaly.h"
#include "alarms/rules/silence.h"
#include "alarms/rules/threshold.h"
#include "alarms/rules/undecodable.h"

namespace cauce::alarms {

struct Key {
  std::string company;
  std::string rule;
  std::string device;
  std::string metric;  // empty unless the rule is a threshold or an anomaly

  auto operator<=>(const Key&) const = default;
};

// The last value of a silent device, for the operator who reads the alarm.
struct LastValue {
  std::string metric;
  std::string unit;
  std::optional<double> value;  // empty: nothing but text and messages without values so far
  Time time;                    // value time

  bool operator==(const LastValue&) const = default;
};

struct SilenceInstance {
  rules::SilenceState state;
  LastValue last;
  bool operator==(const SilenceInstance&) const = default;
};

// In the order of business::RuleKind.
using State = std::variant<rules::ThresholdState, SilenceInstance, rules::UndecodableState,
                           rules::AnomalyState>;

State initial_state(business::RuleKind kind);
business::RuleKind kind_of(const State& state);

struct Instance {
  Key key;
  State state;
  std::optional<Alarm> alarm;  // the open one

  // The queue of the rule's deadlines that the instance stands in, if any, and its place.
  std::list<Instance*>* queue = nullptr;
  std::list<Instance*>::iterator place;

  // True when the store does not know the state, or the alarm, as they are now.
  bool state_changed = false;
  bool alarm_changed = false;
};

// For the store: a state as bytes and back.
Bytes encode(const State& state);
Result<State> decode_state(BytesView bytes);

}  // namespace cauce::alarms
