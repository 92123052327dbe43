// A reading that is unusual for its series, as the detector says it (detectors/record_novelty.h).
//
// Raised by a reading whose score reaches `score_min`; cleared when for `quiet` no reading
// belonged to the episode: those that reach score_min, and those whose value lies well outside
// all it had been before (at most settled_readings long; then the new level counts as known). So
// one episode, whose onset, peak and end each may score, is one alarm. The quiet span is measured
// in the readings' own time, because a device that sends its last hour at once has measured for an
// hour, and in stream time, because a device may fall silent: whichever is over first clears.
//
// What is late, repeated or no number is not judged (record_novelty.h); a reading from the future
// counts as of its arrival, so one wild date cannot make all that follow look late.
#pragma once

#include <optional>

#include "alarms/detectors/record_novelty.h"
#include "alarms/rules/threshold.h"
#include "alarms/rules/verdict.h"
#include "base/time.h"
#include "record/stream_clock.h"

namespace cauce::alarms::rules {

struct Anomaly {
  double score_min = 0.5;  // in (0, 1]
  Duration quiet{0};       // at least quiet_min
};

constexpr Duration quiet_min = std::chrono::seconds{1};
constexpr std::uint64_t settled_readings = 1000;
// Of the range before the episode: noise that exceeds it by less is no part of the episode.
constexpr double belonging_margin = 0.1;

struct AnomalyState {
  // What the series had been when the alarm was raised.
  struct Episode {
    Time last_at;                     // stream time of the last reading that belonged to it
    Time last_time;                   // the same, in the reading's own time
    std::uint64_t first_reading = 0;  // counted by the detector
    double value_low = 0;
    double value_high = 0;

    bool operator==(const Episode&) const = default;
  };

  detectors::RecordNovelty detector;
  std::optional<Episode> episode;  // while raised

  bool operator==(const AnomalyState&) const = default;
};

// `judgement` is what the detector said of the sample. A reading that comes after the quiet span
// and is unusual itself answers `clear` first; `raises_again` then says that it also begins the
// next episode.
struct AnomalyVerdict {
  Verdict verdict = Verdict::ignored;
  bool raises_again = false;
  Time ended;  // clear: own time of the last reading that belonged to the episode
  detectors::Judgement judgement;
};

AnomalyVerdict judge(const Anomaly& rule, AnomalyState& state, const Sample& sample);

// Stream time went on.
AnomalyVerdict pass(const Anomaly& rule, AnomalyState& state, const record::StreamClock& clock);

}  // namespace cauce::alarms::rules
