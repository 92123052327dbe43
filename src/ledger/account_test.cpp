#include "ledger/account.h"

#include <doctest/doctest.h>

#include "base/random.h"

namespace cauce::ledger {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

const Time noon = *parse_time("2026-11-21T12:00:00Z");

// One device, and stream time as the gateway's ticks move it.
struct Trial {
  Account account;
  record::StreamClock clock;
  std::vector<Closed> closed;
  Time now = noon;

  Trial() { clock.advance(now); }

  // Nothing comes for so long, and the gateway says so each second.
  void rest(Duration span) {
    const Time end = now + span;
    while (now < end) {
      now = std::min(end, now + seconds{1});
      clock.advance(now);
    }
  }
  // We were away for so long.
  void be_away(Duration span) { now += span; }

  void hears(Arrival arrival = {}) {
    clock.advance(now);
    arrival.received_at = now;
    account.enter(arrival, clock, closed);
  }
  void hears_number(std::uint64_t number, std::string_view sequence = "seq") {
    Arrival arrival;
    arrival.readings = 1;
    arrival.sequence = sequence;
    arrival.numbers = {number};
    arrival.is_one_of_a_kind = true;
    arrival.mark = number;
    hears(arrival);
  }
};

Arrival marked(std::uint64_t mark) {
  Arrival arrival;
  arrival.is_one_of_a_kind = true;
  arrival.mark = mark;
  return arrival;
}

}  // namespace

TEST_CASE_FIXTURE(Trial, "messages, bytes, readings and dead letters are counted") {
  Arrival arrival;
  arrival.payload_bytes = 100;
  arrival.readings = 3;
  hears(arrival);
  rest(seconds{10});
  arrival.readings = 0;
  arrival.is_dead_letter = true;
  hears(arrival);
  CHECK(account.total().messages == 2);
  CHECK(account.total().payload_bytes == 200);
  CHECK(account.total().readings == 3);
  CHECK(account.total().dead_letters == 1);
  CHECK(account.first_seen() == noon);
  CHECK(account.last_seen() == noon + seconds{10});
  CHECK(account.hour().tally == account.total());
  CHECK(account.day().tally == account.total());
}

TEST_CASE_FIXTURE(Trial, "the same message again is a duplicate when it can be told") {
  hears(marked(1));
  hears(marked(2));
  hears(marked(1));
  CHECK(account.total().duplicates == 1);
  CHECK(account.total().messages == 3);
  CHECK(account.tells_duplicates());
  Trial other;
  Arrival same;
  same.mark = 5;
  other.hears(same);
  other.hears(same);
  CHECK(other.account.total().duplicates == 0);
  CHECK_FALSE(other.account.tells_duplicates());
}

TEST_CASE("a message that comes again is known among as many as are remembered, and no more") {
  for (const std::size_t between : {Account::marks_max - 1, Account::marks_max}) {
    Trial trial;
    trial.hears(marked(1000));
    for (std::size_t other = 0; other < between; ++other)
      trial.hears(marked(other));
    trial.hears(marked(1000));
    CHECK(trial.account.total().duplicates == (between < Account::marks_max ? 1 : 0));
  }
}

TEST_CASE_FIXTURE(Trial, "a duplicate counts no number twice") {
  hears_number(1);
  hears_number(2);
  hears_number(1);
  hears_number(4);
  CHECK(account.total().duplicates == 1);
  CHECK(account.total().missing == 1);
  CHECK(account.total().repeated == 0);
  CHECK(account.total().restarts == 0);
}

TEST_CASE_FIXTURE(Trial, "what is typical and the longest silence are known") {
  for (int count = 0; count < 10; ++count) {
    hears();
    rest(seconds{60});
  }
  rest(hours{2});
  hears();
  CHECK(account.intervals().median() == seconds{60});
  CHECK(account.total().silence_longest == hours{2} + seconds{60});
  CHECK(account.total().silence_until == now);
}

TEST_CASE_FIXTURE(Trial, "our own outage is nobody's silence") {
  hears();
  rest(seconds{60});
  hears();
  be_away(hours{5});
  rest(seconds{3});  // back again
  hears();
  CHECK(account.intervals().count() == 1);
  CHECK(account.total().silence_longest == seconds{60});
}

TEST_CASE_FIXTURE(Trial, "the clock of a device is behind or ahead of its arrival") {
  Arrival arrival;
  for (const int skew : {2, 3, 3600, -5, 4}) {
    rest(seconds{10});
    arrival.measured_at = now - seconds{skew};
    arrival.newest_reading = arrival.measured_at;
    hears(arrival);
  }
  CHECK(account.last_skew() == seconds{4});
  CHECK(account.skews().median() == seconds{3});
  CHECK(account.total().behind_most == hours{1});
  CHECK(account.total().ahead_most == -seconds{5});
  CHECK(account.newest_reading() == now - seconds{4});
  hears();
  CHECK(account.skews().count() == 5);  // without a time of its own there is none
}

TEST_CASE_FIXTURE(Trial, "without a value that counts there are no gaps") {
  Arrival arrival;
  arrival.readings = 1;
  hears(arrival);
  CHECK_FALSE(account.has_sequence());
  arrival.sequence = "seq";
  arrival.numbers_unusable = 1;
  hears(arrival);
  CHECK(account.has_sequence());
  CHECK(account.without_number() == 1);
  CHECK(account.unusable_numbers() == 1);
  arrival.is_dead_letter = true;  // nobody knows what it would have said
  arrival.readings = 0;
  hears(arrival);
  CHECK(account.without_number() == 1);
  CHECK_FALSE(account.counter().last());
}

TEST_CASE_FIXTURE(Trial, "another value that counts makes no gap") {
  hears_number(5);
  hears_number(70, "other");
  hears_number(71, "other");
  CHECK(account.total().missing == 0);
  CHECK(account.counter().last() == 71);
}

TEST_CASE_FIXTURE(Trial, "several numbers in a message count in their order") {
  Arrival arrival;
  arrival.readings = 3;
  arrival.sequence = "seq";
  arrival.numbers = {1, 2, 4};
  hears(arrival);
  CHECK(account.total().missing == 1);
}

TEST_CASE_FIXTURE(Trial, "an hour and a day are over with the first message of the next") {
  hears();
  rest(minutes{59});
  hears();
  CHECK(closed.empty());
  rest(minutes{1});
  hears();
  REQUIRE(closed.size() == 1);
  CHECK(closed[0].span == hour_span);
  CHECK(closed[0].bucket.start == noon);
  CHECK(closed[0].bucket.tally.messages == 2);
  CHECK(account.hour().tally.messages == 1);
  be_away(hours{24});
  hears();
  REQUIRE(closed.size() == 3);
  CHECK(closed[2].span == day_span);
  CHECK(closed[2].bucket.tally.messages == 3);
  CHECK(closed[2].bucket.start == *parse_time("2026-11-21T00:00:00Z"));
  CHECK(account.total().messages == 4);
}

TEST_CASE("whatever comes, an account is bounded, read back, and refused when it is damaged") {
  SeededRandom random{5};
  Trial trial;
  std::size_t longest = 0;
  for (int step = 0; step < 3000; ++step) {
    trial.now += Duration{random.below(step % 50 == 0 ? 40'000'000'000 : 3'000'000)};
    Arrival arrival;
    arrival.payload_bytes = random.below(1 << 20);
    arrival.readings = random.below(5);
    arrival.is_dead_letter = random.below(9) == 0;
    arrival.is_one_of_a_kind = random.below(4) != 0;
    arrival.mark = random.below(100);
    if (random.below(2) == 0)
      arrival.measured_at = Time{Duration{random.below(to_microseconds(time_max))}};
    if (random.below(50) != 0) arrival.sequence = "seq";
    arrival.numbers = {random.below(number_max), random.below(1000) + step};
    trial.hears(arrival);
    const Bytes bytes = trial.account.encode();
    longest = std::max(longest, bytes.size());
    if (step % 30 != 0) continue;
    const auto same = Account::decode(bytes);
    REQUIRE(same);
    REQUIRE(*same == trial.account);
    for (std::size_t length = 0; length < bytes.size(); length += 1 + length / 8)
      REQUIRE_FALSE(Account::decode(BytesView{bytes}.substr(0, length)));
    Bytes damaged = bytes;
    damaged[random.below(damaged.size())] ^= char(1 + random.below(255));
    (void)Account::decode(damaged);  // anything but a crash
    REQUIRE_FALSE(Account::decode(bytes + 'x'));
  }
  CHECK(longest <= 2000);
  CHECK(sizeof(Account) + Counter::gaps_max * sizeof(Gap) +
            Counter::restarts_max * sizeof(Restart) <=
        2048);
}

TEST_CASE("an account of a newer program is refused") {
  Bytes bytes = Account{}.encode();
  CHECK(Account::decode(bytes));
  bytes[0] = 2;
  CHECK_FALSE(Account::decode(bytes));
}

TEST_CASE("a mark is of the bytes and the time") {
  CHECK(mark_of("payload", noon) == mark_of("payload", noon));
  CHECK(mark_of("payload", noon) != mark_of("payload", noon + Duration{1}));
  CHECK(mark_of("payload", noon) != mark_of("payloae", noon));
  CHECK(mark_of("payload", {}) != mark_of(Bytes("payload") + char(0), {}));
}

}  // namespace cauce::ledger
