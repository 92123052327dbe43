#include "decode/dead_letters.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>

#include "decode/dead_letter_reader.h"
#include "sql/database.h"

namespace cauce::decode {
namespace {

const Time noon = *parse_time("2026-11-21T12:00:00Z");

// A directory of its own, removed at the end.
struct Directory {
  std::filesystem::path path;

  Directory() {
    std::string name = (std::filesystem::temp_directory_path() / "dead_letters.XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Directory() { std::filesystem::remove_all(path); }
};

struct Fixture {
  Directory directory;
  std::unique_ptr<DeadLetters> letters;
  DeadLetterReader reader{directory.path};

  void open(DeadLetterLimits limits = {}) {
    letters.reset();
    auto opened = DeadLetters::open(directory.path, limits);
    if (!opened) FAIL(opened.error().message);
    letters = *std::move(opened);
  }

  void replace(std::uint64_t from, std::uint64_t to, const std::vector<DeadLetter>& kept,
               Time now = noon) {
    const auto replaced = letters->replace({{0}, {from}, {to}}, kept, now);
    if (!replaced) FAIL(replaced.error().message);
  }

  std::vector<std::uint64_t> positions(std::string_view company, std::string_view device = {},
                                       std::optional<DeadLetterPlace> after = {},
                                       std::size_t limit = 100) {
    const auto listed = reader.list(company, device, after, limit);
    if (!listed) FAIL(listed.error().message);
    std::vector<std::uint64_t> found;
    for (const DeadLetterSummary& summary : *listed)
      found.push_back(summary.letter.origin.position);
    return found;
  }
};

DeadLetter letter(std::uint64_t position, const std::string& company = "acme",
                  const std::string& device = "mote", Time received_at = noon) {
  DeadLetter made;
  made.origin.position = position;
  made.message = {.company = company,
                  .device = device,
                  .topic = "devices/" + device + "/telemetry",
                  .received_at = received_at,
                  .content_type = "application/json",
                  .payload = Bytes("p\0\xFF", 3) + std::to_string(position)};
  made.stage = "parse";
  made.reason = "the payload is not JSON";
  return made;
}

using Positions = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE_FIXTURE(Fixture, "a reader works before anything was written") {
  CHECK(positions("acme").empty());
  CHECK(reader.get("acme", 0, 1).error().outcome == Outcome::not_found);
  CHECK(reader.count("acme", 10)->empty());
  CHECK(reader.deleted("acme")->empty());
  open();
  CHECK(positions("acme").empty());
  replace(0, 5, {letter(1)});
  CHECK(positions("acme") == Positions{1});
}

TEST_CASE_FIXTURE(Fixture, "a dead letter is kept whole and found again after a restart") {
  open();
  replace(0, 5, {letter(1)});
  open();
  const auto kept = reader.get("acme", 0, 1);
  REQUIRE(kept);
  CHECK(*kept == letter(1));
  const auto listed = reader.list("acme", "", {}, 10);
  REQUIRE(listed);
  REQUIRE(listed->size() == 1);
  CHECK(listed->at(0).payload_bytes == 4);
  CHECK(listed->at(0).letter.message.payload.empty());
  CHECK(listed->at(0).letter.reason == "the payload is not JSON");
}

TEST_CASE_FIXTURE(Fixture, "a message that comes twice is one dead letter") {
  open();
  replace(0, 5, {letter(1), letter(3)});
  replace(0, 5, {letter(1), letter(3)});
  CHECK(positions("acme") == Positions{3, 1});
  CHECK(reader.count("acme", 10)->at(0).rows == 2);
}

TEST_CASE_FIXTURE(Fixture, "a second try that decodes takes the dead letter back") {
  open();
  replace(0, 5, {letter(1), letter(3), letter(4)});
  replace(5, 9, {letter(7)});
  DeadLetter other = letter(3);
  other.stage = "decrypt";
  other.reason = "key 7 sent, key 3 on record";
  replace(0, 4, {other});
  CHECK(positions("acme") == Positions{7, 4, 3});
  CHECK(*reader.get("acme", 0, 3) == other);
  replace(0, 9, {});
  CHECK(positions("acme").empty());
  CHECK(reader.count("acme", 10)->empty());
  CHECK(reader.deleted("acme")->empty());
}

TEST_CASE_FIXTURE(Fixture, "lists are newest first and go on where they ended") {
  open();
  const auto second = std::chrono::seconds{1};
  replace(0, 9,
          {letter(1), letter(2, "acme", "b"), letter(3, "acme", "mote", noon + second),
           letter(4, "acme", "b", noon + second), letter(5, "rival")});
  CHECK(positions("acme") == Positions{4, 3, 2, 1});
  CHECK(positions("acme", "", {}, 3) == Positions{4, 3, 2});
  CHECK(positions("acme", "", place_of(letter(2)), 3) == Positions{1});
  CHECK(positions("acme", "b") == Positions{4, 2});
  CHECK(positions("acme", "b", DeadLetterPlace{noon + second, 0, 4}) == Positions{2});
  CHECK(positions("acme", "nobody").empty());
  CHECK(positions("acme", "", {}, 0).empty());
}

TEST_CASE_FIXTURE(Fixture, "a list has an end") {
  open();
  std::vector<DeadLetter> many;
  for (std::uint64_t position = 0; position <= DeadLetterReader::limit_max; ++position)
    many.push_back(letter(position));
  replace(0, many.size(), many);
  CHECK(positions("acme", "", {}, SIZE_MAX).size() == DeadLetterReader::limit_max);
}

TEST_CASE_FIXTURE(Fixture, "a foreign company's letters do not exist") {
  open();
  replace(0, 9, {letter(1), letter(5, "rival")});
  CHECK(positions("rival") == Positions{5});
  CHECK(positions("rival", "mote") == Positions{5});
  CHECK(reader.get("rival", 0, 1).error().outcome == Outcome::not_found);
  CHECK(reader.get("rival", 0, 1).error().message ==
        "no dead letter from position 1 of partition 0 is kept");
  CHECK(reader.count("rival", 10)->size() == 1);
  CHECK(positions("").empty());
}

TEST_CASE_FIXTURE(Fixture, "counts say how often which device failed why") {
  open();
  DeadLetter other = letter(3, "acme", "freezer-9", noon + std::chrono::seconds{5});
  other.stage = "decrypt";
  other.reason = "key 7 sent, key 3 on record";
  DeadLetter again = other;
  again.origin.position = 4;
  again.message.received_at = noon;
  replace(0, 9, {letter(1), other, again});
  const auto counts = reader.count("acme", 10);
  REQUIRE(counts);
  REQUIRE(counts->size() == 2);
  CHECK(counts->at(0).device == "freezer-9");
  CHECK(counts->at(0).stage == "decrypt");
  CHECK(counts->at(0).reason == "key 7 sent, key 3 on record");
  CHECK(counts->at(0).rows == 2);
  CHECK(counts->at(0).newest_received_at == noon + std::chrono::seconds{5});
  CHECK(counts->at(1).rows == 1);
  CHECK(reader.count("acme", 1)->size() == 1);
  const auto of_mote = reader.count("acme", 10, "mote");
  REQUIRE(of_mote);
  REQUIRE(of_mote->size() == 1);
  CHECK(of_mote->at(0).device == "mote");
  CHECK(reader.count("rival", 10, "mote")->empty());
}

TEST_CASE_FIXTURE(Fixture, "rows are bounded and the oldest are counted when they go") {
  open({.company_rows_max = 3});
  replace(0, 9, {letter(1), letter(2), letter(3), letter(5, "rival")});
  CHECK(positions("acme") == Positions{3, 2, 1});
  CHECK(reader.deleted("acme")->empty());
  replace(9, 12, {letter(9), letter(10, "acme", "mote", noon + Duration{1})});
  CHECK(positions("acme") == Positions{10, 9, 3});
  CHECK(positions("rival") == Positions{5});
  const auto deleted = reader.deleted("acme");
  REQUIRE(deleted);
  REQUIRE(deleted->size() == 1);
  CHECK(deleted->at(0).cause == "rows");
  CHECK(deleted->at(0).rows == 2);
  CHECK(deleted->at(0).payload_bytes == 8);
  CHECK(deleted->at(0).newest_received_at == noon);
  CHECK(reader.count("acme", 10)->at(0).rows == 3);
  open({.company_rows_max = 1});
  replace(12, 13, {letter(12, "acme", "mote", noon + Duration{2})});
  CHECK(positions("acme") == Positions{12});
  CHECK(reader.deleted("acme")->at(0).rows == 5);
}

TEST_CASE_FIXTURE(Fixture, "bytes are bounded") {
  open({.company_bytes_max = 12});
  replace(0, 9, {letter(1), letter(2), letter(3)});
  CHECK(positions("acme") == Positions{3, 2, 1});
  DeadLetter longer = letter(4);
  longer.message.payload += "x";
  replace(9, 10, {longer});
  CHECK(positions("acme") == Positions{4, 3});
  CHECK(reader.deleted("acme")->at(0).cause == "bytes");
  CHECK(reader.deleted("acme")->at(0).rows == 2);
}

TEST_CASE_FIXTURE(Fixture, "age goes by stream time, a bounded number at once") {
  open({.age_max = std::chrono::hours{24}, .aged_rows_max = 2});
  std::vector<DeadLetter> old;
  for (std::uint64_t position = 0; position < 5; ++position)
    old.push_back(letter(position));
  replace(0, 5, old);
  replace(5, 6, {}, noon + std::chrono::hours{24});
  CHECK(positions("acme").size() == 5);
  const Time late = noon + std::chrono::hours{24} + Duration{1};
  replace(6, 7, {letter(6, "acme", "mote", late)}, late + std::chrono::hours{1});
  CHECK(positions("acme") == Positions{6, 4, 3, 2});
  replace(7, 8, {}, late + std::chrono::hours{1});
  replace(8, 9, {}, late + std::chrono::hours{1});
  CHECK(positions("acme") == Positions{6});
  CHECK(reader.deleted("acme")->at(0).cause == "age");
  CHECK(reader.deleted("acme")->at(0).rows == 5);
}

TEST_CASE_FIXTURE(Fixture, "there is one writer") {
  open();
  const auto second = DeadLetters::open(directory.path);
  REQUIRE_FALSE(second);
  CHECK(second.error().outcome == Outcome::conflict);
  CHECK(second.error().message.find(std::to_string(::getpid())) != std::string::npos);
  letters.reset();
  CHECK(DeadLetters::open(directory.path));
}

TEST_CASE_FIXTURE(Fixture, "a newer program's store is left alone") {
  open();
  letters.reset();
  {
    auto database =
        sql::Database::open(directory.path / "dead_letters.db", sql::Durability::synced);
    REQUIRE(database);
    CHECK(database->execute("PRAGMA user_version = 2"));
  }
  CHECK(DeadLetters::open(directory.path).error().outcome == Outcome::unsupported);
  CHECK(reader.list("acme", "", {}, 10).error().outcome == Outcome::unsupported);
}

}  // namespace cauce::decode
