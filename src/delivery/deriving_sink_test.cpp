#include "delivery/deriving_sink.h"

#include <doctest/doctest.h>

#include <string>

#include "delivery/refusing_writer.h"
#include "stream/memory/memory.h"

namespace cauce::delivery {
namespace {

using stream::Partition;
using stream::Position;
using stream::Source;

// "3x" becomes x x x, "!" fails.
class RepeatingSink final : public DerivingSink {
 public:
  using DerivingSink::DerivingSink;

  int frames_begun = 0;
  std::vector<Source> announced;  // what before_append was asked for
  std::optional<Outcome> not_ready;
  std::optional<Position> remembers_to;
  std::string recalled;

 private:
  Result<Position> remembered_to(Position derived) override {
    if (not_ready) return Error{*not_ready, "not ready"};
    return remembers_to.value_or(derived);
  }
  Result<void> recall(Position position, BytesView record) override {
    recalled += std::to_string(position.number) + std::string(record);
    return {};
  }
  Result<void> begin_frame() override {
    ++frames_begun;
    return {};
  }
  Result<void> derive(Position, BytesView record, std::vector<Bytes>& derived) override {
    if (record == "!") return Error{Outcome::corrupt, "torn"};
    for (int count = record[0] - '0'; count > 0; --count)
      derived.emplace_back(record.substr(1));
    return {};
  }
  Result<void> before_append(const Source& source) override {
    if (not_ready) return Error{*not_ready, "not ready"};
    announced.push_back(source);
    return {};
  }
};

struct Fixture {
  VirtualClock clock{time_min};
  std::unique_ptr<stream::Topic> topic = stream::memory::make_topic("derived", {}, clock);
  std::unique_ptr<stream::Writer> writer = *topic->open_writer();
  RefusingWriter refusing{*writer};
  RepeatingSink sink{refusing, {.source = {0}, .target = {0}}, 4};

  static stream::Batch batch(std::uint64_t from, std::vector<Bytes> records) {
    stream::Batch made;
    made.from = {from};
    made.to = {from + records.size()};
    made.appended_at.assign(records.size(), time_min);
    made.records = std::move(records);
    return made;
  }

  std::string all() {
    while (*writer->worker().step() == work::Progress::worked) {
    }
    auto reader = *topic->open_reader();
    std::string text;
    Position at;
    for (;;) {
      const auto read = reader->read({0}, at, 1 << 20);
      REQUIRE(read);
      if (read->records.empty()) return text;
      for (const BytesView record : read->records)
        text += record;
      at = read->to;
    }
  }
  std::uint64_t covered() { return writer->derived_end({0}, {0}).number; }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "what a role forgot of what it derived comes to it once more") {
  REQUIRE(sink.deliver(batch(0, {"1a", "1b", "1c"})));
  sink.remembers_to = Position{1};
  CHECK(sink.resume_at()->number == 1);
  REQUIRE(sink.deliver(batch(1, {"1b"})));
  CHECK(sink.recalled == "11b");
  REQUIRE(sink.deliver(batch(2, {"1c", "1d"})));
  CHECK(sink.recalled == "11b21c");
  CHECK(all() == "abcd");
  CHECK(covered() == 4);
  // Nobody remembers what was not derived.
  sink.remembers_to = Position{9};
  CHECK(sink.resume_at()->number == 4);
  sink.not_ready = Outcome::unavailable;
  CHECK_FALSE(sink.resume_at());
}

TEST_CASE_FIXTURE(Fixture, "a batch is derived in order and its range is covered") {
  CHECK(sink.resume_at()->number == 0);
  REQUIRE(sink.deliver(batch(0, {"1a", "2b", "0c"})));
  CHECK(all() == "abb");
  CHECK(covered() == 3);
  CHECK(sink.resume_at()->number == 3);
  CHECK(sink.announced == std::vector<Source>{{{0}, {0}, {3}}});
}

TEST_CASE_FIXTURE(Fixture, "what the target has not synced holds the source") {
  REQUIRE(sink.deliver(batch(0, {"1a", "1b"})));
  CHECK(sink.durable_before({2}) == Position{0});
  CHECK(all() == "ab");
  CHECK(sink.durable_before({2}) == Position{2});
  CHECK(sink.durable_before({1}) == Position{1});
}

TEST_CASE_FIXTURE(Fixture, "a range that gives nothing is covered too") {
  REQUIRE(sink.deliver(batch(0, {"0a", "0b"})));
  CHECK(all().empty());
  CHECK(covered() == 2);
}

TEST_CASE_FIXTURE(Fixture, "a batch that comes again gives nothing new") {
  REQUIRE(sink.deliver(batch(0, {"1a", "1b"})));
  REQUIRE(sink.deliver(batch(0, {"1a", "1b"})));
  CHECK(all() == "ab");
  CHECK(sink.announced.size() == 1);
  REQUIRE(sink.deliver(batch(1, {"1b", "1c"})));
  CHECK(all() == "abc");
}

TEST_CASE_FIXTURE(Fixture, "a gap before a batch is refused") {
  REQUIRE(sink.deliver(batch(0, {"1a"})));
  CHECK(sink.deliver(batch(2, {"1c"})).error().outcome == Outcome::conflict);
  CHECK(all() == "a");
}

TEST_CASE_FIXTURE(Fixture, "frames end with the record that fills them") {
  REQUIRE(sink.deliver(batch(0, {"1a", "3b", "9c", "1d"})));
  CHECK(sink.announced == std::vector<Source>{{{0}, {0}, {2}}, {{0}, {2}, {3}}, {{0}, {3}, {4}}});
  CHECK(sink.frames_begun == 3);
  CHECK(all() == "abbbcccccccccd");
}

TEST_CASE_FIXTURE(Fixture, "a full writer gets the same frame again, made once") {
  refusing.refuse_with = Outcome::exhausted;
  const stream::Batch waiting = batch(0, {"4a", "4b"});
  for (int attempt = 0; attempt < 3; ++attempt)
    CHECK(sink.deliver(waiting).error().outcome == Outcome::exhausted);
  CHECK(sink.frames_begun == 1);
  CHECK(sink.announced.size() == 1);
  CHECK(all().empty());
  refusing.refuse_with.reset();
  REQUIRE(sink.deliver(waiting));
  CHECK(all() == "aaaabbbb");
}

TEST_CASE_FIXTURE(Fixture, "a batch goes on after the frames that were taken") {
  refusing.refuse_with = Outcome::exhausted;
  refusing.appends_left = 1;
  const stream::Batch half = batch(0, {"4a", "4b", "4c"});
  CHECK_FALSE(sink.deliver(half));
  CHECK(covered() == 1);
  refusing.refuse_with.reset();
  REQUIRE(sink.deliver(half));
  CHECK(all() == "aaaabbbbcccc");
  CHECK(sink.announced.size() == 3);
}

TEST_CASE_FIXTURE(Fixture, "another process goes on where the frames end, however it cuts") {
  refusing.refuse_with = Outcome::exhausted;
  refusing.appends_left = 1;
  CHECK_FALSE(sink.deliver(batch(0, {"4a", "4b", "4c"})));
  RepeatingSink next{*writer, {.source = {0}, .target = {0}}, 100};
  CHECK(next.resume_at()->number == 1);
  REQUIRE(next.deliver(batch(1, {"4b", "4c", "1d"})));
  CHECK(all() == "aaaabbbbccccd");
}

TEST_CASE_FIXTURE(Fixture, "nothing is appended before what has to be there is there") {
  sink.not_ready = Outcome::exhausted;
  CHECK(sink.deliver(batch(0, {"1a"})).error().outcome == Outcome::exhausted);
  CHECK(covered() == 0);
  sink.not_ready.reset();
  REQUIRE(sink.deliver(batch(0, {"1a"})));
  CHECK(sink.frames_begun == 1);
  CHECK(all() == "a");
}

TEST_CASE_FIXTURE(Fixture, "a record that cannot be derived stops the batch and covers nothing") {
  CHECK(sink.deliver(batch(0, {"1a", "!"})).error().outcome == Outcome::corrupt);
  CHECK(all().empty());
  CHECK(covered() == 0);
}

TEST_CASE("lost positions are derived to nothing, and the source goes on behind them") {
  Fixture fixture;
  REQUIRE(fixture.sink.deliver(Fixture::batch(0, {"1a"})));
  stream::Batch lost;
  lost.from = {1};
  lost.to = {8};
  REQUIRE(fixture.sink.deliver(lost));
  CHECK(fixture.writer->derived_end({0}, {0}) == Position{8});
  REQUIRE(fixture.sink.deliver(lost));
  REQUIRE(fixture.sink.deliver(Fixture::batch(8, {"1b"})));
  CHECK(fixture.all() == "ab");
  // There is nothing in them to be reminded of.
  CHECK(fixture.sink.recalled.empty());
}

}  // namespace cauce::delivery
