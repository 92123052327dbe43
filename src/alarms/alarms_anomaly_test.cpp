// Anomaly rules as the role judges them: which series, one alarm for an episode, what it says.
#include <doctest/doctest.h>

#include <string>

#include "alarms/alarms.h"
#include "alarms/alarms_fixture.h"
#include "alarms/text.h"
#include "base/random.h"

namespace cauce::alarms {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// A mote whose humidity has been between 40 and 48 for 400 readings, one in five seconds.
struct Watched : Plant {
  explicit Watched(Options limits = {}) : Plant(limits) {
    add_device("acme", "mote-1");
    add_anomaly("acme", 0.8, minutes{10});
    quiet(400);
  }
  void humidity(double value, const std::string& metric = "humidity") {
    at += seconds{5};
    reading("acme", "mote-1", metric, at, value, "%");
  }
  void quiet(int readings, const std::string& metric = "humidity") {
    for (int reading = 0; reading < readings; ++reading)
      humidity(40 + double(random.below(8001)) / 1000, metric);
  }

  Duration at{0};
  SeededRandom random{7};
};

}  // namespace

TEST_CASE("an episode of steam is one alarm, which says by how much and in how long") {
  Watched plant;
  const Duration before = plant.at;
  for (const double value : {59.0, 74.2, 91.6, 88.0, 70.1, 55.0})
    plant.humidity(value);
  plant.deliver();
  REQUIRE(plant.open().size() == 1);
  CHECK(plant.open()[0].kind == business::RuleKind::anomaly);
  CHECK(plant.open()[0].metric == "humidity");
  CHECK(plant.open()[0].raised_value_time == fixture_start + before + seconds{5});
  CHECK(*plant.open()[0].value == 59);
  CHECK(*plant.open()[0].peak == 91.6);
  CHECK(plant.open()[0].score >= 0.8);
  CHECK(sentence_about(plant.open()[0], Language::english) ==
        "humidity 91.6 %, 44 above anything in 33 min 20 s");
  plant.quiet(300);
  plant.deliver();
  REQUIRE(plant.all().size() == 1);
  const Alarm alarm = plant.all()[0];
  CHECK(alarm.clear_reason == ClearReason::recovered);
  CHECK(alarm.cleared_value_time == fixture_start + before + seconds{30});
  CHECK(*alarm.cleared_at == fixture_start + before + seconds{30} + minutes{10});
  CHECK(*alarm.peak == 91.6);
}

TEST_CASE("without a metric every number is judged on its own, truths and texts are not") {
  Watched plant;
  plant.quiet(400, "temperature");
  for (int second = 0; second < 400; ++second) {
    record::Reading reading;
    reading.company = "acme";
    reading.device = "mote-1";
    reading.metric = second % 2 == 0 ? "door" : "mode";
    reading.time = reading.received_at = fixture_start + plant.at;
    reading.value =
        second % 2 == 0 ? record::Value{second > 398} : record::Value{std::string("on")};
    plant.records.push_back(record::encode(reading));
  }
  plant.humidity(90, "temperature");
  plant.deliver();
  REQUIRE(plant.all().size() == 1);
  CHECK(plant.all()[0].metric == "temperature");
  plant.humidity(90);
  plant.deliver();
  CHECK(plant.open().size() == 2);
}

TEST_CASE("a rule with a metric judges that one alone") {
  Plant plant;
  plant.add_device("acme", "mote-1");
  plant.add_anomaly("acme", 0.8, minutes{10}, "humidity");
  for (int second = 0; second < 401; ++second) {
    plant.reading("acme", "mote-1", "humidity", seconds{second}, 40 + second % 3);
    plant.reading("acme", "mote-1", "temperature", seconds{second}, second < 400 ? 40 : 90);
  }
  plant.deliver();
  CHECK(plant.all().empty());
}

TEST_CASE("what the device calls bad is no anomaly") {
  Watched plant;
  record::Reading reading;
  reading.company = "acme";
  reading.device = "mote-1";
  reading.metric = "humidity";
  reading.time = reading.received_at = fixture_start + plant.at + seconds{1};
  reading.value = 900.0;
  reading.quality = record::Quality::bad;
  plant.records.push_back(record::encode(reading));
  plant.deliver();
  CHECK(plant.all().empty());
}

TEST_CASE("readings that come late or again raise nothing") {
  Watched plant;
  plant.late_reading("acme", "mote-1", "humidity", plant.at - minutes{5}, plant.at, 91.6);
  plant.late_reading("acme", "mote-1", "humidity", plant.at - minutes{9}, plant.at, -40);
  plant.quiet(10);
  plant.deliver();
  CHECK(plant.all().empty());
}

TEST_CASE("the alarm of a device that falls silent clears after the quiet span of stream time") {
  Watched plant;
  plant.humidity(91.6);
  const Duration raised = plant.at;
  plant.ticks(raised, raised + minutes{10});
  plant.deliver();
  CHECK(plant.open().size() == 1);
  plant.tick(raised + minutes{10});
  plant.deliver();
  REQUIRE(plant.all().size() == 1);
  CHECK(*plant.all()[0].cleared_at == fixture_start + raised + minutes{10});
  CHECK(plant.all()[0].cleared_value_time == fixture_start + raised);
}

TEST_CASE("a restart forgets neither what was learned nor the episode") {
  Watched plant;
  plant.humidity(91.6);
  plant.deliver();
  plant.crash();
  plant.humidity(92.5);
  plant.deliver();
  REQUIRE(plant.all().size() == 1);
  CHECK(*plant.all()[0].peak == 92.5);
  plant.crash();
  plant.quiet(130);
  plant.deliver();
  CHECK(plant.open().empty());
  plant.quiet(200);
  plant.humidity(47.5);
  plant.deliver();
  CHECK(plant.all().size() == 1);
}

TEST_CASE("a changed anomaly rule clears its alarm and keeps what was learned") {
  Watched plant;
  plant.humidity(91.6);
  plant.deliver();
  plant.add_anomaly("acme", 0.7, minutes{10});
  plant.tick(plant.at + seconds{1});
  plant.deliver();
  REQUIRE(plant.all().size() == 1);
  CHECK(plant.all()[0].clear_reason == ClearReason::rule_changed);
  plant.quiet(200);
  plant.humidity(300);  // would be within the first, unlearned readings of a new detector
  plant.deliver();
  REQUIRE(plant.all().size() == 2);
  CHECK(plant.all()[1].span > minutes{33});
}

TEST_CASE("a rule of one metric that becomes one of all keeps the series it knows") {
  Plant plant;
  plant.add_device("acme", "mote-1");
  plant.add_anomaly("acme", 0.8, minutes{10}, "humidity");
  for (int second = 0; second < 400; ++second)
    plant.reading("acme", "mote-1", "humidity", seconds{second}, 40 + second % 3);
  plant.deliver();
  plant.add_anomaly("acme", 0.8, minutes{10});
  plant.reading("acme", "mote-1", "humidity", seconds{400}, 90);
  plant.deliver();
  CHECK(plant.open().size() == 1);
}

TEST_CASE("a company has at most instances_max series under anomaly rules") {
  Options limits;
  limits.board.instances_max = 2;
  Plant plant{limits};
  plant.add_device("acme", "mote-1");
  plant.add_anomaly("acme", 0.8, minutes{10});
  for (int second = 0; second < 2; ++second)
    plant.reading("acme", "mote-1", "m" + std::to_string(second), seconds{0}, 1);
  plant.deliver();
  CHECK(plant.history.gaps("acme", 10)->empty());
  plant.reading("acme", "mote-1", "m2", seconds{1}, 1);
  plant.reading("acme", "mote-1", "m3", seconds{1}, 1);
  plant.deliver();
  REQUIRE(plant.history.gaps("acme", 10)->size() == 1);
  CHECK(plant.history.gaps("acme", 10)->front().reason == GapReason::instances_max);
}

TEST_CASE("an anomaly for which there is no room is said as a gap") {
  Options limits;
  limits.board.alarms_open_max = 0;
  Watched plant{limits};
  plant.humidity(91.6);
  plant.deliver();
  CHECK(plant.all().empty());
  REQUIRE(plant.history.gaps("acme", 10)->size() == 1);
  CHECK(plant.history.gaps("acme", 10)->front().reason == GapReason::alarms_open_max);
  plant.quiet(10);
  plant.deliver();
  CHECK(plant.all().empty());
}

}  // namespace cauce::alarms
