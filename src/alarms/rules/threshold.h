// A value beyond a limit, with hysteresis and duration.
//
// Raised by a reading at or beyond `raise_at` once all readings for `duration` were; cleared by a
// reading at or back behind `clear_at`. What lies between changes nothing: noise around one limit
// makes one alarm, not many.
//
// Time is the readings' own, because a device that sends its last hour at once has measured for an
// hour. It is trusted only so far:
// - A reading older than the newest judged is not judged: late data never raises or clears.
// - A reading from the future counts as of its arrival, so one wild date cannot make all that
//   follow look late.
// - While the device's clock stands still, the duration is measured in stream time.
// - When for older_only_max of stream time nothing but older readings came, the device's clock was
//   set back: judging begins anew at its new time, and an open alarm stays open.
#pragma once

#include <optional>

#include "alarms/rules/verdict.h"
#include "base/time.h"
#include "business/business.h"

namespace cauce::alarms::rules {

struct Threshold {
  business::Direction direction = business::Direction::above;
  double raise_at = 0;
  double clear_at = 0;  // taken as raise_at when it lies beyond it
  Duration duration{0};
};

struct Sample {
  Time time;         // the device's
  Time received_at;  // stream time; never decreases
  double value = 0;
};

struct ThresholdState {
  struct Moment {
    Time time;
    Time received_at;
    bool operator==(const Moment&) const = default;
  };

  bool raised = false;
  std::optional<Time> newest;      // of the readings judged, never ahead of stream time
  std::optional<Time> late_since;  // stream time of the first of the older readings since then
  std::optional<Moment> beyond;    // the first of the unbroken row of readings beyond raise_at

  bool operator==(const ThresholdState&) const = default;
};

// One hour: longer than a buffered upload of old readings alone should last.
constexpr Duration older_only_max = std::chrono::hours{1};

Verdict judge(const Threshold& rule, ThresholdState& state, const Sample& sample);

// The worse of two values in the rule's direction.
double worse(business::Direction direction, double one, double other);

}  // namespace cauce::alarms::rules
