#include "alarms/rules/undecodable.h"

#include <doctest/doctest.h>

namespace cauce::alarms::rules {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

const Time start = from_microseconds(1'795'304'920'000'000);

struct Trial {
  Undecodable rule;
  UndecodableState state;
  record::StreamClock clock;

  Verdict at(Duration after) {
    clock.advance(start + after);
    return count(rule, state, start + after);
  }
  Verdict ticks_until(Duration after) {
    while (clock.now < start + after)
      clock.advance(clock.now + seconds{1});
    return pass(rule, state, clock);
  }
};

}  // namespace

TEST_CASE("undecodable messages raise at the count, and all that follow are counted") {
  Trial trial{{3, seconds{10}}, {}, {}};
  CHECK(trial.at(seconds{0}) == Verdict::quiet);
  CHECK(trial.at(seconds{4}) == Verdict::quiet);
  CHECK(trial.at(seconds{8}) == Verdict::raise);
  CHECK(trial.state.total == 3);
  CHECK(trial.state.since == start);
  CHECK(trial.at(seconds{9}) == Verdict::stays);
  CHECK(trial.state.total == 4);
}

TEST_CASE("undecodable messages spread over more than the duration do not raise") {
  Trial trial{{3, seconds{10}}, {}, {}};
  for (int second = 0; second < 100; second += 5) {
    CHECK(trial.at(seconds{second}) == Verdict::quiet);
  }
}

TEST_CASE("the alarm clears when no undecodable message came for the duration") {
  Trial trial{{1, seconds{10}}, {}, {}};
  CHECK(trial.at(seconds{0}) == Verdict::raise);
  CHECK(trial.ticks_until(seconds{9}) == Verdict::stays);
  CHECK(trial.at(seconds{9}) == Verdict::stays);
  CHECK(trial.ticks_until(seconds{18}) == Verdict::stays);
  CHECK(trial.ticks_until(seconds{19}) == Verdict::clear);
  CHECK(trial.at(seconds{20}) == Verdict::raise);
  CHECK(trial.state.total == 1);
}

TEST_CASE("an outage of ours clears no undecodable alarm") {
  Trial trial{{1, seconds{10}}, {}, {}};
  CHECK(trial.at(seconds{0}) == Verdict::raise);
  trial.clock.advance(start + hours{1});
  CHECK(pass(trial.rule, trial.state, trial.clock) == Verdict::stays);
  CHECK(trial.ticks_until(hours{1} + seconds{10}) == Verdict::clear);
}

TEST_CASE("the window of a large count stays bounded") {
  Trial trial{{1'000'000, hours{1}}, {}, {}};
  for (int message = 0; message < 200'000; ++message) {
    trial.at(milliseconds{100} * message);
    REQUIRE(trial.state.window.size() <= UndecodableState::slots_max);
  }
}

}  // namespace cauce::alarms::rules
