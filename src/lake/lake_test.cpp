#include "lake/lake.h"

#include <doctest/doctest.h>
#include <fmt/core.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>
#include <map>

#include "objects/files/files.h"
#include "objects/manifest.h"
#include "objects/memory/memory.h"
#include "objects/objects_contract.h"
#include "objects/scratch.h"
#include "warehouse/query.h"

namespace cauce::lake {
namespace {

const Time evening = *parse_time("2026-11-21T23:30:00Z");

// Decrypts what begins with "secret:".
class TestDecryptor final : public Decryptor {
 public:
  std::optional<Bytes> decrypt(const record::Message& message) override {
    if (!message.payload.starts_with("secret:")) return std::nullopt;
    return message.payload.substr(7);
  }
};

// Stands before a store and fails as one that is full or gone would.
class FailingObjects final : public objects::Objects {
 public:
  explicit FailingObjects(objects::Objects& store) : store_(store) {}

  int puts_until_full = -1;     // -1: never
  bool create_is_gone = false;  // as if the process died between put and commit

  Result<void> put(std::string_view key, BytesView bytes) override {
    return store_.put(key, bytes);
  }
  Result<void> put_file(std::string_view key, const std::filesystem::path& file) override {
    if (puts_until_full == 0) return Error{Outcome::exhausted, "no room"};
    if (puts_until_full > 0) --puts_until_full;
    return store_.put_file(key, file);
  }
  Result<void> create(std::string_view key, BytesView bytes) override {
    if (create_is_gone) return Error{Outcome::unavailable, "gone"};
    return store_.create(key, bytes);
  }
  Result<Bytes> get(std::string_view key) override { return store_.get(key); }
  Result<std::filesystem::path> local_copy(std::string_view key) override {
    return store_.local_copy(key);
  }
  Result<std::vector<objects::Object>> list(std::string_view prefix) override {
    return store_.list(prefix);
  }
  Result<void> remove(std::string_view key) override { return store_.remove(key); }

 private:
  objects::Objects& store_;
};

bool is_tick(std::uint64_t position) {
  return position % 10 == 9;
}

// Two companies, two days (the second begins half an hour after the first message), encrypted and
// not, with ticks among them.
record::Message message_at(std::uint64_t position) {
  record::Message message;
  message.company = position % 3 == 0 ? "acme" : "globex";
  message.device = fmt::format("device-{}", position % 7);
  message.topic = record::telemetry_topic(message.device);
  message.received_at = evening + std::chrono::seconds{position};
  message.content_type = position % 5 == 0 ? "application/json" : "";
  message.payload = fmt::format("{}value {}", position % 2 == 0 ? "secret:" : "", position) +
                    std::string("\0\xff", 2);
  return message;
}

stream::Batch batch_of(std::uint64_t from, std::uint64_t to) {
  stream::Batch batch;
  batch.from = {from};
  batch.to = {to};
  for (std::uint64_t position = from; position < to; ++position) {
    const Time time = evening + std::chrono::seconds{position};
    batch.records.push_back(is_tick(position) ? record::encode(record::Tick{time})
                                              : record::encode(message_at(position)));
    batch.appended_at.push_back(time);
  }
  return batch;
}

struct Fixture {
  objects::Scratch scratch;
  std::unique_ptr<objects::Objects> store;
  TestDecryptor decryptor;
  VirtualClock clock{evening};

  Fixture() : store(objects::memory_objects(scratch.path)) {}

  Options options() const {
    Options options;
    options.files.scratch_directory = scratch.path / "scratch";
    return options;
  }
  std::unique_ptr<delivery::Sink> open(objects::Objects& objects) {
    auto lake = open_lake(objects, decryptor, clock, options());
    REQUIRE(lake);
    return std::move(*lake);
  }
  std::unique_ptr<delivery::Sink> open() { return open(*store); }
};

table::Answer ask(objects::Objects& objects, std::string_view sql) {
  auto engine = warehouse::open_query(objects, {});
  REQUIRE(engine);
  auto answer = (*engine)->query(sql, 1'000'000);
  REQUIRE(answer);
  return *answer;
}

// Every position of [0, end) that is no tick is in the lake exactly once.
void check_exactly_once(objects::Objects& objects, std::uint64_t end) {
  const auto answer = ask(objects, "SELECT position, count(*) FROM lake GROUP BY position");
  std::map<std::uint64_t, int> seen;
  for (const auto& row : answer.rows) {
    seen[std::stoull(row[0])] = std::stoi(row[1]);
  }
  std::map<std::uint64_t, int> expected;
  for (std::uint64_t position = 0; position < end; ++position) {
    if (!is_tick(position)) expected[position] = 1;
  }
  CHECK(seen == expected);
}

std::size_t parquet_objects(objects::Objects& objects) {
  std::size_t count = 0;
  for (const std::string& key : objects::contract::keys_of(objects, "lake/")) {
    count += key.ends_with(".parquet") ? 1 : 0;
  }
  return count;
}

}  // namespace

TEST_CASE("ten thousand messages of two companies and two days come back as they were sent") {
  Fixture fixture;
  constexpr std::uint64_t count = 10'000;
  REQUIRE(fixture.open()->deliver(batch_of(0, count)));
  CHECK(parquet_objects(*fixture.store) == 4);
  CHECK(objects::contract::keys_of(*fixture.store, "lake/company=acme/") ==
        std::vector<std::string>{"lake/company=acme/day=2026-11-21/0-0-10000-1.parquet",
                                 "lake/company=acme/day=2026-11-22/0-0-10000-1.parquet"});

  const auto answer = ask(*fixture.store, "SELECT * FROM lake ORDER BY position");
  std::size_t row = 0;
  for (std::uint64_t position = 0; position < count; ++position) {
    if (is_tick(position)) continue;
    REQUIRE(row < answer.rows.size());
    const record::Message message = message_at(position);
    const bool encrypted = position % 2 == 0;
    const std::vector<std::string> expected = {"0",
                                               std::to_string(position),
                                               message.company,
                                               message.device,
                                               message.topic,
                                               format_time(message.received_at),
                                               message.content_type,
                                               to_hex(message.payload),
                                               encrypted ? to_hex(message.payload.substr(7)) : ""};
    REQUIRE(answer.rows[row] == expected);
    REQUIRE(answer.nulls[row][8] == !encrypted);
    ++row;
  }
  CHECK(row == answer.rows.size());
}

TEST_CASE("a batch that comes again after a crash between put and commit is in the lake once") {
  Fixture fixture;
  SUBCASE("in memory") {}
  SUBCASE("in files") {
    fixture.store = objects::file_objects(fixture.scratch.path / "store");
  }
  FailingObjects failing(*fixture.store);
  {
    auto lake = fixture.open(failing);
    REQUIRE(lake->deliver(batch_of(0, 100)));
    failing.create_is_gone = true;
    CHECK(lake->deliver(batch_of(100, 200)).error().outcome == Outcome::unavailable);
    failing.create_is_gone = false;
  }
  // What was put is there, and nobody sees it.
  CHECK(parquet_objects(*fixture.store) > 2);
  check_exactly_once(*fixture.store, 100);

  auto lake = fixture.open();
  CHECK(lake->resume_at()->number == 100);
  check_exactly_once(*fixture.store, 100);
  // Cut elsewhere than before, as a clock would.
  REQUIRE(lake->deliver(batch_of(100, 250)));
  REQUIRE(lake->deliver(batch_of(250, 300)));
  check_exactly_once(*fixture.store, 300);
}

TEST_CASE("positions that are lost are passed over, and messages go on behind them") {
  Fixture fixture;
  auto lake = fixture.open();
  stream::Batch lost;
  lost.to = {100};
  REQUIRE(lake->deliver(lost));
  CHECK(lake->resume_at()->number == 100);
  REQUIRE(lake->deliver(batch_of(100, 110)));
  CHECK(lake->resume_at()->number == 110);
}

TEST_CASE("a new lake sweeps what the last one put and did not commit") {
  Fixture fixture;
  FailingObjects failing(*fixture.store);
  failing.create_is_gone = false;
  {
    auto lake = fixture.open(failing);
    failing.create_is_gone = true;
    CHECK_FALSE(lake->deliver(batch_of(0, 100)).has_value());
  }
  CHECK(parquet_objects(*fixture.store) == 2);
  auto lake = fixture.open();
  CHECK(parquet_objects(*fixture.store) == 0);
}

TEST_CASE("of two lakes the one that was opened later goes on and the other one stops") {
  Fixture fixture;
  auto first = fixture.open();
  REQUIRE(first->deliver(batch_of(0, 100)));
  auto second = fixture.open();
  CHECK(second->resume_at()->number == 100);
  CHECK(first->deliver(batch_of(100, 200)).error().outcome == Outcome::conflict);
  REQUIRE(second->deliver(batch_of(100, 150)));
  CHECK(first->deliver(batch_of(100, 200)).error().outcome == Outcome::conflict);
  REQUIRE(second->deliver(batch_of(150, 200)));
  check_exactly_once(*fixture.store, 200);
}

TEST_CASE("a full store is exhausted, and the same batch succeeds later") {
  Fixture fixture;
  FailingObjects failing(*fixture.store);
  auto lake = fixture.open(failing);
  for (const int puts : {0, 1, 1}) {
    failing.puts_until_full = puts;
    CHECK(lake->deliver(batch_of(0, 5'000)).error().outcome == Outcome::exhausted);
    check_exactly_once(*fixture.store, 0);
  }
  failing.puts_until_full = -1;
  REQUIRE(lake->deliver(batch_of(0, 5'000)));
  check_exactly_once(*fixture.store, 5'000);
}

TEST_CASE("a full scratch disk is exhausted, and the same batch succeeds once there is room") {
  Fixture fixture;
  const objects::SmallDisk small(fixture.scratch.path / "scratch", "size=200k");
  if (!small.mounted) {
    MESSAGE("skipped: mounting a small file system needs root");
    return;
  }
  auto lake = fixture.open();
  const std::filesystem::path ballast = small.path / "ballast";
  {
    std::ofstream(ballast) << std::string(300'000, 'b');
  }
  auto refused = lake->deliver(batch_of(0, 2'000));
  REQUIRE_FALSE(refused.has_value());
  CAPTURE(refused.error().message);
  CHECK(refused.error().outcome == Outcome::exhausted);
  std::filesystem::remove(ballast);
  CHECK(lake->deliver(batch_of(0, 2'000)).has_value());
  check_exactly_once(*fixture.store, 2'000);
}

TEST_CASE("ticks are no rows, and their positions are covered") {
  Fixture fixture;
  stream::Batch batch;
  batch.to = {3};
  batch.records = std::vector<Bytes>(3, record::encode(record::Tick{evening}));
  batch.appended_at.assign(3, evening);
  {
    auto lake = fixture.open();
    REQUIRE(lake->deliver(batch));
  }
  CHECK(fixture.open()->resume_at()->number == 3);
  CHECK(parquet_objects(*fixture.store) == 0);
  CHECK(ask(*fixture.store, "SELECT * FROM lake").rows.empty());
}

TEST_CASE("a batch that does not begin where the last one ended is a conflict") {
  Fixture fixture;
  auto lake = fixture.open();
  REQUIRE(lake->deliver(batch_of(0, 10)));
  CHECK(lake->deliver(batch_of(0, 10)).error().outcome == Outcome::conflict);
  CHECK(lake->deliver(batch_of(11, 20)).error().outcome == Outcome::conflict);
  check_exactly_once(*fixture.store, 10);
}

TEST_CASE("a record that is no message stops the lake and is named") {
  Fixture fixture;
  auto lake = fixture.open();
  stream::Batch batch = batch_of(0, 10);
  std::vector<Bytes> records{batch.records.begin(), batch.records.end()};
  records[4] = "nonsense";
  batch.records = records;
  auto refused = lake->deliver(batch);
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().outcome == Outcome::corrupt);
  CHECK(refused.error().message.find("at 4 of partition 0") != std::string::npos);
}

TEST_CASE("large payloads are cut into several objects, so that memory is bounded") {
  Fixture fixture;
  Options options = fixture.options();
  options.files.table.memory_bytes_max = 96u << 20;
  options.files.file_bytes_max = 16u << 20;
  auto lake = open_lake(*fixture.store, fixture.decryptor, fixture.clock, options);
  REQUIRE(lake);
  constexpr std::uint64_t count = 100;
  stream::Batch batch;
  batch.to = {count};
  for (std::uint64_t position = 0; position < count; ++position) {
    record::Message message = message_at(3 * position);  // one company, one day
    message.payload = Bytes(record::payload_bytes_max, static_cast<char>(position));
    batch.records.push_back(record::encode(message));
    batch.appended_at.push_back(evening);
  }
  auto delivered = (*lake)->deliver(batch);
  REQUIRE(delivered);
  CHECK(parquet_objects(*fixture.store) == 7);
  const auto answer = ask(*fixture.store,
                          "SELECT count(*), count(DISTINCT position), sum(octet_length(payload)), "
                          "count(DISTINCT payload) FROM lake");
  CHECK(answer.rows[0] ==
        std::vector<std::string>{"100", "100", std::to_string(count << 20), "100"});
}

#ifdef CAUCE_FAILPOINTS
// Not a test: the process that the next test kills. Delivers 20 batches of 50 to the store that
// the environment names.
TEST_CASE("child: a lake at work" * doctest::skip()) {
  const char* directory = std::getenv("LAKE_TEST_DIRECTORY");
  REQUIRE(directory != nullptr);
  auto store = objects::file_objects(std::filesystem::path(directory) / "store");
  TestDecryptor decryptor;
  VirtualClock clock{evening};
  Options options;
  options.files.scratch_directory = std::filesystem::path(directory) / "scratch";
  auto lake = open_lake(*store, decryptor, clock, options);
  REQUIRE(lake);
  for (std::uint64_t from = (*lake)->resume_at()->number; from < 1'000; from += 50) {
    REQUIRE((*lake)->deliver(batch_of(from, from + 50)));
  }
}

// How the child above ended. It is spawned, not forked: a copy of this process would begin in the
// handlers that DuckDB's memory runs at a fork, which hold more locks than a thread sanitizer
// counts.
int run_child(const char* failpoint, const std::filesystem::path& directory) {
  std::string failpoint_set = fmt::format("CAUCE_FAILPOINT={}", failpoint);
  std::string directory_set = fmt::format("LAKE_TEST_DIRECTORY={}", directory.string());
  std::string name = "lake_test";
  std::string no_skip = "--no-skip";
  std::string quiet = "--quiet";
  std::string only = "--test-case=child: a lake at work";
  char* const words[] = {name.data(), no_skip.data(), quiet.data(), only.data(), nullptr};
  std::vector<char*> settings{failpoint_set.data(), directory_set.data()};
  for (char** setting = environ; *setting != nullptr; ++setting)
    settings.push_back(*setting);
  settings.push_back(nullptr);
  pid_t child = 0;
  REQUIRE(posix_spawn(&child, "/proc/self/exe", nullptr, nullptr, words, settings.data()) == 0);
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  return status;
}

TEST_CASE("a lake that is killed anywhere goes on without loss and without a double") {
  const objects::Scratch scratch;
  auto store = objects::file_objects(scratch.path / "store");
  int kills = 0;
  for (const char* failpoint :
       {"lake.before_put@1", "lake.before_put@4", "objects.before_rename@1",
        "objects.before_rename@3", "lake.before_commit@2", "lake.after_commit@1",
        "lake.before_commit@1", "lake.after_commit@3"}) {
    CAPTURE(failpoint);
    const int status = run_child(failpoint, scratch.path);
    REQUIRE(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == SIGKILL);
    ++kills;
    objects::Manifest manifest(*store, "lake");
    REQUIRE(manifest.refresh());
    check_exactly_once(*store, manifest.cursor(0));
  }
  CHECK(kills == 8);
  Fixture fixture;
  auto lake = fixture.open(*store);
  const std::uint64_t resumed = lake->resume_at()->number;
  CHECK(resumed > 0);
  CHECK(resumed < 1'000);
  REQUIRE(lake->deliver(batch_of(resumed, 1'000)));
  check_exactly_once(*store, 1'000);
}
#endif

}  // namespace cauce::lake
