#include "alarms/detectors/record_novelty.h"

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "base/random.h"

namespace cauce::alarms::detectors {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

const Time start = from_microseconds(1'795'304'920'000'000);

// One series, a reading every five seconds unless it is said otherwise.
struct Trial {
  RecordNovelty detector;
  Duration at{0};

  Judgement next(double value) {
    at += seconds{5};
    return detector.judge(start + at, value);
  }
  Judgement late(Duration by, double value) { return detector.judge(start + at - by, value); }
  // Noise of a quiet sensor around `level`; answers the highest score.
  double quiet(int readings, double level = 20, std::uint64_t seed = 7) {
    SeededRandom random{seed};
    double highest = 0;
    for (int reading = 0; reading < readings; ++reading) {
      highest = std::max(highest, next(level + double(random.below(1000)) / 1000).score);
    }
    return highest;
  }
};

}  // namespace

TEST_CASE("what stays inside its range scores nothing") {
  Trial trial;
  trial.quiet(1000);
  CHECK(trial.next(20.5).score == 0);
  for (int reading = 0; reading < 3000; ++reading)
    trial.next(20.5 + 0.4 * std::sin(double(reading) / 10));
  CHECK(trial.next(20.4).score == 0);
}

TEST_CASE("a step far beyond all there was scores above one half and says by how much") {
  Trial trial;
  trial.quiet(1000);
  const Judgement judgement = trial.next(30);
  CHECK(judgement.score > 0.5);
  CHECK(judgement.score < 1);
  CHECK(judgement.feature == Feature::value);
  CHECK(judgement.above);
  CHECK(judgement.bound == doctest::Approx(20.999).epsilon(0.001));
  CHECK(judgement.beyond == doctest::Approx(30 - judgement.bound));
  CHECK(judgement.range_since == start + seconds{5});
  CHECK(judgement.value_low >= 20);
  CHECK(judgement.value_high <= 21);
}

TEST_CASE("below is as unusual as above") {
  Trial above;
  Trial below;
  above.quiet(500, 20);
  SeededRandom random{7};
  for (int reading = 0; reading < 500; ++reading)
    below.next(-(20 + double(random.below(1000)) / 1000));
  const Judgement high = above.next(30);
  const Judgement low = below.next(-30);
  CHECK(low.score == doctest::Approx(high.score));
  CHECK_FALSE(low.above);
}

TEST_CASE("the score does not depend on unit and zero of the value") {
  Trial celsius;
  Trial fahrenheit;
  SeededRandom random{3};
  for (int reading = 0; reading < 2000; ++reading) {
    const double value = double(random.below(100'000)) / 1000;
    CHECK(fahrenheit.next(value * 1.8 + 32).score ==
          doctest::Approx(celsius.next(value).score).epsilon(1e-6));
  }
}

TEST_CASE("warm-up: the first warm_readings readings score nothing, early records less than late") {
  Trial trial;
  SeededRandom random{1};
  for (std::uint32_t reading = 0; reading < RecordNovelty::warm_readings; ++reading)
    CHECK(trial.next(double(random.below(1 << 30))).score == 0);
  CHECK(trial.next(1e12).score > 0.5);
  Trial early;
  early.quiet(100);
  Trial late;
  late.quiet(1000);
  CHECK(early.next(40).score < late.next(40).score);
}

TEST_CASE("record filter: what continues a disturbance is silent, its worsening is not") {
  Trial trial;
  trial.quiet(1000);
  CHECK(trial.next(30).score > 0.5);
  CHECK(trial.next(30.4).score < 0.3);
  CHECK(trial.next(30.8).score < 0.3);
  CHECK(trial.next(90000).score > 0.5);
}

TEST_CASE("record filter: after its readings a like disturbance speaks again") {
  Trial trial;
  trial.quiet(1000);
  CHECK(trial.next(30).score > 0.5);
  // Each step beyond the one before is smaller than the first.
  trial.quiet(60, 20, 8);
  CHECK(trial.next(32).score == 0);
  trial.quiet(130, 20, 9);
  CHECK(trial.next(34).score > 0);
}

TEST_CASE("a constant that changes is as unusual as can be") {
  Trial trial;
  for (int reading = 0; reading < 1000; ++reading)
    CHECK(trial.next(4).score == 0);
  CHECK(trial.next(4.001).score > 0.8);
}

TEST_CASE("a late reading is not judged and changes nothing") {
  Trial trial;
  trial.quiet(1000);
  const RecordNovelty before = trial.detector;
  const Judgement judgement = trial.late(minutes{1}, 500);
  CHECK_FALSE(judgement.judged);
  CHECK(judgement.score == 0);
  Trial same{before, trial.at};
  CHECK(trial.next(30).score == same.next(30).score);
  CHECK(trial.detector == same.detector);
}

TEST_CASE("a reading that is repeated counts once, another one of the same moment counts") {
  Trial trial;
  trial.quiet(1000);
  trial.next(20.5);
  const std::uint64_t readings = trial.detector.readings();
  CHECK_FALSE(trial.late(seconds{0}, 20.5).judged);
  CHECK(trial.detector.readings() == readings);
  CHECK(trial.late(seconds{0}, 30).judged);
  CHECK(trial.detector.readings() == readings + 1);
}

TEST_CASE("what is no number, or too large for sums, is not judged and changes nothing") {
  Trial trial;
  trial.quiet(200);
  const RecordNovelty before = trial.detector;
  using Limits = std::numeric_limits<double>;
  for (const double value : {Limits::quiet_NaN(), Limits::infinity(), -Limits::infinity(),
                             Limits::max(), 1.0000001e300, -1.0000001e300}) {
    CHECK_FALSE(trial.next(value).judged);
  }
  CHECK(trial.detector == before);
  for (const double value : {1e300, -1e300, 1e300, 0.0, -1e300}) {
    const Judgement judgement = trial.next(value);
    CHECK(judgement.judged);
    CHECK(std::isfinite(judgement.score));
    CHECK(judgement.score <= 1);
  }
}

TEST_CASE("a clock set back is followed after late_readings_max readings, not before") {
  Trial trial;
  trial.quiet(1000);
  const Time back = start - hours{10};
  for (std::uint32_t reading = 0; reading < RecordNovelty::late_readings_max; ++reading)
    CHECK_FALSE(trial.detector.judge(back + seconds{reading}, 20.5).judged);
  CHECK(trial.detector.judge(back + seconds{RecordNovelty::late_readings_max}, 20.4).judged);
  CHECK(trial.detector.judge(back + seconds{RecordNovelty::late_readings_max + 5}, 20.5).judged);
}

TEST_CASE("a gap in time is nothing unusual") {
  Trial trial;
  trial.quiet(1000);
  trial.at += hours{24 * 40};
  CHECK(trial.next(20.5).score == 0);
}

TEST_CASE("a wild reading of the past blinds for two epochs, not for ever") {
  Trial trial;
  trial.quiet(200);
  trial.next(65535);
  trial.quiet(int(RecordNovelty::epoch_readings));
  CHECK(trial.next(40).score == 0);
  trial.quiet(int(RecordNovelty::epoch_readings) * 2);
  const Judgement judgement = trial.next(60);
  CHECK(judgement.score > 0.5);
  CHECK(judgement.range_since > start + seconds{5} * 5000);
}

TEST_CASE("season: a value that is usual at noon is unusual at midnight") {
  Trial trial;
  const auto by_day = [&](Duration from, Duration to) {
    SeededRandom random{5};
    double highest = 0;
    for (Duration at = from; at < to; at += minutes{10}) {
      const double hour = double(at.count() % 86'400'000'000) / 3.6e9;
      const double value =
          20 + 10 * std::sin(hour / 24 * 6.2831853) + double(random.below(100)) / 100;
      const Judgement judgement = trial.detector.judge(Time{} + hours{24 * 20000} + at, value);
      highest = std::max(highest, judgement.score);
    }
    return highest;
  };
  by_day(hours{0}, hours{24 * 20});
  CHECK(by_day(hours{24 * 20}, hours{24 * 21}) < 0.5);
  // 28 is inside the range of the value; at 18:00 the value is 10.
  Judgement highest;
  for (int reading = 0; reading < 6; ++reading) {
    const Judgement judgement =
        trial.detector.judge(Time{} + hours{24 * 20021 + 18} + minutes{10 * reading}, 28);
    if (judgement.score > highest.score) highest = judgement;
  }
  CHECK(highest.score > 0.5);
  CHECK(highest.feature != Feature::value);
}

TEST_CASE("a detector that was written and read goes on as if nothing had happened") {
  SeededRandom random{11};
  RecordNovelty whole;
  RecordNovelty resumed;
  for (int reading = 0; reading < 12000; ++reading) {
    const Time time = start + seconds{reading * 700} - hours{random.below(20) == 0 ? 1 : 0};
    const double value = double(random.below(1000)) + (reading % 3000 == 2999 ? 5000 : 0);
    if (reading % 97 == 0) {
      Bytes bytes;
      resumed.encode(bytes);
      RecordNovelty read;
      ByteReader source{bytes};
      REQUIRE(read.decode(source));
      CHECK(source.complete());
      CHECK(read == resumed);
      resumed = read;
    }
    const Judgement one = whole.judge(time, value);
    const Judgement other = resumed.judge(time, value);
    REQUIRE(one.score == other.score);
    REQUIRE(one.beyond == other.beyond);
  }
  CHECK(whole == resumed);
}

TEST_CASE("cut bytes are no detector") {
  Trial trial;
  trial.quiet(100);
  Bytes bytes;
  trial.detector.encode(bytes);
  CHECK(bytes.size() <= novelty_bytes_max);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    RecordNovelty read;
    ByteReader source{BytesView{bytes}.substr(0, size)};
    CHECK_FALSE(read.decode(source));
  }
}

}  // namespace cauce::alarms::detectors
