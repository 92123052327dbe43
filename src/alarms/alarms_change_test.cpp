// Rules and devices that change while alarms are open, and the limits of the board.
#include <doctest/doctest.h>

#include <string>

#include "alarms/alarms.h"
#include "alarms/alarms_fixture.h"
#include "alarms/text.h"

namespace cauce::alarms {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// One device beyond a threshold, silent and undecodable at once: three open alarms at second 20.
struct Troubled : Plant {
  explicit Troubled(Options limits = {}) : Plant(limits) {
    add_device("acme", "mote-1");
    add_threshold("acme", "humidity", 85, 80);
    add_silence("acme", seconds{10});
    add_undecodable("acme", 1, hours{1});
    reading("acme", "mote-1", "humidity", seconds{0}, 90, "%");
    undecodable("acme", "mote-1", seconds{1});
    ticks(seconds{2}, seconds{20});
    deliver();
    REQUIRE(open().size() == 3);
  }
  // The next batch, in which the change is seen.
  void next() {
    tick(seconds{20} + step);
    step += seconds{1};
    deliver();
  }
  const Alarm& alarm_of(const std::string& rule) {
    alarms_now = all();
    for (const Alarm& alarm : alarms_now) {
      if (alarm.rule == rule) return alarm;
    }
    FAIL("no alarm of rule " << rule);
    return alarms_now.front();
  }
  business::Rule rule(const std::string& name) {
    for (const business::Rule* rule : configuration.rules("acme")) {
      if (rule->name == name) return *rule;
    }
    FAIL("no rule " << name);
    return {};
  }
  business::Device device() { return *configuration.device("acme", "mote-1"); }

  Duration step{0};
  std::vector<Alarm> alarms_now;
};

}  // namespace

TEST_CASE("a removed or disabled rule clears its alarms and says so") {
  Troubled plant;
  plant.configuration.remove_rule("acme", "high-humidity");
  business::Rule off = plant.rule("silent");
  off.enabled = false;
  plant.configuration.put(off);
  plant.next();
  CHECK(plant.alarm_of("high-humidity").clear_reason == ClearReason::rule_removed);
  CHECK(plant.alarm_of("silent").clear_reason == ClearReason::rule_disabled);
  CHECK(plant.alarm_of("unreadable").open());
  CHECK(
      sentence_about(plant.alarm_of("silent"), Language::spanish).ends_with("(regla desactivada)"));
  CHECK(sentence_about(plant.alarm_of("high-humidity"), Language::english)
            .ends_with("(rule removed)"));
}

TEST_CASE("a disabled or removed device clears its alarms and says so") {
  Troubled plant;
  business::Device off = plant.device();
  off.enabled = false;
  plant.configuration.put(off);
  plant.next();
  CHECK(plant.open().empty());
  for (const Alarm& alarm : plant.all()) {
    CHECK(alarm.clear_reason == ClearReason::device_disabled);
  }

  Troubled other;
  other.configuration.remove_device("acme", "mote-1");
  other.next();
  CHECK(other.open().empty());
  CHECK(other.alarm_of("silent").clear_reason == ClearReason::device_removed);
}

TEST_CASE("a device of another type leaves the rules of its old one") {
  Troubled plant;
  business::Rule narrow = plant.rule("high-humidity");
  narrow.name = "narrow";
  narrow.device_type = "mote";
  plant.configuration.put(narrow);
  plant.reading("acme", "mote-1", "humidity", seconds{20}, 95);
  plant.deliver();
  CHECK(plant.alarm_of("narrow").open());
  business::Device other = plant.device();
  other.type = "freezer";
  plant.configuration.put(other);
  plant.next();
  CHECK(plant.alarm_of("narrow").clear_reason == ClearReason::rule_not_applicable);
  CHECK(plant.alarm_of("high-humidity").open());
}

TEST_CASE("a changed threshold clears, and the next reading decides by the new limit") {
  Troubled plant;
  business::Rule changed = plant.rule("high-humidity");
  changed.raise_at = 95;
  changed.clear_at = 94;
  plant.configuration.put(changed);
  plant.next();
  CHECK(plant.alarm_of("high-humidity").clear_reason == ClearReason::rule_changed);
  plant.reading("acme", "mote-1", "humidity", seconds{22}, 94.9);
  plant.deliver();
  CHECK(plant.all().size() == 3);
  plant.reading("acme", "mote-1", "humidity", seconds{23}, 95);
  plant.deliver();
  CHECK(plant.all().size() == 4);
}

TEST_CASE("a changed silence rule still knows when the device was heard") {
  Troubled plant;
  business::Rule changed = plant.rule("silent");
  changed.duration = seconds{25};
  plant.configuration.put(changed);
  plant.next();
  CHECK(plant.alarm_of("silent").clear_reason == ClearReason::rule_changed);
  plant.ticks(seconds{21}, seconds{26});
  plant.deliver();
  CHECK(plant.all().size() == 3);
  plant.tick(seconds{26});  // heard at second 1
  plant.deliver();
  CHECK(plant.all().size() == 4);
  CHECK(plant.open().size() == 3);
}

TEST_CASE("a rule that changed while the role was down is noticed at the next batch") {
  Troubled plant;
  plant.crash();
  business::Rule changed = plant.rule("high-humidity");
  changed.severity = "critical";
  plant.configuration.put(changed);
  plant.configuration.remove_rule("acme", "unreadable");
  plant.next();
  CHECK(plant.alarm_of("high-humidity").clear_reason == ClearReason::rule_changed);
  CHECK(plant.alarm_of("unreadable").clear_reason == ClearReason::rule_removed);
  CHECK(plant.alarm_of("silent").open());
}

TEST_CASE("a rule that is neither changed nor removed keeps its alarms over a restart") {
  Troubled plant;
  plant.crash();
  plant.next();
  CHECK(plant.open().size() == 3);
  CHECK(plant.all().size() == 3);
}

TEST_CASE("a rule of one company never touches the alarms of another") {
  Troubled plant;
  plant.add_device("zeta", "mote-1");
  plant.add_threshold("zeta", "humidity", 85, 80);
  plant.reading("zeta", "mote-1", "humidity", seconds{20}, 90);
  plant.deliver();
  plant.configuration.remove_rule("zeta", "high-humidity");
  plant.next();
  CHECK(plant.open("zeta").empty());
  CHECK(plant.open("acme").size() == 3);
}

TEST_CASE("a company with alarms_open_max open alarms raises the next only when one clears") {
  Options limits;
  limits.board.alarms_open_max = 2;
  Plant plant{limits};
  for (const char* device : {"a", "b", "c"})
    plant.add_device("acme", device);
  plant.add_device("zeta", "a");
  plant.add_threshold("acme", "humidity", 85, 80);
  plant.add_threshold("zeta", "humidity", 85, 80);
  for (const char* device : {"a", "b"}) {
    plant.reading("acme", device, "humidity", seconds{0}, 90);
  }
  plant.deliver();
  CHECK(plant.open("acme").size() == 2);
  CHECK(plant.history.gaps("acme", 10)->empty());

  plant.reading("acme", "c", "humidity", seconds{1}, 90);
  plant.reading("zeta", "a", "humidity", seconds{1}, 90);
  plant.deliver();
  CHECK(plant.open("acme").size() == 2);
  CHECK(plant.open("zeta").size() == 1);
  REQUIRE(plant.history.gaps("acme", 10)->size() == 1);
  CHECK(plant.history.gaps("acme", 10)->front().reason == GapReason::alarms_open_max);
  CHECK(plant.history.gaps("zeta", 10)->empty());

  plant.reading("acme", "a", "humidity", seconds{5}, 70);
  plant.reading("acme", "c", "humidity", seconds{6}, 90);
  plant.deliver();
  CHECK(plant.open("acme").size() == 2);
  CHECK(plant.all("acme").size() == 3);
}

TEST_CASE("silence alarms beyond alarms_open_max wait for room, none is lost") {
  Options limits;
  limits.board.alarms_open_max = 2;
  Plant plant{limits};
  plant.add_silence("acme", seconds{10});
  for (const char* device : {"a", "b", "c"}) {
    plant.add_device("acme", device);
    plant.reading("acme", device, "humidity", seconds{0}, 50);
  }
  plant.ticks(seconds{1}, seconds{15});
  plant.deliver();
  CHECK(plant.open().size() == 2);
  CHECK(plant.history.gaps("acme", 10)->size() == 1);
  plant.reading("acme", "a", "humidity", seconds{15}, 50);
  plant.tick(seconds{16});
  plant.deliver();
  REQUIRE(plant.open().size() == 2);
  CHECK(plant.open()[1].device == "c");
}

TEST_CASE("a company has at most instances_max pairs of rule and device") {
  Options limits;
  limits.board.instances_max = 1;
  Plant plant{limits};
  plant.add_device("acme", "a");
  plant.add_device("acme", "b");
  plant.add_threshold("acme", "humidity", 85, 80);
  plant.reading("acme", "a", "humidity", seconds{0}, 50);
  plant.deliver();
  CHECK(plant.history.gaps("acme", 10)->empty());
  plant.reading("acme", "b", "humidity", seconds{1}, 99);
  plant.deliver();
  CHECK(plant.all().empty());
  REQUIRE(plant.history.gaps("acme", 10)->size() == 1);
  CHECK(plant.history.gaps("acme", 10)->front().reason == GapReason::instances_max);
}

TEST_CASE("a limit that is met all the time is one gap that grows") {
  Options limits;
  limits.board.alarms_open_max = 0;
  Plant plant{limits};
  plant.add_device("acme", "a");
  plant.add_threshold("acme", "humidity", 85, 80);
  for (int second = 0; second < 100; ++second) {
    plant.reading("acme", "a", "humidity", seconds{second}, 90);
  }
  plant.deliver();
  plant.crash();
  plant.reading("acme", "a", "humidity", seconds{100}, 90);
  plant.deliver();
  plant.reading("acme", "a", "humidity", minutes{10}, 90);
  plant.deliver();
  const auto gaps = plant.history.gaps("acme", 10);
  REQUIRE(gaps->size() == 2);
  CHECK(gaps->at(1).from == fixture_start);
  CHECK(gaps->at(1).to == fixture_start + seconds{100});
  CHECK(gaps->at(0).from == fixture_start + minutes{10});
}

TEST_CASE("old cleared alarms go, open ones stay") {
  Options limits;
  limits.store.alarms_kept_max = 3;
  Plant plant{limits};
  plant.add_device("acme", "old");
  plant.add_device("acme", "busy");
  plant.add_threshold("acme", "humidity", 85, 80);
  plant.reading("acme", "old", "humidity", seconds{0}, 90);
  for (int second = 0; second < 20; ++second) {
    plant.reading("acme", "busy", "humidity", seconds{second}, second % 2 == 0 ? 90 : 70);
    plant.deliver();
  }
  CHECK(plant.all().size() == 4);
  CHECK(plant.all().front().device == "old");
  CHECK(plant.all().back().id == 11);
}

TEST_CASE("what left the stream before it was judged is said") {
  Plant plant;
  plant.add_device("acme", "mote-1");
  plant.add_silence("acme", seconds{10});
  plant.reading("acme", "mote-1", "humidity", seconds{0}, 50);
  plant.ticks(seconds{1}, seconds{9});
  plant.deliver();
  const auto at = plant.cursor();
  for (int lost = 0; lost < 5; ++lost)
    plant.tick(seconds{9});
  CHECK(plant.alarms()
            .record_skipped(stream::Position{at + 1}, stream::Position{at + 5})
            .error()
            .outcome == Outcome::conflict);
  REQUIRE(plant.alarms().record_skipped(stream::Position{at}, stream::Position{at + 3}));
  plant.crash();
  REQUIRE(plant.alarms().record_skipped(stream::Position{at + 3}, stream::Position{at + 5}));
  REQUIRE(plant.alarms().record_skipped(stream::Position{at}, stream::Position{at + 5}));
  CHECK(plant.cursor() == at + 5);
  // The first record after it ends the gap; the device may have sent in it, so it is not silent.
  plant.tick(seconds{12});
  plant.deliver();
  CHECK(plant.all().empty());
  const auto gaps = plant.history.gaps("acme", 10);
  REQUIRE(gaps->size() == 1);
  const Gap& gap = gaps->front();
  CHECK(gap.from_position == at);
  CHECK(gap.to_position == at + 5);
  CHECK(gap.from == fixture_start + seconds{8});
  CHECK(gap.to == fixture_start + seconds{12});
  CHECK(sentence_about(gap, Language::english) ==
        "not evaluated from 2026-11-21T23:48:48Z to 2026-11-21T23:48:52Z: the stream no longer "
        "held records 9 to 14");
}

}  // namespace cauce::alarms
