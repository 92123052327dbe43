#include "alarms/rules/anomaly.h"

#include <doctest/doctest.h>

#include "base/random.h"

namespace cauce::alarms::rules {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const Time start = from_microseconds(1'795'304'920'000'000);

// A rule that is fed a reading every five seconds which arrives as it is measured, unless it is
// said otherwise; 300 quiet ones between 20 and 21 have been.
struct Trial {
  Anomaly rule{0.5, minutes{10}};
  AnomalyState state;
  Duration at{0};
  SeededRandom random{7};

  Trial() { REQUIRE(quiet(300) == Verdict::quiet); }

  AnomalyVerdict next(double value, Duration after = seconds{5}) {
    at += after;
    return judge(rule, state, {start + at, start + at, value});
  }
  // The last verdict.
  Verdict quiet(int readings) {
    Verdict verdict = Verdict::ignored;
    for (int reading = 0; reading < readings; ++reading)
      verdict = next(20 + double(random.below(1000)) / 1000).verdict;
    return verdict;
  }
  // A clock whose run began before everything, now.
  record::StreamClock clock(Duration now) const {
    record::StreamClock clock;
    clock.advance(start - hours{1});
    clock.now = start + now;
    return clock;
  }
};

}  // namespace

TEST_CASE("an unusual reading raises, an ordinary one does not") {
  Trial trial;
  CHECK(trial.next(20.5).verdict == Verdict::quiet);
  const AnomalyVerdict answer = trial.next(30);
  CHECK(answer.verdict == Verdict::raise);
  CHECK(answer.judgement.score >= 0.5);
  CHECK(answer.judgement.beyond > 8);
}

TEST_CASE("a score at score_min raises, one just below does not") {
  Trial measured;
  const double score = measured.next(30).judgement.score;
  Trial at;
  at.rule.score_min = score;
  CHECK(at.next(30).verdict == Verdict::raise);
  Trial beyond;
  beyond.rule.score_min = score * 1.000001;
  CHECK(beyond.next(30).verdict == Verdict::quiet);
}

TEST_CASE("one episode is one alarm: onset, peak, return and noise within the quiet span") {
  Trial trial;
  int raised = 0;
  for (const double value : {30.0, 45.0, 90.0, 88.0, 60.0, 21.0, 20.5})
    raised += trial.next(value).verdict == Verdict::raise;
  CHECK(raised == 1);
  CHECK(trial.quiet(100) == Verdict::stays);
  CHECK(trial.next(200).verdict == Verdict::stays);
}

TEST_CASE("an alarm clears after the quiet span in the readings' own time") {
  Trial trial;
  CHECK(trial.next(30).verdict == Verdict::raise);
  const Time raised = start + trial.at;
  CHECK(trial.quiet(119) == Verdict::stays);  // 9 min 55 s
  const AnomalyVerdict answer = trial.next(20.5);
  CHECK(answer.verdict == Verdict::clear);
  CHECK_FALSE(answer.raises_again);
  CHECK(answer.ended == raised);
  CHECK(trial.quiet(1) == Verdict::quiet);
}

TEST_CASE("while the value is where it had never been, the episode goes on") {
  Trial trial;
  CHECK(trial.next(30).verdict == Verdict::raise);
  for (int reading = 0; reading < 300; ++reading)
    CHECK(trial.next(29.5).verdict == Verdict::stays);
  CHECK(trial.quiet(1) == Verdict::stays);
  const Time returned = start + trial.at;  // which is a leap, too
  CHECK(trial.quiet(119) == Verdict::stays);
  CHECK(trial.next(20.5).ended == returned);
}

TEST_CASE("a new level that stays counts as known after settled_readings") {
  Trial trial;
  CHECK(trial.next(30).verdict == Verdict::raise);
  std::uint64_t readings = 0;
  Verdict verdict = Verdict::stays;
  while (verdict == Verdict::stays && readings < 2 * settled_readings) {
    verdict = trial.next(29.5).verdict;
    ++readings;
  }
  CHECK(verdict == Verdict::clear);
  CHECK(readings >= settled_readings);
  CHECK(readings <= settled_readings + 121);
  CHECK(trial.next(29.5).verdict == Verdict::quiet);
}

TEST_CASE("what comes after the quiet span and is unusual ends one episode and begins the next") {
  Trial trial;
  CHECK(trial.next(30).verdict == Verdict::raise);
  const Time raised = start + trial.at;
  const AnomalyVerdict answer = trial.next(9000, hours{1});
  CHECK(answer.verdict == Verdict::clear);
  CHECK(answer.raises_again);
  CHECK(answer.ended == raised);
  CHECK(trial.next(20.5).verdict == Verdict::stays);
}

TEST_CASE("of a device that falls silent, stream time clears the alarm") {
  Trial trial;
  CHECK(trial.next(30).verdict == Verdict::raise);
  const Duration raised = trial.at;
  CHECK(pass(trial.rule, trial.state, trial.clock(raised + minutes{10} - Duration{1})).verdict ==
        Verdict::stays);
  const AnomalyVerdict answer = pass(trial.rule, trial.state, trial.clock(raised + minutes{10}));
  CHECK(answer.verdict == Verdict::clear);
  CHECK(answer.ended == start + raised);
  CHECK(pass(trial.rule, trial.state, trial.clock(raised + hours{1})).verdict == Verdict::quiet);
}

TEST_CASE("our own outage clears no alarm") {
  Trial trial;
  CHECK(trial.next(30).verdict == Verdict::raise);
  record::StreamClock clock = trial.clock(trial.at);
  clock.advance(start + trial.at + hours{5});
  CHECK(pass(trial.rule, trial.state, clock).verdict == Verdict::stays);
}

TEST_CASE("late and repeated readings neither raise nor clear nor prolong") {
  Trial trial;
  const auto late = [&](Duration measured, double value) {
    return judge(trial.rule, trial.state, {start + measured, start + trial.at, value}).verdict;
  };
  CHECK(late(trial.at - minutes{1}, 90) == Verdict::ignored);
  CHECK(trial.next(30).verdict == Verdict::raise);
  const auto episode = trial.state.episode;
  CHECK(late(trial.at - minutes{1}, 9000) == Verdict::ignored);
  CHECK(late(trial.at, 30) == Verdict::ignored);
  CHECK(trial.state.episode == episode);
}

TEST_CASE("one reading from the future does not blind the rule") {
  Trial trial;
  CHECK(judge(trial.rule, trial.state, {start + hours{24 * 365}, start + trial.at, 20.5}).verdict ==
        Verdict::quiet);
  CHECK(trial.next(30).verdict == Verdict::raise);
}

}  // namespace cauce::alarms::rules
