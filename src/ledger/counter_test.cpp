#include "ledger/counter.h"

#include <doctest/doctest.h>

#include "base/random.h"
#include "ledger/arrival.h"

namespace cauce::ledger {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

const Time noon = *parse_time("2026-11-21T12:00:00Z");

// A counter whose messages come a second apart, and say when they were measured or do not.
struct Trial {
  Counter counter;
  Tally tally;
  Time now = noon;

  Trial& hears(std::initializer_list<std::uint64_t> numbers) {
    for (const std::uint64_t number : numbers) {
      now += seconds{1};
      counter.count(number, now, std::nullopt, tally);
    }
    return *this;
  }
  Trial& hears(std::uint64_t number, Time measured_at) {
    now += seconds{1};
    counter.count(number, now, measured_at, tally);
    return *this;
  }
  std::vector<std::pair<std::uint64_t, std::uint64_t>> gaps() const {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> found;
    for (const Gap& gap : counter.gaps())
      found.emplace_back(gap.from, gap.to);
    return found;
  }
};

using Gaps = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

}  // namespace

TEST_CASE_FIXTURE(Trial, "a counter that goes on one by one says nothing") {
  hears({7, 8, 9, 10});
  CHECK(tally == Tally{});
  CHECK(counter.last() == 10);
  CHECK(counter.gaps().empty());
}

TEST_CASE_FIXTURE(Trial, "numbers that are left out are missing") {
  hears({1, 2, 5, 6, 8});
  CHECK(tally.missing == 3);
  CHECK(gaps() == Gaps{{3, 4}, {7, 7}});
  CHECK(counter.gaps()[0].noticed_at == noon + seconds{3});
}

TEST_CASE_FIXTURE(Trial, "what comes late makes its gap smaller and is not missing twice") {
  hears({1, 10, 5});
  CHECK(gaps() == Gaps{{2, 4}, {6, 9}});
  hears({2, 9, 3, 4});
  CHECK(gaps() == Gaps{{6, 8}});
  hears({7, 6, 8, 11});
  CHECK(counter.gaps().empty());
  CHECK(tally.missing == 8);
  CHECK(tally.late == 8);
  CHECK(tally.restarts == 0);
  CHECK(tally.repeated == 0);
  CHECK(counter.last() == 11);
}

TEST_CASE_FIXTURE(Trial, "a number again is repeated and leaves no gap") {
  hears({5, 6, 6, 5, 7});
  CHECK(tally.repeated == 2);
  CHECK(tally.missing == 0);
  CHECK(tally.restarts == 0);
  CHECK(counter.last() == 7);
}

TEST_CASE_FIXTURE(Trial, "a counter that begins at 0 or 1 was restarted") {
  hears({500, 501, 0, 1, 2});
  CHECK(tally.restarts == 1);
  CHECK(tally.missing == 0);
  hears({1});
  CHECK(tally.restarts == 2);
  REQUIRE(counter.restarts().size() == 2);
  CHECK(counter.restarts()[0] == Restart{501, 0, noon + seconds{3}});
  CHECK(counter.restarts()[1].from == 2);
}

TEST_CASE_FIXTURE(Trial, "a counter that goes on from an older number was restarted there") {
  hears({500, 501, 400, 401, 402});
  CHECK(tally.restarts == 1);
  CHECK(tally.repeated == 0);
  CHECK(counter.restarts()[0].to == 400);
  hears({300, 302});
  CHECK(tally.restarts == 2);
  CHECK(tally.missing == 1);
  CHECK(gaps() == Gaps{{301, 301}});
}

TEST_CASE_FIXTURE(Trial, "a restart is told by a time that goes on") {
  hears(500, noon).hears(300, noon + seconds{10}).hears(302, noon + seconds{20});
  CHECK(tally.restarts == 1);
  CHECK(tally.missing == 1);
  CHECK(tally.repeated == 0);
}

TEST_CASE_FIXTURE(Trial, "messages of before, sent once more, are no restart") {
  for (std::uint64_t number = 0; number < 200; ++number)
    hears(number, noon + seconds{number});
  for (std::uint64_t number = 0; number < 200; ++number)
    hears(number, noon + seconds{number});
  hears(200, noon + seconds{200});
  CHECK(tally.repeated == 200);
  CHECK(tally.restarts == 0);
  CHECK(tally.missing == 0);
}

TEST_CASE_FIXTURE(Trial, "what was sent once more without a time leaves no gap behind it") {
  hears({198, 199, 200});
  for (std::uint64_t number = 100; number <= 140; ++number)
    hears({number});
  hears({201, 202, 205});
  CHECK(tally.missing == 2);
  CHECK(gaps() == Gaps{{203, 204}});
  CHECK(counter.last() == 205);
}

TEST_CASE_FIXTURE(Trial, "a device that lost its number and its time was restarted") {
  const Time long_ago = *parse_time("2000-01-01T00:00:00Z");
  hears(500, noon).hears(501, noon + seconds{1});
  hears(0, long_ago).hears(1, long_ago + seconds{1}).hears(3, long_ago + seconds{3});
  CHECK(tally.restarts == 1);
  CHECK(tally.missing == 1);
  CHECK(tally.repeated == 0);
  hears(4, noon + hours{1});
  CHECK(tally.restarts == 1);
  CHECK(counter.last() == 4);
}

TEST_CASE_FIXTURE(Trial, "a time far ahead, once, does not hide what comes after it") {
  hears(500, noon).hears(501, *parse_time("2099-01-01T00:00:00Z"));
  hears(502, noon + seconds{2}).hears(505, noon + seconds{5});
  CHECK(tally.missing == 2);
  hears(300, noon + seconds{10}).hears(301, noon + seconds{11});
  CHECK(tally.restarts == 1);
  CHECK(tally.repeated == 0);
}

TEST_CASE_FIXTURE(Trial, "what was measured before a restart belongs to the time before it") {
  hears(500, noon).hears(503, noon + seconds{3});
  hears(0, noon + seconds{100}).hears(1, noon + seconds{101});
  hears(501, noon + seconds{1});  // late
  hears(503, noon + seconds{3});  // again
  hears(2, noon + seconds{102});
  CHECK(tally.missing == 2);
  CHECK(tally.late == 1);
  CHECK(tally.repeated == 1);
  CHECK(tally.restarts == 1);
  CHECK(gaps() == Gaps{{502, 502}});
  CHECK(counter.last() == 2);
}

TEST_CASE("a counter of 8, 16 or 32 bits begins again behind its last number") {
  for (const std::uint64_t modulus : {1ULL << 8, 1ULL << 16, 1ULL << 32}) {
    CAPTURE(modulus);
    Trial trial;
    trial.hears({modulus - 2, modulus - 1, 0, 1});
    CHECK(trial.tally == Tally{});
    // Now that it is known, gaps and late numbers are seen across the end too.
    trial.hears({modulus - 3});
    CHECK(trial.tally.restarts == 0);
    trial.hears({modulus / 2, modulus - 10, 3});
    CHECK(trial.gaps().back() == std::pair{std::uint64_t{0}, std::uint64_t{2}});
    CHECK(trial.counter.last() == 3);
    trial.hears({modulus - 4});
    CHECK(trial.tally.late == 1);
  }
}

TEST_CASE_FIXTURE(Trial, "a number beyond what was thought to be its last takes that back") {
  hears({254, 255, 0, 100, 200, 255, 256, 257});
  CHECK(counter.last() == 257);
  hears({0});
  CHECK(tally.restarts == 1);
}

TEST_CASE("a gap is at most so wide, and a wider one is a new beginning") {
  Trial trial;
  trial.hears({0, Counter::gap_numbers_max + 1});
  CHECK(trial.tally.missing == Counter::gap_numbers_max);
  CHECK(trial.tally.restarts == 0);
  trial.hears({2 * Counter::gap_numbers_max + 3});
  CHECK(trial.tally.missing == Counter::gap_numbers_max);
  CHECK(trial.tally.restarts == 1);
}

TEST_CASE("as many gaps and restarts are kept as there is room for, the latest") {
  Trial trial;
  std::uint64_t number = 0;
  for (std::size_t gap = 0; gap < Counter::gaps_max; ++gap)
    trial.hears({number += 2});
  trial.hears({number += 2});
  CHECK(trial.counter.gaps().size() == Counter::gaps_max);
  CHECK(trial.gaps().front() == std::pair{std::uint64_t{3}, std::uint64_t{3}});
  trial.hears({number += 2});
  CHECK(trial.counter.gaps().size() == Counter::gaps_max);
  CHECK(trial.gaps().front() == std::pair{std::uint64_t{5}, std::uint64_t{5}});
  CHECK(trial.tally.missing == Counter::gaps_max + 1);
  for (std::size_t restart = 0; restart < Counter::restarts_max; ++restart)
    trial.hears({0, 5 + restart});
  CHECK(trial.counter.restarts().size() == Counter::restarts_max);
  trial.hears({0});
  CHECK(trial.counter.restarts().size() == Counter::restarts_max);
  CHECK(trial.counter.restarts().front().from == 5);
  // A gap in the middle of another, when there is no room for one more.
  Trial full;
  full.hears({0, 10});
  for (std::size_t gap = 1; gap < Counter::gaps_max; ++gap)
    full.hears({*full.counter.last() + 2});
  full.hears({5});
  CHECK(full.counter.gaps().size() == Counter::gaps_max);
  CHECK(full.gaps().front() == std::pair{std::uint64_t{6}, std::uint64_t{9}});
}

TEST_CASE_FIXTURE(Trial, "another value that counts begins without a gap") {
  hears({5, 9});
  counter.forget();
  hears({1'000, 1'001});
  CHECK(tally.missing == 3);
  CHECK(tally.restarts == 0);
  CHECK(counter.gaps().empty());
}

TEST_CASE("the largest numbers are counted like others") {
  Trial trial;
  trial.hears({number_max - 2, number_max, 0, number_max});
  CHECK(trial.tally.missing == 1);
  CHECK(trial.tally.restarts == 2);
  CHECK(trial.counter.last() == number_max);
}

TEST_CASE("whatever numbers come, what is kept is bounded and read back") {
  SeededRandom random{11};
  Trial trial;
  const auto some = [&random](std::uint64_t below) { return random.below(below); };
  for (int step = 0; step < 20'000; ++step) {
    const std::uint64_t range = std::uint64_t{1} << (1 + some(53));
    const std::uint64_t number =
        some(3) == 0 ? some(range)
                     : std::min(number_max, trial.counter.last().value_or(0) + some(4));
    if (some(2) == 0) {
      trial.hears({number});
    } else {
      trial.hears(number, noon + seconds{some(100'000)});
    }
    REQUIRE(trial.counter.gaps().size() <= Counter::gaps_max);
    REQUIRE(trial.counter.restarts().size() <= Counter::restarts_max);
    REQUIRE(trial.tally.late <= trial.tally.missing);
    for (const Gap& gap : trial.counter.gaps())
      REQUIRE(gap.from <= gap.to);
    if (step % 100 != 0) continue;
    Bytes bytes;
    trial.counter.put(bytes);
    Counter same;
    ByteReader reader{bytes};
    REQUIRE(same.take(reader));
    REQUIRE(reader.complete());
    REQUIRE(same == trial.counter);
  }
}

}  // namespace cauce::ledger
