#include "stats/worker.h"

#include <doctest/doctest.h>

#include <atomic>
#include <cmath>
#include <map>
#include <thread>

#include "base/random.h"
#include "jobs/memory/memory.h"
#include "recent/aggregate.h"
#include "recent/memory/memory.h"
#include "stats/feeder.h"

namespace cauce::stats {
namespace {

using recent::Resolution;

const Time noon = *parse_time("2026-11-21T12:00:00Z");

record::Fact fact(const std::string& device, Time time, record::Value value,
                  std::uint64_t position) {
  record::Fact fact;
  fact.company = "acme";
  fact.device = device;
  fact.device_type = "boiler";
  fact.metric = "temperature";
  fact.time = time;
  fact.received_at = noon;
  fact.value = std::move(value);
  fact.unit = "degC";
  fact.origin = {0, position, 0, 0};
  return fact;
}

// The path from a batch of facts to the recent store, on memory engines.
struct Path {
  VirtualClock clock{noon};
  jobs::memory::Queue jobs{clock, {}};
  recent::memory::Store store{clock, {}};
  Committer committer{store};
  int wakes = 0;
  Feeder feeder{jobs, stream::Partition{0}, [this] { ++wakes; }};
  std::unique_ptr<work::Worker> worker = work_on(jobs, committer, clock, {});
  std::uint64_t fed = 0;

  void feed(const std::vector<record::Fact>& facts) {
    stream::Batch batch{{0}, {fed}, {fed + facts.size()}, {}, {}};
    for (const record::Fact& fact : facts)
      batch.records.push_back(record::encode(fact));
    REQUIRE(feeder.deliver(batch));
    fed += facts.size();
  }
  void work() {
    for (;;) {
      const auto progress = worker->step();
      REQUIRE(progress);
      if (*progress == work::Progress::idle) return;
    }
  }
  std::vector<recent::Aggregate> windows(const std::string& device, Resolution resolution) {
    return *store.reader().aggregates("acme/" + device + "/temperature", resolution, time_min,
                                      time_max, 9999);
  }
};

// Over two devices and the border of a month: late and early facts, facts of one time that differ
// in origin, texts among numbers.
std::vector<record::Fact> varied_facts(std::uint64_t seed, int count) {
  SeededRandom random{seed};
  const Time border = *parse_time("2026-11-01T00:00:00Z");
  std::vector<record::Fact> facts;
  for (int index = 0; index < count; ++index) {
    const Duration offset = std::chrono::seconds{std::int64_t(random.below(3 * 3600 / 5)) * 5};
    const Time time = border - std::chrono::minutes{90} + offset;
    record::Value value = double(random.below(1'000'000)) / 997.0;
    if (random.below(9) == 0) value = std::string{"fault"};
    if (random.below(17) == 0) value = true;
    const std::string device = random.below(2) == 0 ? "boiler-1" : "boiler-2";
    facts.push_back(fact(device, time, std::move(value), std::uint64_t(index)));
  }
  return facts;
}

void shuffle(std::vector<record::Fact>& facts, SeededRandom& random) {
  for (std::size_t left = facts.size(); left > 1; --left) {
    std::swap(facts[left - 1], facts[random.below(left)]);
  }
}

}  // namespace

TEST_CASE("facts become points, minutes, quarters, hours and a summary") {
  Path path;
  path.feed({fact("boiler-1", noon + std::chrono::seconds{2}, 3.0, 2),
             fact("boiler-1", noon + std::chrono::seconds{1}, 1.0, 1),
             fact("boiler-1", noon + std::chrono::seconds{61}, 8.0, 3)});
  CHECK(path.wakes == 1);
  path.work();
  const auto minutes = path.windows("boiler-1", Resolution::minute);
  REQUIRE(minutes.size() == 2);
  CHECK(minutes[0].start == noon);
  CHECK(minutes[0].count == 2);
  CHECK(minutes[0].mean == 2);
  CHECK(minutes[0].deviation == std::sqrt(2.0));
  CHECK(minutes[1].start == noon + std::chrono::minutes{1});
  const auto hours = path.windows("boiler-1", Resolution::hour);
  REQUIRE(hours.size() == 1);
  CHECK(hours[0].count == 3);
  CHECK(hours[0].mean == 4);
  CHECK(hours[0].m2 == 26);
  CHECK(hours[0].percentile(95) == 8);
  CHECK(path.windows("boiler-1", Resolution::quarter) == hours);
  const auto summary = *path.store.reader().summary("acme/boiler-1/temperature");
  REQUIRE(summary);
  CHECK(summary->unit == "degC");
  CHECK(summary->last.value == record::Value{8.0});
  CHECK(path.jobs.depth()->jobs == 0);
}

TEST_CASE("the same facts in any order, repeated and replayed, give the same bytes") {
  const auto facts = varied_facts(1, 120);
  Path reference;
  reference.feed(facts);
  reference.work();
  const auto expected = reference.store.contents();
  REQUIRE(expected.size() == 2);
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    CAPTURE(seed);
    SeededRandom random{seed};
    auto shuffled = facts;
    for (std::uint64_t extra = random.below(40); extra > 0; --extra) {
      shuffled.push_back(facts[random.below(facts.size())]);
    }
    shuffle(shuffled, random);
    Path path;
    for (std::size_t from = 0; from < shuffled.size();) {
      const std::size_t to = std::min(shuffled.size(), from + 1 + random.below(50));
      path.feed({shuffled.begin() + std::ptrdiff_t(from), shuffled.begin() + std::ptrdiff_t(to)});
      if (random.below(2) == 0) path.work();
      from = to;
    }
    path.work();
    const bool same = path.store.contents() == expected;
    CHECK(same);
    if (!same) break;
  }
}

TEST_CASE("the bytes are those of aggregates computed from all facts at once") {
  const auto facts = varied_facts(2, 300);
  Path path;
  for (const record::Fact& one : facts) {
    path.feed({one});
    path.work();
  }
  std::map<Time, std::map<Time, const record::Fact*>> minutes;
  for (const record::Fact& one : facts) {
    if (one.device != "boiler-1") continue;
    const record::Fact*& kept =
        minutes[recent::window_start(Resolution::minute, one.time)][one.time];
    if (kept == nullptr || kept->origin < one.origin) kept = &one;
  }
  std::vector<recent::Aggregate> expected;
  using Parts = std::map<Time, std::vector<recent::Aggregate>>;
  const auto merged = [](const Parts& wholes) {
    std::vector<recent::Aggregate> all;
    for (const auto& [start, parts] : wholes)
      all.push_back(recent::aggregate_parts(start, parts));
    return all;
  };
  Parts quarters;
  for (const auto& [start, by_time] : minutes) {
    std::vector<recent::Point> points;
    for (const auto& [time, one] : by_time) {
      points.push_back({time, one->value, one->quality, one->origin});
    }
    const auto minute = recent::aggregate_minute(start, points);
    if (minute.count == 0) continue;
    expected.push_back(minute);
    quarters[recent::window_start(Resolution::quarter, start)].push_back(minute);
  }
  Parts hours;
  for (const recent::Aggregate& quarter : merged(quarters)) {
    hours[recent::window_start(Resolution::hour, quarter.start)].push_back(quarter);
  }
  REQUIRE(expected.size() > 50);
  CHECK(path.windows("boiler-1", Resolution::minute) == expected);
  CHECK(path.windows("boiler-1", Resolution::quarter) == merged(quarters));
  CHECK(path.windows("boiler-1", Resolution::hour) == merged(hours));
}

TEST_CASE("how many beginnings are remembered changes no byte") {
  const auto facts = varied_facts(4, 200);
  Path reference;
  reference.feed(facts);
  reference.work();
  for (const std::size_t beginnings_max : {0, 1, 2}) {
    Path path;
    Committer committer{path.store, {.beginnings_max = beginnings_max}};
    path.worker = work_on(path.jobs, committer, path.clock, {});
    for (const record::Fact& one : facts) {
      path.feed({one});
      path.work();
    }
    CHECK(path.store.contents() == reference.store.contents());
  }
}

TEST_CASE("of one series and time the largest origin counts, then the largest replay") {
  Path path;
  const Time time = noon + std::chrono::seconds{5};
  auto replayed = fact("boiler-1", time, 9.0, 2);
  replayed.origin.replay = 1;
  path.feed({fact("boiler-1", time, 5.0, 2), fact("boiler-1", time, 4.0, 1)});
  path.work();
  CHECK(path.windows("boiler-1", Resolution::minute).at(0).mean == 5);
  path.feed({fact("boiler-1", time, 3.0, 0)});
  path.work();
  CHECK(path.windows("boiler-1", Resolution::minute).at(0).mean == 5);
  path.feed({replayed});
  path.work();
  CHECK(path.windows("boiler-1", Resolution::minute).at(0).mean == 9);
  CHECK(path.windows("boiler-1", Resolution::minute).at(0).count == 1);
}

TEST_CASE("a number that becomes a text takes its aggregates away") {
  Path path;
  path.feed({fact("boiler-1", noon, 5.0, 1)});
  path.work();
  REQUIRE(path.windows("boiler-1", Resolution::hour).size() == 1);
  path.feed({fact("boiler-1", noon, std::string{"fault"}, 2)});
  path.work();
  CHECK(path.windows("boiler-1", Resolution::minute).empty());
  CHECK(path.windows("boiler-1", Resolution::hour).empty());
  CHECK(path.store.reader().points("acme/boiler-1/temperature", time_min, time_max, 9)->size() ==
        1);
}

TEST_CASE("a crash between the commit and the finish changes no number") {
  const auto facts = varied_facts(3, 200);
  Path whole;
  whole.feed(facts);
  whole.work();
  Path crashed;
  crashed.feed(facts);
  // What a worker does up to its commit; then it dies holding the lease.
  const auto lease = crashed.jobs.lease("dead", noon, std::chrono::seconds{10}, 256);
  REQUIRE(lease);
  REQUIRE_FALSE(lease->jobs.empty());
  NewFacts held;
  for (const jobs::Job& job : lease->jobs)
    REQUIRE(held.add(job.series, job.facts));
  held.settle();
  REQUIRE(crashed.committer.commit(held));
  crashed.work();
  CHECK(crashed.jobs.depth()->jobs == lease->jobs.size());
  crashed.clock.advance(std::chrono::seconds{10});
  crashed.work();
  CHECK(crashed.jobs.depth()->jobs == 0);
  CHECK(crashed.store.contents() == whole.store.contents());
}

TEST_CASE("a full store holds the jobs back until there is room, and loses none") {
  Path path;
  recent::memory::Store tight{path.clock, {.limits = {}, .month_bytes_max = 10}};
  Committer committer{tight};
  path.feed({fact("boiler-1", noon, 5.0, 1)});
  const auto worker = work_on(path.jobs, committer, path.clock, {.holder = "tight"});
  for (int round = 0; round < 3; ++round) {
    const auto progress = worker->step();
    REQUIRE(progress);
    CHECK(*progress == work::Progress::idle);
    CHECK(path.jobs.depth()->jobs == 1);
  }
  path.work();
  CHECK(path.windows("boiler-1", Resolution::minute).size() == 1);
}

TEST_CASE("of a minute as many points are kept as the limit says, the same in every order") {
  std::vector<record::Fact> facts;
  for (int index = 0; index < 5; ++index) {
    facts.push_back(fact("boiler-1", noon + Duration{index}, double(index), std::uint64_t(index)));
  }
  SeededRandom random{5};
  for (int round = 0; round < 20; ++round) {
    Path path;
    Committer committer{path.store, {.minute_points_max = 4}};
    path.worker = work_on(path.jobs, committer, path.clock, {});
    shuffle(facts, random);
    for (const record::Fact& one : facts) {
      path.feed({one});
      path.work();
      const auto points = path.store.reader().minute("acme/boiler-1/temperature", noon);
      CHECK(points->size() <= 4);
    }
    const auto minute = path.windows("boiler-1", Resolution::minute).at(0);
    CHECK(minute.count == 4);
    CHECK(minute.max == 3);
  }
}

TEST_CASE("facts older than the time to live are done without effect") {
  Path path;
  path.feed({fact("boiler-1", *parse_time("2026-08-01T00:00:00Z"), 5.0, 1)});
  path.work();
  CHECK(path.jobs.depth()->jobs == 0);
  CHECK(path.store.contents().empty());
}

TEST_CASE("several workers on threads never hold one series at once and give the same bytes") {
  std::vector<record::Fact> facts;
  for (int index = 0; index < 2000; ++index) {
    facts.push_back(fact("d" + std::to_string(index % 50), noon + std::chrono::seconds{index / 50},
                         double(index), std::uint64_t(index)));
  }
  Path reference;
  reference.feed(facts);
  reference.work();
  Path path;
  std::atomic<bool> all_fed{false};
  std::vector<std::thread> threads;
  std::atomic<int> failures{0};
  for (const char* holder : {"stats-0", "stats-1", "stats-2"}) {
    threads.emplace_back([&, holder] {
      const auto worker =
          work_on(path.jobs, path.committer, path.clock, {.holder = holder, .leases_max = 3});
      while (!all_fed || path.jobs.depth()->jobs > 0) {
        if (!worker->step()) ++failures;
      }
    });
  }
  for (std::size_t from = 0; from < facts.size(); from += 100) {
    path.feed({facts.begin() + std::ptrdiff_t(from), facts.begin() + std::ptrdiff_t(from + 100)});
  }
  all_fed = true;
  for (std::thread& thread : threads)
    thread.join();
  CHECK(failures == 0);
  CHECK(path.store.contents() == reference.store.contents());
}

TEST_CASE("a job that holds no facts of its series stops the worker") {
  Path path;
  Bytes foreign;
  put_sized(foreign, record::encode(fact("boiler-2", noon, 1.0, 1)));
  for (const auto& [series, facts] :
       std::vector<std::pair<std::string, Bytes>>{{"acme/boiler-1/temperature", foreign},
                                                  {"acme/boiler-1/temperature", "garbage"},
                                                  {"acme", foreign}}) {
    Path damaged;
    REQUIRE(damaged.jobs.add({{series, facts}}, {{0}, {0}, {1}}));
    const auto step = damaged.worker->step();
    REQUIRE_FALSE(step);
    CHECK(step.error().outcome == Outcome::corrupt);
    CHECK(damaged.jobs.depth()->jobs == 1);
  }
}

TEST_CASE("expiry runs at the start and then once an hour") {
  Path path;
  path.feed({fact("boiler-1", noon, 5.0, 1)});
  path.work();
  const auto expiry = expire_hourly(path.committer, path.clock);
  REQUIRE(expiry->step());
  CHECK(path.store.contents().size() == 1);
  path.clock.set_wall(*parse_time("2027-03-15T00:00:00Z"));
  path.clock.advance(std::chrono::minutes{59});
  REQUIRE(expiry->step());
  CHECK(path.store.contents().size() == 1);
  path.clock.advance(std::chrono::minutes{1});
  REQUIRE(expiry->step());
  CHECK(path.store.contents().empty());
}

TEST_CASE("minutes that have expired are in no later hour") {
  Path path;
  for (int minute = 0; minute < 3; ++minute) {
    path.feed({fact("boiler-1", noon + std::chrono::minutes{minute}, 5.0, 1)});
    path.work();
  }
  CHECK(path.windows("boiler-1", Resolution::hour).at(0).count == 3);
  CHECK(*path.committer.expire(*parse_time("2027-03-15T00:00:00Z")) == 1);
  path.feed({fact("boiler-1", noon + std::chrono::minutes{3}, 5.0, 2)});
  path.work();
  CHECK(path.windows("boiler-1", Resolution::hour).at(0).count == 1);
}

}  // namespace cauce::stats
