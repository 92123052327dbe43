#include "alarms/alarms.h"

#include <doctest/doctest.h>

#include <string>

#include "alarms/alarms_fixture.h"
#include "alarms/text.h"

namespace cauce::alarms {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

std::string english(const Alarm& alarm) {
  return sentence_about(alarm, Language::english);
}

}  // namespace

TEST_CASE("an alarm is raised, peaks and clears") {
  Plant plant;
  plant.add_device("acme", "mote-1");
  plant.add_threshold("acme", "humidity", 85, 80);
  plant.reading("acme", "mote-1", "humidity", seconds{0}, 70, "%");
  plant.reading("acme", "mote-1", "humidity", seconds{5}, 88, "%");
  plant.reading("acme", "mote-1", "humidity", seconds{10}, 91.6, "%");
  plant.reading("acme", "mote-1", "humidity", seconds{15}, 84, "%");
  plant.deliver();
  REQUIRE(plant.open("acme").size() == 1);
  Alarm alarm = plant.open("acme")[0];
  CHECK(alarm.id == 1);
  CHECK(alarm.device == "mote-1");
  CHECK(alarm.metric == "humidity");
  CHECK(alarm.rule == "high-humidity");
  CHECK(alarm.severity == "warning");
  CHECK(alarm.raised_at == fixture_start + seconds{5});
  CHECK(alarm.raised_value_time == fixture_start + seconds{5});
  CHECK(*alarm.value == 88);
  CHECK(*alarm.peak == 91.6);
  CHECK(*alarm.last == 84);
  CHECK(english(alarm) == "humidity 91.6 %, above 85 % since 2026-11-21T23:48:45Z");

  plant.reading("acme", "mote-1", "humidity", seconds{20}, 79, "%");
  plant.deliver();
  CHECK(plant.open("acme").empty());
  REQUIRE(plant.all("acme").size() == 1);
  alarm = plant.all("acme")[0];
  CHECK(alarm.cleared_at == fixture_start + seconds{20});
  CHECK(alarm.cleared_value_time == fixture_start + seconds{20});
  CHECK(alarm.clear_reason == ClearReason::recovered);
  CHECK(*alarm.last == 79);
}

TEST_CASE("hysteresis: a noisy series gives one alarm, whatever the batches") {
  Plant plant;
  plant.add_device("acme", "mote-1");
  plant.add_threshold("acme", "humidity", 85, 80);
  for (int second = 0; second < 200; ++second) {
    plant.reading("acme", "mote-1", "humidity", seconds{second}, second % 2 == 0 ? 85.3 : 84.7);
    if (second % 7 == 0) plant.deliver();
  }
  plant.deliver();
  CHECK(plant.all().size() == 1);
  CHECK(plant.open().size() == 1);
}

TEST_CASE("a rule compares what the device type makes of a reading") {
  Plant plant;
  business::DeviceType type;
  type.company = "acme";
  type.name = "fridge";
  type.metrics.push_back({"t", "temperature", "Cel", 0.1, 0});
  plant.configuration.put(type);
  plant.add_device("acme", "fridge-1", "fridge");
  plant.add_threshold("acme", "temperature", 8, 6);
  plant.reading("acme", "fridge-1", "t", seconds{0}, 79);
  plant.deliver();
  CHECK(plant.open().empty());
  plant.reading("acme", "fridge-1", "t", seconds{1}, 80);
  plant.deliver();
  REQUIRE(plant.open().size() == 1);
  CHECK(english(plant.open()[0]) == "temperature 8 °C, above 8 °C since 2026-11-21T23:48:41Z");
}

TEST_CASE("bad values, text and unknown devices raise nothing") {
  Plant plant;
  plant.add_device("acme", "mote-1");
  plant.add_threshold("acme", "humidity", 85, 80);
  record::Reading reading;
  reading.company = "acme";
  reading.device = "mote-1";
  reading.metric = "humidity";
  reading.time = reading.received_at = fixture_start;
  reading.value = 99.0;
  reading.quality = record::Quality::bad;
  plant.records.push_back(record::encode(reading));
  reading.quality = record::Quality::good;
  reading.value = std::string("99");
  plant.records.push_back(record::encode(reading));
  plant.reading("acme", "stranger", "humidity", seconds{1}, 99);
  plant.reading("nobody", "mote-1", "humidity", seconds{1}, 99);
  plant.deliver();
  CHECK(plant.all().empty());
}

TEST_CASE("a device that stops is silent, one that never sent is waiting") {
  Plant plant;
  plant.add_device("acme", "freezer-7");
  plant.add_device("acme", "unborn");
  plant.add_silence("acme", seconds{10});
  plant.reading("acme", "freezer-7", "temperature", seconds{0}, 27.3, "Cel");
  plant.ticks(seconds{1}, seconds{10});
  plant.deliver();
  CHECK(plant.open().empty());
  plant.tick(seconds{10});
  plant.deliver();
  REQUIRE(plant.open().size() == 1);
  const Alarm alarm = plant.open()[0];
  CHECK(alarm.device == "freezer-7");
  CHECK(alarm.severity == "critical");
  CHECK(english(alarm) == "silent for 10 s, last value 27.3 °C");
  CHECK(sentence_about(alarm, Language::spanish) ==
        "sin datos desde hace 10 s, último valor 27,3 °C");
  const auto heard = plant.history.heard("acme");
  REQUIRE(heard.has_value());
  CHECK(heard->contains("freezer-7"));
  CHECK_FALSE(heard->contains("unborn"));

  plant.ticks(seconds{11}, seconds{20});
  plant.reading("acme", "freezer-7", "temperature", seconds{20}, 27.1, "Cel");
  plant.ticks(seconds{21}, seconds{30});
  plant.deliver();
  CHECK(plant.open().empty());
  REQUIRE(plant.all().size() == 1);
  CHECK(plant.all()[0].cleared_at == fixture_start + seconds{20});
}

TEST_CASE("our own outage raises no silence alarm") {
  Plant plant;
  plant.add_device("acme", "freezer-7");
  plant.add_silence("acme", seconds{10});
  plant.reading("acme", "freezer-7", "temperature", seconds{0}, 20);
  plant.ticks(seconds{1}, seconds{9});
  plant.deliver();
  plant.crash();
  // Everything was down for an hour; then the gateway ticks again, and the device comes back late.
  plant.ticks(hours{1}, hours{1} + seconds{9});
  plant.reading("acme", "freezer-7", "temperature", hours{1} + seconds{9}, 20);
  plant.deliver();
  CHECK(plant.all().empty());
  plant.ticks(hours{1} + seconds{10}, hours{1} + seconds{20});
  plant.deliver();
  CHECK(plant.open().size() == 1);
}

TEST_CASE("an undecodable message is a sign of life, and late readings are too") {
  Plant plant;
  plant.add_device("acme", "freezer-9");
  plant.add_silence("acme", seconds{10});
  plant.undecodable("acme", "freezer-9", seconds{0});
  plant.ticks(seconds{1}, seconds{9});
  plant.late_reading("acme", "freezer-9", "temperature", hours{-5}, seconds{9}, 20);
  plant.ticks(seconds{10}, seconds{19});
  plant.deliver();
  CHECK(plant.all().empty());
  plant.tick(seconds{19});
  plant.deliver();
  CHECK(plant.open().size() == 1);
}

TEST_CASE("undecodable messages are one alarm that counts them") {
  Plant plant;
  plant.add_device("acme", "freezer-9");
  plant.add_undecodable("acme", 5, seconds{10});
  for (int message = 0; message < 500; ++message) {
    plant.undecodable("acme", "freezer-9", milliseconds{10} * message);
  }
  plant.deliver();
  REQUIRE(plant.open().size() == 1);
  CHECK(*plant.open()[0].value == 5);
  CHECK(english(plant.open()[0]) ==
        "500 messages cannot be decrypted: key 7 sent, key 3 on record");
  CHECK(sentence_about(plant.open()[0], Language::spanish) ==
        "500 mensajes no se pueden descifrar: clave 7 enviada, clave 3 registrada");
  plant.ticks(seconds{5}, seconds{16});
  plant.deliver();
  CHECK(plant.open().empty());
}

TEST_CASE("a long reason is kept up to 512 bytes, never half a character") {
  Plant plant;
  plant.add_device("acme", "freezer-9");
  plant.add_undecodable("acme", 1, seconds{10});
  plant.undecodable("acme", "freezer-9", seconds{0}, std::string(512, 'x'));
  plant.deliver();
  CHECK(plant.open()[0].detail.size() == 512);
  plant.undecodable("acme", "freezer-9", seconds{1}, std::string(511, 'x') + "ñ");
  plant.deliver();
  CHECK(plant.open()[0].detail == std::string(511, 'x'));
}

TEST_CASE("two companies with the same device name never mix") {
  Plant plant;
  for (const char* company : {"acme", "zeta"}) {
    plant.add_device(company, "mote-1");
    plant.add_silence(company, seconds{10});
    plant.add_undecodable(company, 2, seconds{10});
  }
  plant.add_threshold("acme", "humidity", 85, 80);
  plant.add_threshold("zeta", "humidity", 50, 40);
  plant.reading("acme", "mote-1", "humidity", seconds{0}, 60);
  plant.undecodable("acme", "mote-1", seconds{0});
  plant.undecodable("zeta", "mote-1", seconds{0});
  plant.deliver();
  CHECK(plant.all().empty());
  plant.reading("zeta", "mote-1", "humidity", seconds{1}, 60);
  plant.deliver();
  CHECK(plant.all("acme").empty());
  REQUIRE(plant.all("zeta").size() == 1);
  CHECK(plant.history.get("acme", plant.all("zeta")[0].id).error().outcome == Outcome::not_found);
  // Only acme falls silent.
  for (int second = 2; second < 12; ++second) {
    plant.reading("zeta", "mote-1", "humidity", seconds{second}, 60);
  }
  plant.deliver();
  REQUIRE(plant.open("acme").size() == 1);
  CHECK(plant.open("acme")[0].kind == business::RuleKind::silence);
  CHECK(plant.open("zeta").size() == 1);
  CHECK(plant.history.counts("acme")->open == 1);
  CHECK(plant.history.counts("")->open == 2);
}

TEST_CASE("late readings do not flap an alarm") {
  Plant plant;
  plant.add_device("acme", "mote-1");
  plant.add_threshold("acme", "humidity", 85, 80);
  plant.reading("acme", "mote-1", "humidity", minutes{10}, 90);
  for (int minute = 0; minute < 9; ++minute) {
    plant.late_reading("acme", "mote-1", "humidity", minutes{minute}, minutes{11},
                       minute % 2 == 0 ? 10 : 99);
  }
  plant.deliver();
  REQUIRE(plant.all().size() == 1);
  CHECK(plant.open().size() == 1);
  CHECK(*plant.open()[0].peak == 90);
}

TEST_CASE("a batch that was judged before changes nothing, one with a hole is refused") {
  Plant plant;
  plant.add_device("acme", "mote-1");
  plant.add_threshold("acme", "humidity", 85, 80);
  plant.reading("acme", "mote-1", "humidity", seconds{0}, 90);
  plant.reading("acme", "mote-1", "humidity", seconds{1}, 70);
  plant.reading("acme", "mote-1", "humidity", seconds{2}, 90);
  REQUIRE(plant.alarms().deliver(plant.batch(0, 2)));
  REQUIRE(plant.alarms().deliver(plant.batch(0, 2)));
  CHECK(plant.all().size() == 1);
  REQUIRE(plant.alarms().deliver(plant.batch(1, 3)));  // overlaps: only the last one is new
  CHECK(plant.all().size() == 2);
  CHECK(plant.cursor() == 3);
  plant.tick(seconds{3});
  plant.tick(seconds{4});
  CHECK(plant.alarms().deliver(plant.batch(4, 5)).error().outcome == Outcome::conflict);
}

TEST_CASE("a record that is none stops the role and leaves the store as it was") {
  Plant plant;
  plant.add_device("acme", "mote-1");
  plant.add_threshold("acme", "humidity", 85, 80);
  plant.reading("acme", "mote-1", "humidity", seconds{0}, 90);
  plant.records.push_back("nonsense");
  CHECK(plant.alarms().deliver(plant.batch(0, 2)).error().outcome == Outcome::corrupt);
  CHECK(plant.all().empty());
  CHECK(plant.cursor() == 0);
}

TEST_CASE("only one process writes alarms.db") {
  Plant plant;
  plant.alarms();
  const auto second =
      Store::open(plant.directory.database(), Store::Limits{}, std::chrono::milliseconds{0});
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().outcome == Outcome::conflict);
}

}  // namespace cauce::alarms
