// What every engine of the queue must do, whichever it is; an engine's test gives it a factory for
// empty queues. Each SUBCASE begins with a new one.
#pragma once

#include <doctest/doctest.h>

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "jobs/jobs.h"
#include "jobs/shards.h"

namespace cauce::jobs::contract {

using Make = std::function<std::unique_ptr<Jobs>(const Clock& clock, Limits limits)>;
using stream::Partition;
using stream::Position;

constexpr Duration lease_span = std::chrono::seconds{30};
constexpr Time noon = from_microseconds(1'795'262'400'000'000);  // 2026-11-21T12:00:00Z

inline stream::Source range(std::uint64_t from, std::uint64_t to, std::uint32_t partition = 0) {
  return {Partition{partition}, Position{from}, Position{to}};
}

inline NewJob job(std::string series, Bytes facts = "facts") {
  return {std::move(series), std::move(facts)};
}

// A series of the wanted shard; another one for each `number`.
inline std::string series_in(std::uint32_t shard, int number) {
  for (int index = 0;; ++index) {
    std::string series = "acme/d" + std::to_string(number) + "-" + std::to_string(index) + "/m";
    if (shard_of(series) == shard) return series;
  }
}

inline bool fails_with(const Result<void>& result, Outcome outcome) {
  return !result && result.error().outcome == outcome;
}

inline void adds(const Make& make) {
  const VirtualClock clock{noon};
  const auto jobs = make(clock, {});
  SUBCASE("jobs and the cursor move together") {
    CHECK(*jobs->cursor(Partition{0}) == Position{0});
    REQUIRE(
        jobs->add({job("acme/a/m", "one"), job("acme/a/m", std::string("t\0o", 3))}, range(0, 7)));
    CHECK(*jobs->cursor(Partition{0}) == Position{7});
    CHECK(*jobs->cursor(Partition{1}) == Position{0});
    REQUIRE(jobs->add({}, range(7, 9)));
    REQUIRE(jobs->add({}, range(0, 3, 1)));
    CHECK(*jobs->cursor(Partition{0}) == Position{9});
    CHECK(*jobs->cursor(Partition{1}) == Position{3});
    const auto lease = jobs->lease("w", noon, lease_span, 256);
    REQUIRE(lease);
    CHECK(lease->shard == shard_of("acme/a/m"));
    CHECK(lease->holder == "w");
    REQUIRE(lease->jobs.size() == 2);
    CHECK(lease->jobs[0].series == "acme/a/m");
    CHECK(lease->jobs[0].facts == "one");
    CHECK(lease->jobs[1].facts == std::string("t\0o", 3));
    CHECK(lease->jobs[0].id != lease->jobs[1].id);
  }
  SUBCASE("a range that does not begin at the cursor is a conflict and leaves no job") {
    REQUIRE(jobs->add({job("acme/a/m")}, range(0, 7)));
    for (const std::uint64_t from : {0, 6, 8}) {
      CHECK(fails_with(jobs->add({job("acme/b/m")}, range(from, 9)), Outcome::conflict));
    }
    CHECK(jobs->depth()->jobs == 1);
    CHECK(*jobs->cursor(Partition{0}) == Position{7});
  }
  SUBCASE("a job takes as many bytes as the limit says and not one more") {
    REQUIRE(jobs->add({job("acme/a/m", Bytes(job_bytes_max, 'x'))}, range(0, 1)));
    CHECK(fails_with(
        jobs->add({job("acme/a/m"), job("acme/a/m", Bytes(job_bytes_max + 1, 'x'))}, range(1, 2)),
        Outcome::invalid));
    CHECK(fails_with(jobs->add({job("")}, range(1, 2)), Outcome::invalid));
    CHECK(fails_with(jobs->add({}, range(1, 0)), Outcome::invalid));
    CHECK(jobs->depth()->jobs == 1);
    CHECK(jobs->lease("w", noon, lease_span, 256)->jobs.at(0).facts.size() == job_bytes_max);
  }
}

inline void leases(const Make& make) {
  const VirtualClock clock{noon};
  const auto jobs = make(clock, {});
  const std::string series = series_in(3, 1);
  REQUIRE(jobs->add({job(series, "1"), job(series_in(3, 2), "2"), job(series, "3")}, range(0, 3)));
  const auto lease = [&](const char* holder, Time now) {
    return *jobs->lease(holder, now, lease_span, 256);
  };
  SUBCASE("a shard has one holder, until the lease is over") {
    CHECK(lease("a", noon).jobs.size() == 3);
    CHECK(lease("b", noon).jobs.empty());
    CHECK(lease("a", noon).jobs.empty());
    CHECK(lease("b", noon + lease_span - Duration{1}).jobs.empty());
    CHECK(lease("b", noon + lease_span).jobs.size() == 3);
  }
  SUBCASE("another shard goes to another holder") {
    REQUIRE(jobs->add({job(series_in(4, 1))}, range(3, 4)));
    const Lease first = lease("a", noon);
    const Lease second = lease("b", noon);
    CHECK(first.shard != second.shard);
    CHECK(first.jobs.size() + second.jobs.size() == 4);
  }
  SUBCASE("finished jobs are gone, those that came meanwhile are not") {
    const Lease held = lease("a", noon);
    REQUIRE(jobs->add({job(series, "4")}, range(3, 4)));
    REQUIRE(jobs->finish(held, noon));
    const Lease next = lease("b", noon);
    REQUIRE(next.jobs.size() == 1);
    CHECK(next.jobs[0].facts == "4");
  }
  SUBCASE("what is given back comes again, to whoever asks") {
    const Lease held = lease("a", noon);
    REQUIRE(jobs->give_back(held));
    const Lease again = lease("b", noon);
    REQUIRE(again.jobs.size() == held.jobs.size());
    for (std::size_t index = 0; index < held.jobs.size(); ++index) {
      CHECK(again.jobs[index].id == held.jobs[index].id);
      CHECK(again.jobs[index].facts == held.jobs[index].facts);
    }
  }
  SUBCASE("who has lost the lease cannot finish, nor give back") {
    const Lease late = lease("a", noon);
    const Lease held = lease("b", noon + lease_span);
    CHECK(fails_with(jobs->finish(late, noon + lease_span), Outcome::conflict));
    CHECK(fails_with(jobs->give_back(late), Outcome::conflict));
    CHECK(jobs->depth()->jobs == 3);
    CHECK(lease("c", noon + lease_span).jobs.empty());
    REQUIRE(jobs->finish(held, noon + lease_span));
    CHECK(fails_with(jobs->finish(late, noon + lease_span), Outcome::conflict));
    CHECK(jobs->depth()->jobs == 0);
  }
  SUBCASE("a lease that is over but that nobody else took can still be finished") {
    const Lease held = lease("a", noon);
    CHECK(jobs->finish(held, noon + 2 * lease_span));
    CHECK(jobs->depth()->jobs == 0);
  }
}

inline void limits(const Make& make) {
  VirtualClock clock{noon};
  SUBCASE("jobs_max is full, one more is exhausted, and room returns with a finished lease") {
    const auto jobs = make(clock, {.jobs_max = 3});
    REQUIRE(jobs->add({job("acme/a/m"), job("acme/a/m")}, range(0, 2)));
    CHECK(
        fails_with(jobs->add({job("acme/a/m"), job("acme/a/m")}, range(2, 4)), Outcome::exhausted));
    REQUIRE(jobs->add({job("acme/a/m")}, range(2, 3)));
    CHECK(fails_with(jobs->add({job("acme/a/m")}, range(3, 4)), Outcome::exhausted));
    CHECK(*jobs->cursor(Partition{0}) == Position{3});
    REQUIRE(jobs->add({}, range(3, 4)));
    REQUIRE(jobs->finish(*jobs->lease("w", noon, lease_span, 1), noon));
    CHECK(jobs->add({job("acme/a/m")}, range(4, 5)));
  }
  SUBCASE("an empty queue takes a batch of any size: it would never fit later") {
    const auto jobs = make(clock, {.jobs_max = 1});
    CHECK(jobs->add({job("acme/a/m"), job("acme/b/m")}, range(0, 2)));
  }
  SUBCASE("a lease takes the oldest jobs, up to its number") {
    const auto jobs = make(clock, {});
    std::vector<NewJob> many;
    for (int index = 0; index < 257; ++index)
      many.push_back(job("acme/a/m", std::to_string(index)));
    REQUIRE(jobs->add(many, range(0, 1)));
    const Lease first = *jobs->lease("w", noon, lease_span, 256);
    REQUIRE(first.jobs.size() == 256);
    CHECK(first.jobs.front().facts == "0");
    CHECK(first.jobs.back().facts == "255");
    REQUIRE(jobs->finish(first, noon));
    const Lease second = *jobs->lease("w", noon, lease_span, 256);
    REQUIRE(second.jobs.size() == 1);
    CHECK(second.jobs[0].facts == "256");
  }
  SUBCASE("a lease ends with the job that reaches its bytes") {
    const auto jobs = make(clock, {.lease_bytes_max = 10});
    REQUIRE(jobs->add({job("acme/a/m", "12345"), job("acme/a/m", "12345"), job("acme/a/m", "1")},
                      range(0, 1)));
    CHECK(jobs->lease("w", noon, lease_span, 256)->jobs.size() == 2);
  }
  SUBCASE("the depth tells how many wait, and since when") {
    const auto jobs = make(clock, {});
    CHECK(jobs->depth()->jobs == 0);
    REQUIRE(jobs->add({job(series_in(9, 1))}, range(0, 1)));
    clock.advance(std::chrono::seconds{5});
    REQUIRE(jobs->add({job(series_in(2, 1)), job(series_in(9, 2))}, range(1, 3)));
    CHECK(jobs->depth()->jobs == 3);
    CHECK(jobs->depth()->oldest_added_at == noon);
    while (jobs->depth()->jobs > 2) {
      const Lease lease = *jobs->lease("w", noon, lease_span, 1);
      if (lease.shard == 9) REQUIRE(jobs->finish(lease, noon));
    }
    CHECK(jobs->depth()->oldest_added_at == noon + std::chrono::seconds{5});
  }
}

// Workers lease, keep and finish as fast as they can while one thread adds.
inline void many_threads(const Make& make) {
  const VirtualClock clock{noon};
  const auto jobs = make(clock, {});
  constexpr int batches = 50;
  constexpr int batch_jobs = 40;
  std::mutex mutex;  // guards the two below
  std::map<std::string, int> seen;
  std::set<std::uint32_t> held;
  std::atomic<int> twice{0};
  std::atomic<int> finished{0};
  const auto work = [&](const std::string& holder) {
    while (finished < batches * batch_jobs) {
      const auto lease = jobs->lease(holder, noon, lease_span, 7);
      if (!lease || lease->jobs.empty()) {
        std::this_thread::yield();
        continue;
      }
      {
        const std::lock_guard lock{mutex};
        if (!held.insert(lease->shard).second) ++twice;
        for (const Job& done : lease->jobs)
          ++seen[done.facts];
      }
      std::this_thread::yield();
      {
        const std::lock_guard lock{mutex};
        held.erase(lease->shard);
      }
      if (jobs->finish(*lease, noon)) finished += int(lease->jobs.size());
    }
  };
  std::vector<std::thread> workers;
  for (const char* holder : {"a", "b", "c"})
    workers.emplace_back(work, holder);
  int added = 0;
  for (int batch = 0; batch < batches; ++batch) {
    std::vector<NewJob> many;
    for (int index = 0; index < batch_jobs; ++index, ++added) {
      many.push_back(job("acme/d" + std::to_string(added % 97) + "/m", std::to_string(added)));
    }
    CHECK(jobs->add(many, range(std::uint64_t(batch), std::uint64_t(batch) + 1)));
  }
  for (std::thread& worker : workers)
    worker.join();
  CHECK(twice == 0);
  CHECK(seen.size() == std::size_t(added));
  for (const auto& [facts, count] : seen)
    CHECK(count == 1);
  CHECK(jobs->depth()->jobs == 0);
}

inline void check(const Make& make) {
  adds(make);
  leases(make);
  limits(make);
  SUBCASE("many threads share the jobs: each is done once") {
    many_threads(make);
  }
}

}  // namespace cauce::jobs::contract
