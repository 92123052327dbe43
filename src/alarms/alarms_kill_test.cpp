// kill -9 at every place where the role can die, and redelivery after it: the alarms are those of
// an undisturbed run, none twice.
#include <doctest/doctest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <cstdlib>
#include <string>

#include "alarms/alarms.h"
#include "alarms/alarms_fixture.h"
#include "base/random.h"

namespace cauce::alarms {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Four devices over 300 s: noise around a limit with a duration, silences, undecodable bursts, late
// readings and a pressure that leaps beyond all it had been; the same every time.
void script(Plant& plant) {
  for (const char* device : {"a", "b", "c", "d"})
    plant.add_device("acme", device);
  plant.add_threshold("acme", "humidity", 60, 40, seconds{3});
  plant.add_silence("acme", seconds{10});
  plant.add_undecodable("acme", 3, seconds{5});
  plant.add_anomaly("acme", 0.5, seconds{10}, "pressure");
  SeededRandom random{7};
  for (int second = 0; second < 300; ++second) {
    plant.tick(seconds{second});
    for (const char* device : {"a", "b", "c", "d"}) {
      if ((second / 20 + device[0]) % 4 == 0) continue;  // silent for 20 s in every 80
      const auto at = seconds{second} + milliseconds{10 * (device[0] - 'a')};
      const auto value = double(random.below(100));
      for (int part = 3; part >= 1; --part) {
        const bool leaps = second > 100 && second % 60 == 59 && part == 2;
        plant.reading(
            "acme", device, "pressure", at - milliseconds{part * 200},
            1000 + double(random.below(10)) + (leaps ? 1000 * std::exp2(second / 20) : 0));
      }
      if (random.below(10) == 0) {
        plant.undecodable("acme", device, at);
      } else if (random.below(10) == 0) {
        plant.late_reading("acme", device, "humidity", at - seconds{30}, at, value);
      } else {
        plant.reading("acme", device, "humidity", at, 30 + value / 2 + (second / 15 % 2) * 30);
      }
    }
  }
}

constexpr std::uint64_t batch_records = 37;

void run_to_the_end(Plant& plant) {
  while (plant.cursor() < plant.records.size()) {
    const std::uint64_t from = plant.cursor();
    const std::uint64_t to = std::min<std::uint64_t>(from + batch_records, plant.records.size());
    REQUIRE(plant.alarms().deliver(plant.batch(from, to)));
  }
}

std::vector<Bytes> outbox_of(const Plant& plant) {
  auto database = sql::Database::open_read_only(plant.directory.database());
  REQUIRE(database.has_value());
  auto rows = database->prepare("SELECT event FROM outbox ORDER BY sequence");
  REQUIRE(rows.has_value());
  std::vector<Bytes> events;
  while (*rows->step())
    events.emplace_back(rows->blob(0));
  return events;
}

struct Outcomes {
  std::vector<Alarm> alarms;
  std::vector<Bytes> events;
};

const Outcomes& undisturbed() {
  static const Outcomes outcomes = [] {
    Plant plant;
    script(plant);
    run_to_the_end(plant);
    return Outcomes{plant.all(), outbox_of(plant)};
  }();
  return outcomes;
}

void check_as_undisturbed(Plant& plant) {
  CHECK(plant.all() == undisturbed().alarms);
  CHECK(outbox_of(plant) == undisturbed().events);
}

// Runs this test program as a child that delivers until the failpoint kills it.
void run_until_killed(const Plant& plant, const std::string& failpoint) {
  const std::string program = std::filesystem::read_symlink("/proc/self/exe").string();
  const pid_t child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    ::setenv("CAUCE_FAILPOINT", failpoint.c_str(), 1);
    ::setenv("CAUCE_ALARMS_TEST", plant.directory.database().c_str(), 1);
    ::execl(program.c_str(), program.c_str(), "--test-case=the life of a child that is killed",
            "--no-skip", nullptr);
    ::_exit(127);
  }
  int status = 0;
  REQUIRE(::waitpid(child, &status, 0) == child);
  REQUIRE(WIFSIGNALED(status));
  REQUIRE(WTERMSIG(status) == SIGKILL);
}

}  // namespace

TEST_CASE("the life of a child that is killed" * doctest::skip()) {
  const char* file = std::getenv("CAUCE_ALARMS_TEST");
  if (file == nullptr) return;
  Plant plant;
  script(plant);
  auto alarms = Alarms::open(file, plant.configuration, stream::Position{}, {});
  REQUIRE(alarms.has_value());
  while (true) {
    const auto from = (*alarms)->resume_at()->number;
    if (from == plant.records.size()) break;
    const auto to = std::min<std::uint64_t>(from + batch_records, plant.records.size());
    REQUIRE((*alarms)->deliver(plant.batch(from, to)));
  }
}

TEST_CASE("the script of the kill tests raises and clears alarms of all kinds") {
  std::map<business::RuleKind, int> cleared;
  for (const Alarm& alarm : undisturbed().alarms)
    cleared[alarm.kind] += alarm.open() ? 0 : 1;
  CHECK(cleared[business::RuleKind::threshold] > 3);
  CHECK(cleared[business::RuleKind::silence] > 3);
  CHECK(cleared[business::RuleKind::undecodable] > 0);
  CHECK(cleared[business::RuleKind::anomaly] > 3);
}

#ifdef CAUCE_FAILPOINTS
TEST_CASE("kill -9 before or after a commit gives the same alarms, none twice") {
  for (const char* failpoint : {"alarms.before_commit", "alarms.after_commit"}) {
    for (const int pass : {1, 2, 9}) {
      CAPTURE(failpoint);
      CAPTURE(pass);
      Plant plant;
      script(plant);
      run_until_killed(plant, std::string(failpoint) + "@" + std::to_string(pass));
      run_to_the_end(plant);
      check_as_undisturbed(plant);
    }
  }
}
#endif

TEST_CASE("memory lost after every batch gives the same alarms, none twice") {
  Plant plant;
  script(plant);
  while (plant.cursor() < plant.records.size()) {
    const std::uint64_t from = plant.cursor();
    const auto to = std::min<std::uint64_t>(from + batch_records, plant.records.size());
    REQUIRE(plant.alarms().deliver(plant.batch(from, to)));
    plant.crash();
    REQUIRE(plant.alarms().deliver(plant.batch(from, to)));  // delivered once more
  }
  check_as_undisturbed(plant);
}

TEST_CASE("a commit that fails is forgotten, and the batch that comes again counts once") {
  Plant plant;
  script(plant);
  REQUIRE(plant.alarms().deliver(plant.batch(0, 300)));
  {
    auto other = sql::Database::open(plant.directory.database(), sql::Durability::unsynced);
    REQUIRE(other.has_value());
    REQUIRE(other->execute("ALTER TABLE states RENAME TO states_away"));
  }
  CHECK_FALSE(plant.alarms().deliver(plant.batch(300, 600)));
  CHECK_FALSE(plant.alarms().deliver(plant.batch(300, 600)));
  {
    auto other = sql::Database::open(plant.directory.database(), sql::Durability::unsynced);
    REQUIRE(other.has_value());
    REQUIRE(other->execute("ALTER TABLE states_away RENAME TO states"));
  }
  CHECK(plant.cursor() == 300);
  run_to_the_end(plant);
  check_as_undisturbed(plant);
}

}  // namespace cauce::alarms
