#include "alarms/rules/silence.h"

#include <doctest/doctest.h>

namespace cauce::alarms::rules {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

const Time start = from_microseconds(1'795'304'920'000'000);

struct Trial {
  Silence rule{seconds{10}};
  SilenceState state;
  record::StreamClock clock;

  void heard_at(Duration after) {
    clock.advance(start + after);
    last = hear(state, start + after);
  }
  // Ticks every second until `after`, then says what the rule thinks.
  Verdict ticks_until(Duration after) {
    Verdict verdict = pass(rule, state, clock);
    while (clock.now < start + after) {
      clock.advance(std::min(clock.now + seconds{1}, start + after));
      const Verdict next = pass(rule, state, clock);
      if (next == Verdict::raise || verdict != Verdict::raise) verdict = next;
    }
    return verdict;
  }
  Verdict last = Verdict::quiet;
};

}  // namespace

TEST_CASE("a device is silent when nothing came for the duration, not before") {
  Trial trial;
  trial.heard_at(seconds{0});
  CHECK(trial.ticks_until(seconds{10} - milliseconds{1}) == Verdict::quiet);
  CHECK(trial.ticks_until(seconds{10}) == Verdict::raise);
  CHECK(trial.ticks_until(seconds{20}) == Verdict::stays);
  trial.heard_at(seconds{21});
  CHECK(trial.last == Verdict::clear);
  CHECK(trial.ticks_until(seconds{30}) == Verdict::quiet);
}

TEST_CASE("an outage of ours raises no silence and gives every device its full time again") {
  Trial trial;
  trial.heard_at(seconds{0});
  CHECK(trial.ticks_until(seconds{9}) == Verdict::quiet);
  // The gateway was away for an hour; its first tick begins a new run.
  trial.clock.advance(start + hours{1});
  CHECK(pass(trial.rule, trial.state, trial.clock) == Verdict::quiet);
  CHECK(trial.ticks_until(hours{1} + seconds{9}) == Verdict::quiet);
  CHECK(trial.ticks_until(hours{1} + seconds{10}) == Verdict::raise);
}

TEST_CASE("the longest step of stream time that still counts is step_max") {
  for (const auto& [step, expected] :
       {std::pair{record::StreamClock::step_max, Verdict::raise},
        std::pair{record::StreamClock::step_max + Duration{1}, Verdict::quiet}}) {
    Trial trial;
    trial.heard_at(seconds{0});
    CHECK(trial.ticks_until(seconds{6}) == Verdict::quiet);
    trial.clock.advance(start + seconds{6} + step);
    CHECK(pass(trial.rule, trial.state, trial.clock) == expected);
  }
}

TEST_CASE("stream time never runs backwards") {
  record::StreamClock clock;
  clock.advance(start + seconds{5});
  clock.advance(start);
  CHECK(clock.now == start + seconds{5});
  CHECK(clock.run_since == start + seconds{5});
}

TEST_CASE("a silence rule without a duration means one second, not always") {
  Trial trial;
  trial.rule.duration = Duration{0};
  trial.heard_at(seconds{0});
  CHECK(pass(trial.rule, trial.state, trial.clock) == Verdict::quiet);
  CHECK(trial.ticks_until(seconds{1}) == Verdict::raise);
}

}  // namespace cauce::alarms::rules
