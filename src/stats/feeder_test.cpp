#include "stats/feeder.h"

#include <doctest/doctest.h>

#include <map>

#include "base/clock.h"
#include "jobs/memory/memory.h"
#include "record/fact.h"

namespace cauce::stats {
namespace {

const Time noon = *parse_time("2026-11-21T12:00:00Z");

Bytes encoded(const std::string& device, record::Value value, std::uint64_t position) {
  record::Fact fact;
  fact.company = "acme";
  fact.device = device;
  fact.metric = "temperature";
  fact.time = noon;
  fact.received_at = noon;
  fact.value = std::move(value);
  fact.origin.position = position;
  return record::encode(fact);
}

stream::Batch batch_of(std::uint64_t from, std::vector<Bytes> records) {
  const stream::Position to{from + records.size()};
  return {{0}, {from}, to, std::move(records), {}};
}

// All jobs of the queue, by series, with the facts in them.
std::map<std::string, std::vector<std::vector<Bytes>>> queued(jobs::Jobs& jobs) {
  std::map<std::string, std::vector<std::vector<Bytes>>> found;
  for (;;) {
    const auto lease = jobs.lease("w", noon, Duration{1}, 256);
    REQUIRE(lease);
    if (lease->jobs.empty()) return found;
    for (const jobs::Job& job : lease->jobs) {
      CHECK(job.facts.size() <= jobs::job_bytes_max);
      auto& facts = found[job.series].emplace_back();
      ByteReader reader{job.facts};
      while (reader.remaining() > 0)
        facts.emplace_back(reader.sized());
      CHECK(reader.complete());
    }
    REQUIRE(jobs.finish(*lease, noon));
  }
}

}  // namespace

TEST_CASE("a batch becomes one job for each series, with its facts in order") {
  const VirtualClock clock{noon};
  jobs::memory::Queue jobs{clock, {}};
  int wakes = 0;
  Feeder feeder{jobs, {0}, [&] { ++wakes; }};
  const Bytes a = encoded("a", 1.0, 0);
  const Bytes b = encoded("b", std::string{"on"}, 1);
  const Bytes c = encoded("a", true, 2);
  REQUIRE(feeder.deliver(batch_of(0, {a, b, c})));
  CHECK(*feeder.resume_at() == stream::Position{3});
  CHECK(wakes == 1);
  const auto found = queued(jobs);
  REQUIRE(found.size() == 2);
  REQUIRE(found.at("acme/a/temperature").size() == 1);
  CHECK(found.at("acme/a/temperature")[0] == std::vector{a, c});
  CHECK(found.at("acme/b/temperature").at(0) == std::vector{b});
}

TEST_CASE("a series with more facts than a job holds gets several jobs, and loses none") {
  const VirtualClock clock{noon};
  jobs::memory::Queue jobs{clock, {}};
  Feeder feeder{jobs, {0}, [] {}};
  std::vector<Bytes> records;
  for (std::uint64_t index = 0; index < 200; ++index) {
    records.push_back(encoded("a", std::string(4096, 'x'), index));
  }
  REQUIRE(feeder.deliver(batch_of(0, records)));
  const auto found = queued(jobs);
  CHECK(found.at("acme/a/temperature").size() == 4);
  std::vector<Bytes> together;
  for (const auto& job : found.at("acme/a/temperature")) {
    together.insert(together.end(), job.begin(), job.end());
  }
  CHECK(together == records);
}

TEST_CASE("a batch without records moves the cursor and wakes nobody") {
  const VirtualClock clock{noon};
  jobs::memory::Queue jobs{clock, {}};
  int wakes = 0;
  Feeder feeder{jobs, {0}, [&] { ++wakes; }};
  REQUIRE(feeder.deliver({{0}, {0}, {5}, {}, {}}));
  CHECK(*feeder.resume_at() == stream::Position{5});
  CHECK(wakes == 0);
}

TEST_CASE("a full queue refuses the batch whole, and takes it later") {
  const VirtualClock clock{noon};
  jobs::memory::Queue jobs{clock, {.jobs_max = 2}};
  Feeder feeder{jobs, {0}, [] {}};
  REQUIRE(feeder.deliver(batch_of(0, {encoded("a", 1.0, 0)})));
  const auto batch = batch_of(1, {encoded("a", 1.0, 1), encoded("b", 1.0, 2)});
  const auto refused = feeder.deliver(batch);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().outcome == Outcome::exhausted);
  CHECK(*feeder.resume_at() == stream::Position{1});
  queued(jobs);
  CHECK(feeder.deliver(batch));
}

TEST_CASE("a record that is no fact is corrupt, and names its position") {
  const VirtualClock clock{noon};
  jobs::memory::Queue jobs{clock, {}};
  Feeder feeder{jobs, {0}, [] {}};
  const auto delivered = feeder.deliver(batch_of(7, {encoded("a", 1.0, 0), "garbage"}));
  REQUIRE_FALSE(delivered);
  CHECK(delivered.error().outcome == Outcome::corrupt);
  CHECK(delivered.error().message.find("position 8") != std::string::npos);
  CHECK(jobs.depth()->jobs == 0);
}

}  // namespace cauce::stats
