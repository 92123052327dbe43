// One alarm: what a rule said about one device (threshold and anomaly: and one metric), from the
// moment it was raised until it was cleared. There is at most one open alarm for each (company,
// rule, device, metric).
//
// Two kinds of time: *stream time* is when the gateway received something; *value time* is what
// the device says about its reading, the time axis of its curve.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "business/business.h"

namespace cauce::alarms {

enum class ClearReason : std::uint8_t {
  recovered = 0,     // the condition ended
  rule_changed = 1,  // the rule says something else now; if that holds, it raises anew
  rule_disabled = 2,
  rule_removed = 3,
  device_disabled = 4,
  device_removed = 5,
  rule_not_applicable = 6,  // the device has another type now
};

struct Alarm {
  std::uint64_t id = 0;  // from 1, never used twice
  std::string company;
  std::string rule;
  business::RuleKind kind = business::RuleKind::threshold;
  std::string severity;
  std::string device;
  std::string metric;  // threshold and anomaly; empty otherwise

  // threshold: the limit that was passed, in `unit`. anomaly: the end of the range that was left.
  business::Direction direction = business::Direction::above;
  double limit = 0;
  // silence: how long nothing had come when it was raised, our own outages not counted. anomaly:
  // how long the feature had not been beyond `limit`, in value time.
  Duration span{0};

  // anomaly: what was unusual (detectors/record_novelty.h), the furthest it went in `direction`
  // while open, and the highest score.
  std::string feature;
  double feature_peak = 0;
  double score = 0;

  Time raised_at;          // stream time
  Time since;              // threshold: value time of the first reading beyond the limit; anomaly:
                           // of the reading that raised it; silence: stream time of the last
                           // message; undecodable: of the first counted
  Time raised_value_time;  // threshold, anomaly: of the reading that raised it; silence: of the
                           // last reading, or `since` when there was none; undecodable: raised_at

  // threshold, anomaly: the readings' values; silence: the last value before it; undecodable: how
  // many messages. Empty when a silent device never sent a number.
  std::optional<double> value;  // when raised
  std::optional<double> peak;   // the worst while open
  std::optional<double> last;   // the latest
  Time last_value_time;
  std::string unit;          // of the values, as the device type says
  std::string value_metric;  // which metric the values are of; empty for undecodable

  std::string stage;   // undecodable: "identify", "decrypt" or "parse" of the last such message
  std::string detail;  // undecodable: why, one sentence

  std::optional<Time> cleared_at;  // stream time; empty while open
  Time cleared_value_time;         // value time where the condition ended; never before
                                   // raised_value_time
  ClearReason clear_reason = ClearReason::recovered;

  bool open() const { return !cleared_at.has_value(); }
  bool operator==(const Alarm&) const = default;
};

// As written in events, the store and the API.
std::string_view name_of(business::RuleKind kind);
std::string_view name_of(business::Direction direction);
std::string_view name_of(ClearReason reason);

// Everything the alarms role could not judge, and must therefore say: records that had left the
// stream before they were read, or alarms beyond a limit.
enum class GapReason : std::uint8_t {
  retention = 0,        // the stream had deleted the records
  alarms_open_max = 1,  // the company had too many open alarms
  instances_max = 2,    // the company had too many (rule, device) pairs
};

struct Gap {
  std::uint64_t id = 0;
  GapReason reason = GapReason::retention;
  std::string company;  // empty: every company
  // Of the topic `readings`; retention only.
  std::uint64_t from_position = 0;
  std::uint64_t to_position = 0;
  // Stream time. Retention: empty `from` when nothing had been judged before; empty `to` until the
  // next record is judged.
  std::optional<Time> from;
  std::optional<Time> to;

  bool operator==(const Gap&) const = default;
};

std::string_view name_of(GapReason reason);

// For the store: one alarm as bytes and back.
Bytes encode(const Alarm& alarm);
Result<Alarm> decode_alarm(BytesView bytes);

}  // namespace cauce::alarms
