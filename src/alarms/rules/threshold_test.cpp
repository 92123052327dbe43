#include "alarms/rules/threshold.h"

#include <doctest/doctest.h>

#include <vector>

namespace cauce::alarms::rules {
namespace {

using business::Direction;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const Time start = from_microseconds(1'795'304'920'000'000);

// A rule that is fed readings which arrive as they are measured, unless it is said otherwise.
struct Trial {
  Threshold rule;
  ThresholdState state;
  Time newest_received = start;

  Verdict at(Duration after, double value) { return late(after, after, value); }
  Verdict late(Duration measured_after, Duration received_after, double value) {
    newest_received = std::max(newest_received, start + received_after);
    return judge(rule, state, {start + measured_after, newest_received, value});
  }
};

const Threshold above_85{Direction::above, 85, 80, Duration{0}};

}  // namespace

TEST_CASE("a value at the limit raises, one just below does not") {
  Trial trial{above_85, {}};
  CHECK(trial.at(seconds{0}, 84.999) == Verdict::quiet);
  CHECK(trial.at(seconds{1}, 85) == Verdict::raise);
}

TEST_CASE("hysteresis: between clear_at and raise_at an alarm neither clears nor raises") {
  Trial trial{above_85, {}};
  CHECK(trial.at(seconds{0}, 82) == Verdict::quiet);
  CHECK(trial.at(seconds{1}, 86) == Verdict::raise);
  CHECK(trial.at(seconds{2}, 84.9) == Verdict::stays);
  CHECK(trial.at(seconds{3}, 80.1) == Verdict::stays);
  CHECK(trial.at(seconds{4}, 80) == Verdict::clear);
  CHECK(trial.at(seconds{5}, 84.9) == Verdict::quiet);
}

TEST_CASE("hysteresis: noise around the limit makes one alarm") {
  Trial trial{above_85, {}};
  int raised = 0;
  int cleared = 0;
  for (int second = 0; second < 1000; ++second) {
    const Verdict verdict = trial.at(seconds{second}, second % 2 == 0 ? 85.4 : 84.6);
    raised += verdict == Verdict::raise;
    cleared += verdict == Verdict::clear;
  }
  CHECK(raised == 1);
  CHECK(cleared == 0);
}

TEST_CASE("below is the mirror of above") {
  Trial trial{{Direction::below, -18, -15, Duration{0}}, {}};
  CHECK(trial.at(seconds{0}, -17.9) == Verdict::quiet);
  CHECK(trial.at(seconds{1}, -18) == Verdict::raise);
  CHECK(trial.at(seconds{2}, -16) == Verdict::stays);
  CHECK(trial.at(seconds{3}, -15) == Verdict::clear);
  CHECK(worse(Direction::below, -18, -20) == -20);
  CHECK(worse(Direction::above, -18, -20) == -18);
}

TEST_CASE("a clear_at on the wrong side counts as raise_at") {
  Trial trial{{Direction::above, 85, 90, Duration{0}}, {}};
  CHECK(trial.at(seconds{0}, 86) == Verdict::raise);
  CHECK(trial.at(seconds{1}, 86) == Verdict::stays);
  CHECK(trial.at(seconds{2}, 84) == Verdict::clear);
}

TEST_CASE("a duration is an unbroken row beyond the limit, in the readings' own time") {
  Trial trial{{Direction::above, 85, 80, minutes{10}}, {}};
  CHECK(trial.at(minutes{0}, 90) == Verdict::quiet);
  CHECK(trial.at(minutes{9}, 90) == Verdict::quiet);
  CHECK(trial.at(minutes{10} - Duration{1}, 90) == Verdict::quiet);
  CHECK(trial.at(minutes{10}, 90) == Verdict::raise);

  Trial broken{{Direction::above, 85, 80, minutes{10}}, {}};
  CHECK(broken.at(minutes{0}, 90) == Verdict::quiet);
  CHECK(broken.at(minutes{5}, 84) == Verdict::quiet);  // not beyond: the row begins again
  CHECK(broken.at(minutes{6}, 90) == Verdict::quiet);
  CHECK(broken.at(minutes{15}, 90) == Verdict::quiet);
  CHECK(broken.at(minutes{16}, 90) == Verdict::raise);
}

TEST_CASE("an hour that arrives at once has lasted an hour") {
  Trial trial{{Direction::above, 85, 80, minutes{30}}, {}};
  CHECK(trial.late(minutes{-60}, minutes{0}, 90) == Verdict::quiet);
  CHECK(trial.late(minutes{-45}, minutes{0}, 90) == Verdict::quiet);
  CHECK(trial.late(minutes{-30}, minutes{0}, 90) == Verdict::raise);
}

TEST_CASE("while a device's clock stands still its duration is stream time") {
  Trial trial{{Direction::above, 85, 80, minutes{10}}, {}};
  CHECK(trial.late(minutes{-5}, minutes{0}, 90) == Verdict::quiet);
  CHECK(trial.late(minutes{-5}, minutes{9}, 90) == Verdict::quiet);
  CHECK(trial.late(minutes{-5}, minutes{10}, 90) == Verdict::raise);
}

TEST_CASE("late readings neither raise nor clear") {
  Trial trial{above_85, {}};
  CHECK(trial.at(minutes{10}, 70) == Verdict::quiet);
  CHECK(trial.late(minutes{5}, minutes{11}, 99) == Verdict::ignored);
  CHECK(trial.at(minutes{12}, 90) == Verdict::raise);
  CHECK(trial.late(minutes{6}, minutes{13}, 10) == Verdict::ignored);
  CHECK(trial.at(minutes{14}, 90) == Verdict::stays);
  CHECK(trial.at(minutes{14}, 90) == Verdict::stays);  // the same once more
  CHECK(trial.at(minutes{15}, 70) == Verdict::clear);
}

TEST_CASE("late readings do not prolong a duration") {
  Trial trial{{Direction::above, 85, 80, minutes{10}}, {}};
  CHECK(trial.at(minutes{10}, 70) == Verdict::quiet);
  CHECK(trial.late(minutes{0}, minutes{11}, 90) == Verdict::ignored);
  CHECK(trial.at(minutes{12}, 90) == Verdict::quiet);
}

TEST_CASE("one reading from the future does not blind the rule") {
  Trial trial{above_85, {}};
  CHECK(trial.late(hours{24 * 365}, seconds{0}, 20) == Verdict::quiet);
  CHECK(trial.at(seconds{1}, 90) == Verdict::raise);
}

TEST_CASE("a clock that was set back for good is followed after an hour, not before") {
  Trial trial{above_85, {}};
  CHECK(trial.at(hours{10}, 20) == Verdict::quiet);
  const Duration back = hours{10};
  CHECK(trial.late(hours{10} + seconds{1} - back, hours{10} + seconds{1}, 90) == Verdict::ignored);
  CHECK(trial.late(hours{11} - back, hours{11}, 90) == Verdict::ignored);
  CHECK(trial.late(hours{11} + seconds{1} - back, hours{11} + seconds{1}, 90) == Verdict::raise);
  CHECK(trial.late(hours{11} + seconds{2} - back, hours{11} + seconds{2}, 20) == Verdict::clear);
}

TEST_CASE("a single late reading after a long pause is not a clock set back") {
  Trial trial{above_85, {}};
  CHECK(trial.at(hours{1}, 20) == Verdict::quiet);
  CHECK(trial.late(hours{1} - seconds{5}, hours{9}, 90) == Verdict::ignored);
}

}  // namespace cauce::alarms::rules
