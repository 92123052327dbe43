#include "ledger/ledger.h"

#include <doctest/doctest.h>
#include <stdlib.h>

#include "base/random.h"
#include "ledger/ledger_reader.h"
#include "ledger/ledger_tables.h"
#include "sql/database.h"

namespace cauce::ledger {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

const Time noon = *parse_time("2026-11-21T12:00:00Z");
constexpr stream::Partition only{0};

struct Directory {
  std::filesystem::path path;

  Directory() {
    std::string name = (std::filesystem::temp_directory_path() / "ledger.XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Directory() { std::filesystem::remove_all(path); }
};

struct Fixture {
  Directory directory;
  VirtualClock clock{noon};
  LedgerReader reader{directory.path};
  std::unique_ptr<Ledger> ledger;

  Fixture() { open(); }

  // As after kill -9: what was not kept is gone.
  void open(LedgerLimits limits = {}) {
    ledger.reset();
    auto opened = Ledger::open(directory.path, only, clock, limits);
    if (!opened) FAIL(opened.error().message);
    ledger = *std::move(opened);
  }

  static Arrival arrival_at(std::uint64_t position, Time began = noon) {
    Arrival arrival;
    arrival.received_at = began + seconds{position};
    arrival.payload_bytes = 10;
    arrival.readings = 1;
    arrival.sequence = "seq";
    arrival.numbers = {position};
    arrival.is_one_of_a_kind = true;
    arrival.mark = position;
    return arrival;
  }
  void enter(std::uint64_t position, std::string_view device = "mote",
             std::string_view company = "acme", Time began = noon) {
    const auto entered = ledger->enter({position}, company, device, arrival_at(position, began));
    if (!entered) FAIL(entered.error().message);
  }
  void keep() {
    clock.advance(hours{1});  // longer than any pause
    const auto kept = ledger->keep();
    if (!kept) FAIL(kept.error().message);
  }
  Sheet sheet(std::string_view device = "mote", std::string_view company = "acme") {
    auto read = reader.read(company, device);
    if (!read) FAIL(read.error().message);
    return *std::move(read);
  }
  std::uint64_t messages(std::string_view device = "mote", std::string_view company = "acme") {
    return sheet(device, company).account.total().messages;
  }
  std::int64_t number_of(std::string_view query) {
    auto database = *sql::Database::open_read_only(directory.path / ledger_file);
    auto statement = *database.prepare(query);
    REQUIRE(*statement.step());
    return statement.integer(0);
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "what was kept is read, and what was not is not there yet") {
  CHECK(messages() == 0);
  CHECK(sheet().began_at == time_min);
  enter(0);
  enter(1);
  CHECK(messages() == 0);
  keep();
  CHECK(messages() == 2);
  CHECK(sheet().began_at == noon);
  CHECK(sheet().clock.now == noon + seconds{1});
  CHECK(sheet().account.last_seen() == noon + seconds{1});
  CHECK(sheet().hours.size() == 1);
  CHECK(sheet().days.size() == 1);
  CHECK(sheet().days[0].tally == sheet().account.total());
}

TEST_CASE_FIXTURE(Fixture, "devices and companies are apart") {
  enter(0, "mote", "acme");
  enter(1, "mote", "rival");
  enter(2, "motor", "acme");
  keep();
  CHECK(messages("mote", "acme") == 1);
  CHECK(messages("mote", "rival") == 1);
  CHECK(messages("motor", "acme") == 1);
  CHECK(messages("motor", "rival") == 0);
  CHECK(messages("mote", "") == 0);
}

TEST_CASE_FIXTURE(Fixture,
                  "each position counts once, whenever the counting dies and begins again") {
  SeededRandom random{3};
  std::uint64_t next = 0;
  while (next < 2000) {
    for (std::uint64_t count = random.below(40); count > 0; --count)
      enter(next++);
    if (random.below(3) == 0) keep();
    if (random.below(4) == 0) {
      open();
      const std::uint64_t resumed = ledger->resume({0}).number;
      REQUIRE(resumed <= next);
      next = resumed;
    }
    // A batch that comes again.
    for (std::uint64_t again = next - std::min<std::uint64_t>(next, random.below(60)); again < next;
         ++again) {
      CHECK_FALSE(ledger->wants({again}));
      enter(again);
    }
  }
  keep();
  const Sheet whole = sheet();
  CHECK(whole.account.total().messages == next);
  CHECK(whole.account.total().payload_bytes == 10 * next);
  CHECK(whole.account.total().missing == 0);
  CHECK(whole.account.total().repeated == 0);
  CHECK(whole.account.total().restarts == 0);
  CHECK(whole.account.total().duplicates == 0);
  std::uint64_t by_hour = 0;
  for (const Bucket& hour : whole.hours)
    by_hour += hour.tally.messages;
  CHECK(by_hour == next);
}

TEST_CASE_FIXTURE(Fixture,
                  "a ledger that never counted begins where it is told, others where they were") {
  CHECK(ledger->resume({70}).number == 70);
  CHECK_FALSE(ledger->wants({69}));
  CHECK(ledger->wants({70}));
  ledger->pass({70}, noon);
  keep();
  open();
  CHECK(ledger->resume({500}).number == 71);
}

TEST_CASE_FIXTURE(Fixture, "what left the stream is skipped, and is nobody's silence") {
  enter(0);
  enter(1);
  keep();
  open();
  ledger->skip_to({1});  // counted already
  CHECK(ledger->resume({0}).number == 2);
  ledger->skip_to({50});
  CHECK(ledger->resume({0}).number == 50);
  enter(50);
  keep();
  CHECK(sheet().account.total().silence_longest == seconds{1});
  CHECK(sheet().account.intervals().count() == 1);
  CHECK(sheet().account.total().missing == 48);
}

TEST_CASE_FIXTURE(Fixture, "ticks let time pass and are kept") {
  enter(0);
  for (std::uint64_t tick = 1; tick < 100; ++tick)
    ledger->pass({tick}, noon + seconds{tick});
  ledger->pass({100}, std::nullopt);
  keep();
  CHECK(sheet().quiet() == seconds{99});
  open();
  CHECK(ledger->resume({0}).number == 101);
  enter(101);
  keep();
  CHECK(sheet().account.intervals().largest() == seconds{101});
}

TEST_CASE_FIXTURE(Fixture, "it is kept once a second, not more often") {
  enter(0);
  REQUIRE(ledger->keep());
  enter(1);
  clock.advance(milliseconds{999});
  REQUIRE(ledger->keep());
  CHECK(messages() == 1);
  clock.advance(milliseconds{1});
  REQUIRE(ledger->keep());
  CHECK(messages() == 2);
}

TEST_CASE_FIXTURE(Fixture, "hours and days are kept as long as they are said to be") {
  std::uint64_t position = 0;
  for (int hour = 0; hour < 24 * 40; ++hour) {
    enter(position, "mote", "acme", noon + hours{hour} - seconds{position});
    ++position;
    if (hour % 7 == 0) keep();
    if (hour % 50 == 0) {
      keep();
      open();
    }
  }
  keep();
  const Sheet last = sheet();
  REQUIRE(last.hours.size() == hours_kept);
  REQUIRE(last.days.size() == days_kept);
  CHECK(last.hours.back().start == span_start(last.account.last_seen(), hour_span));
  CHECK(last.hours.front().start == last.hours.back().start - hour_span * (hours_kept - 1));
  CHECK(last.days.front().start == last.days.back().start - day_span * (days_kept - 1));
  CHECK(last.days.front().tally.messages == 24);
  CHECK(number_of("SELECT count(*) FROM buckets") <= std::int64_t(hours_kept + days_kept));
  // A device that is silent for long shows what is still within the span.
  for (int tick = 0; tick < 47; ++tick)
    ledger->pass({position++}, last.account.last_seen() + hours{tick + 1});
  keep();
  CHECK(sheet().hours.size() == 1);
  ledger->pass({position++}, last.account.last_seen() + hours{48});
  keep();
  CHECK(sheet().hours.empty());
  CHECK(sheet().days.size() == 28);
}

TEST_CASE_FIXTURE(Fixture,
                  "no more accounts are in memory than there is room for, and none is lost") {
  LedgerLimits limits;
  limits.accounts_max = 8;
  open(limits);
  std::uint64_t position = 0;
  for (int round = 0; round < 5; ++round) {
    for (int device = 0; device < 8; ++device)
      enter(position++, "mote-" + std::to_string(device));
    keep();
    CHECK(ledger->accounts() == 8);
  }
  enter(position++, "mote-8");
  keep();
  CHECK(ledger->accounts() == 6);  // three quarters: the next ones find room
  for (int device = 0; device < 9; ++device)
    enter(position++, "mote-" + std::to_string(device));
  keep();
  CHECK(ledger->accounts() <= 8);
  for (int device = 0; device < 8; ++device)
    CHECK(messages("mote-" + std::to_string(device)) == 6);
  CHECK(messages("mote-8") == 2);
  CHECK(number_of("SELECT count(*) FROM devices") == 9);
}

TEST_CASE_FIXTURE(Fixture, "one counts at a time, and a newer file is left alone") {
  const auto second = Ledger::open(directory.path, only, clock);
  REQUIRE_FALSE(second);
  CHECK(second.error().outcome == Outcome::conflict);
  ledger.reset();
  {
    auto database = *sql::Database::open(directory.path / ledger_file, sql::Durability::unsynced);
    REQUIRE(database.execute("PRAGMA user_version = 2"));
  }
  const auto newer = Ledger::open(directory.path, only, clock);
  REQUIRE_FALSE(newer);
  CHECK(newer.error().outcome == Outcome::unsupported);
  LedgerReader fresh{directory.path};
  CHECK_FALSE(fresh.read("acme", "mote"));
}

TEST_CASE_FIXTURE(Fixture, "a damaged account is an error, not a count") {
  enter(0);
  keep();
  ledger.reset();
  {
    auto database = *sql::Database::open(directory.path / ledger_file, sql::Durability::unsynced);
    REQUIRE(database.execute("UPDATE devices SET account = x'01ff'"));
  }
  CHECK_FALSE(reader.read("acme", "mote"));
  open();
  const auto entered = ledger->enter({1}, "acme", "mote", arrival_at(1));
  REQUIRE_FALSE(entered);
  CHECK(entered.error().outcome == Outcome::corrupt);
}

TEST_CASE_FIXTURE(Fixture, "a copy counts on where it was made") {
  Directory target;
  enter(0);
  keep();
  enter(1);
  REQUIRE(copy_ledger(directory.path, target.path));
  LedgerReader copied{target.path};
  CHECK(copied.read("acme", "mote")->account.total().messages == 1);
  auto opened = Ledger::open(target.path, only, clock);
  REQUIRE(opened);
  CHECK((*opened)->resume({0}).number == 1);
  Directory empty;
  const auto none = copy_ledger(empty.path, target.path);
  REQUIRE_FALSE(none);
  CHECK(none.error().outcome == Outcome::not_found);
}

TEST_CASE_FIXTURE(Fixture, "while another one holds the file, what was counted waits") {
  enter(0);
  keep();
  auto other = *sql::Database::open(directory.path / ledger_file, sql::Durability::unsynced);
  {
    // A reader that is long at it stops nobody.
    const auto snapshot = sql::Snapshot::begin(other);
    auto statement = *other.prepare("SELECT count(*) FROM devices");
    REQUIRE(*statement.step());
    statement.reset();
    enter(1);
    keep();
  }
  CHECK(messages() == 2);
}

}  // namespace cauce::ledger
