#include "alarms/history.h"

#include <doctest/doctest.h>

#include "alarms/alarms_fixture.h"

namespace cauce::alarms {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// Alarms of mote-1: open from minute 1 to 2, from 3 to 4, and from 5 on.
void three_alarms(Plant& plant) {
  plant.add_device("acme", "mote-1");
  plant.add_threshold("acme", "humidity", 85, 80);
  for (int minute = 0; minute < 6; ++minute) {
    plant.reading("acme", "mote-1", "humidity", minutes{minute}, minute % 2 == 0 ? 70 : 90);
  }
  plant.deliver();
}

std::vector<std::uint64_t> ids(const Result<std::vector<Alarm>>& alarms) {
  REQUIRE(alarms.has_value());
  std::vector<std::uint64_t> found;
  for (const Alarm& alarm : *alarms)
    found.push_back(alarm.id);
  return found;
}

using Ids = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE("before the file exists there are no alarms") {
  Directory directory;
  History history{directory.database()};
  CHECK(history.list({})->empty());
  CHECK(history.get("", 1).error().outcome == Outcome::not_found);
  CHECK(history.counts("")->all == 0);
  CHECK(history.heard("acme")->empty());
  CHECK(history.gaps("", 10)->empty());
  CHECK(history.overlapping({"acme", "mote-1", "humidity"}, time_min, time_max)->empty());
  {
    REQUIRE(sql::Database::open(directory.database(), sql::Durability::unsynced));
  }
  CHECK(history.list({})->empty());  // a file without tables yet
}

TEST_CASE("a history that was opened before the file sees what comes later") {
  Plant plant;
  CHECK(plant.open().empty());
  three_alarms(plant);
  CHECK(plant.open().size() == 1);
}

TEST_CASE("alarms are listed newest first, by page, state and device") {
  Plant plant;
  three_alarms(plant);
  History::Query query;
  query.company = "acme";
  CHECK(ids(plant.history.list(query)) == Ids{3});
  query.select = History::Select::all;
  CHECK(ids(plant.history.list(query)) == Ids{3, 2, 1});
  query.limit = 2;
  CHECK(ids(plant.history.list(query)) == Ids{3, 2});
  query.after = 2;
  CHECK(ids(plant.history.list(query)) == Ids{1});
  query.after = 1;
  CHECK(ids(plant.history.list(query)).empty());
  query.after.reset();
  query.device = "mote-2";
  CHECK(ids(plant.history.list(query)).empty());
  query.device = "mote-1";
  query.company = "zeta";
  CHECK(ids(plant.history.list(query)).empty());
}

TEST_CASE("an alarm is given to its company and to the installation's owner only") {
  Plant plant;
  three_alarms(plant);
  CHECK(plant.history.get("acme", 2)->cleared_at == fixture_start + minutes{4});
  CHECK(plant.history.get("", 2)->id == 2);
  CHECK(plant.history.get("zeta", 2).error().outcome == Outcome::not_found);
  CHECK(plant.history.get("acme", 4).error().outcome == Outcome::not_found);
  CHECK(plant.history.get("acme", UINT64_MAX).error().outcome == Outcome::not_found);
}

TEST_CASE("alarms are counted by company and severity") {
  Plant plant;
  three_alarms(plant);
  const auto counts = plant.history.counts("acme");
  REQUIRE(counts.has_value());
  CHECK(counts->all == 3);
  CHECK(counts->open == 1);
  CHECK(counts->open_by_severity.at("warning") == 1);
  CHECK(plant.history.counts("zeta")->all == 0);
}

TEST_CASE("a page has at most page_max alarms") {
  Plant plant;
  plant.add_device("acme", "mote-1");
  plant.add_threshold("acme", "humidity", 85, 80);
  const auto count = int(History::page_max) + 1;
  for (int alarm = 0; alarm < count; ++alarm) {
    plant.reading("acme", "mote-1", "humidity", seconds{2 * alarm}, 90);
    plant.reading("acme", "mote-1", "humidity", seconds{2 * alarm + 1}, 70);
  }
  plant.deliver();
  History::Query query;
  query.select = History::Select::all;
  query.limit = History::page_max + 1;
  CHECK(plant.history.list(query)->size() == History::page_max);
  const auto marks = plant.history.overlapping({"acme", "mote-1", "humidity"}, time_min, time_max);
  REQUIRE(marks->size() == History::page_max);
  CHECK(marks->back().id == std::uint64_t(count));
  // The page after it goes on where it began.
  const auto older = plant.history.overlapping({"acme", "mote-1", "humidity"}, time_min, time_max,
                                               marks->front().id);
  REQUIRE(older->size() == 1);
  CHECK(older->front().id == 1);
  // Who guesses at the id of a foreign alarm learns nothing of its time.
  CHECK(plant.history.overlapping({"zeta", "mote-1", "humidity"}, time_min, time_max, 2)->empty());
}

TEST_CASE("a curve's marks are the alarms that touch its span of value time") {
  Plant plant;
  three_alarms(plant);
  const record::Series series{"acme", "mote-1", "humidity"};
  const auto at = [](int minute) { return fixture_start + minutes{minute}; };
  const auto marks = [&](Time from, Time to) {
    return ids(plant.history.overlapping(series, from, to));
  };
  CHECK(marks(at(0), at(6)) == Ids{1, 2, 3});
  CHECK(marks(at(0), at(1)).empty());
  CHECK(marks(at(0), at(1) + seconds{1}) == Ids{1});
  CHECK(marks(at(2), at(3)) == Ids{1});
  CHECK(marks(at(2) + seconds{1}, at(3)).empty());
  CHECK(marks(at(7), at(9)) == Ids{3});
  CHECK(ids(plant.history.overlapping({"acme", "mote-1", "other"}, at(0), at(9))).empty());
  CHECK(ids(plant.history.overlapping({"zeta", "mote-1", "humidity"}, at(0), at(9))).empty());
}

TEST_CASE("a curve also shows when its device was silent") {
  Plant plant;
  plant.add_device("acme", "mote-1");
  plant.add_silence("acme", seconds{10});
  plant.reading("acme", "mote-1", "humidity", seconds{0}, 70);
  plant.ticks(seconds{1}, seconds{12});
  plant.deliver();
  const auto marks = plant.history.overlapping({"acme", "mote-1", "humidity"}, fixture_start,
                                               fixture_start + seconds{1});
  REQUIRE(marks->size() == 1);
  CHECK(marks->front().kind == business::RuleKind::silence);
}

}  // namespace cauce::alarms
