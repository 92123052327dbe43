#include "delivery/delivery.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "stream/memory/memory.h"

namespace cauce::delivery {
namespace {

using stream::Partition;
using stream::Position;
using work::Progress;

// Keeps what it takes, and refuses when told to.
class KeepingSink final : public Sink {
 public:
  Result<Position> resume_at() override { return resume; }
  Result<void> deliver(const stream::Batch& batch) override {
    if (refuse_with) return Error{*refuse_with, "refused by the test"};
    batches.push_back(batch);
    return {};
  }

  Position durable_before(Position taken) override { return std::min(taken, durable); }

  std::vector<Bytes> records() const {
    std::vector<Bytes> all;
    for (const stream::Batch& batch : batches) {
      all.insert(all.end(), batch.records.begin(), batch.records.end());
    }
    return all;
  }

  Position resume{0};
  Position durable{1000};
  std::optional<Outcome> refuse_with;
  std::vector<stream::Batch> batches;
};

// Passes commits on unless the disk is full.
class FillingCursors final : public stream::Cursors {
 public:
  FillingCursors(std::unique_ptr<stream::Cursors> cursors, const bool& full)
      : cursors_(std::move(cursors)), full_(full) {}
  Result<void> commit(std::string_view group, Partition partition, Position position) override {
    if (full_) return Error{Outcome::exhausted, "the disk is full"};
    return cursors_->commit(group, partition, position);
  }
  Result<std::optional<Position>> committed(std::string_view group, Partition partition) override {
    return cursors_->committed(group, partition);
  }
  Result<std::vector<std::string>> groups() override { return cursors_->groups(); }

 private:
  const std::unique_ptr<stream::Cursors> cursors_;
  const bool& full_;
};

// Says of the positions [lost_from, lost_to) that they were declared lost.
class LosingReader final : public stream::Reader {
 public:
  LosingReader(std::unique_ptr<stream::Reader> reader, Position lost_from, Position lost_to)
      : reader_(std::move(reader)), lost_from_(lost_from), lost_to_(lost_to) {}

  Result<Position> first(Partition partition) override { return reader_->first(partition); }
  Result<Position> end(Partition partition) override { return reader_->end(partition); }
  Result<stream::Batch> read(Partition partition, Position from, std::size_t bytes_max) override {
    if (from >= lost_from_ && from < lost_to_) {
      return stream::Batch{
          .partition = partition, .from = from, .to = lost_to_, .records = {}, .appended_at = {}};
    }
    auto batch = reader_->read(partition, from, bytes_max);
    if (batch && from < lost_from_ && batch->to > lost_from_) {
      const std::size_t kept = lost_from_.number - from.number;
      batch->records =
          std::vector<Bytes>{batch->records.begin(), batch->records.begin() + std::ptrdiff_t(kept)};
      batch->appended_at.resize(kept);
      batch->to = lost_from_;
    }
    return batch;
  }
  Result<Position> position_at(Partition partition, Time time) override {
    return reader_->position_at(partition, time);
  }
  Result<Position> derived_end(Partition partition, Partition source) override {
    return reader_->derived_end(partition, source);
  }
  void wait(Partition partition, Position known, Duration span_max) override {
    reader_->wait(partition, known, span_max);
  }
  void wake() override { reader_->wake(); }

 private:
  const std::unique_ptr<stream::Reader> reader_;
  const Position lost_from_;
  const Position lost_to_;
};

struct Fixture {
  explicit Fixture(Options options) : options_(options) {}

  void append(std::vector<Bytes> records) {
    REQUIRE(writer->append(Partition{0}, std::move(records), [](Result<Position>) {}));
    while (*writer->worker().step() == Progress::worked) {
    }
  }
  void start() {
    worker = deliver("lake", *topic->open_reader(),
                     std::make_unique<FillingCursors>(*topic->open_cursors(), disk_is_full),
                     Partition{0}, sink, clock, options_);
  }
  // Steps until idle; answers how often it worked.
  int run() {
    int steps = 0;
    while (*worker->step() == Progress::worked)
      ++steps;
    return steps;
  }
  std::optional<Position> cursor() {
    return *(*topic->open_cursors())->committed("lake", Partition{0});
  }

  Options options_;
  VirtualClock clock{from_microseconds(1'800'000'000'000'000)};
  std::unique_ptr<stream::Topic> topic = stream::memory::make_topic("raw", {}, clock);
  std::unique_ptr<stream::Writer> writer = *topic->open_writer();
  KeepingSink sink;
  bool disk_is_full = false;
  std::unique_ptr<work::Worker> worker;
};

constexpr Options minute{.window = std::chrono::seconds{60}, .batch_bytes_max = 100};

}  // namespace

TEST_CASE("a batch waits for its window and no longer") {
  Fixture fixture{minute};
  fixture.start();
  fixture.append({"a"});
  fixture.run();
  fixture.clock.advance(std::chrono::seconds{59});
  fixture.append({"b"});
  fixture.run();
  CHECK(fixture.sink.batches.empty());
  fixture.clock.advance(std::chrono::seconds{1});
  fixture.run();
  REQUIRE(fixture.sink.batches.size() == 1);
  CHECK(fixture.sink.batches[0].records == std::vector<Bytes>{"a", "b"});
  CHECK(fixture.sink.batches[0].from == Position{0});
  CHECK(fixture.sink.batches[0].to == Position{2});
}

TEST_CASE("the window counts from when the oldest record came, over any number of restarts") {
  Fixture fixture{minute};
  fixture.append({"a"});
  for (int restart = 0; restart < 5; ++restart) {
    fixture.clock.advance(std::chrono::seconds{11});
    fixture.start();
    fixture.run();
    CHECK(fixture.sink.batches.empty());
  }
  fixture.append({"b"});
  fixture.run();
  CHECK(fixture.sink.batches.empty());
  fixture.clock.advance(std::chrono::seconds{5});
  fixture.run();
  REQUIRE(fixture.sink.batches.size() == 1);
  CHECK(fixture.sink.batches[0].records == std::vector<Bytes>{"a", "b"});
  fixture.append({"c"});
  fixture.run();
  CHECK(fixture.sink.batches.size() == 1);
}

TEST_CASE("a clock that was set back does not make a batch wait longer than its window") {
  Fixture fixture{minute};
  fixture.append({"a"});
  fixture.clock.set_wall(fixture.clock.now() - std::chrono::hours{1});
  fixture.start();
  fixture.run();
  CHECK(fixture.sink.batches.empty());
  fixture.clock.advance(std::chrono::seconds{60});
  fixture.run();
  CHECK(fixture.sink.batches.size() == 1);
}

TEST_CASE("lost positions are a batch of their own; what is before them does not wait") {
  Fixture fixture{minute};
  fixture.append({"a", "b", "x", "x", "x", "c"});
  fixture.worker = deliver(
      "lake",
      std::make_unique<LosingReader>(*fixture.topic->open_reader(), Position{2}, Position{5}),
      *fixture.topic->open_cursors(), Partition{0}, fixture.sink, fixture.clock, minute);
  fixture.sink.refuse_with = Outcome::unavailable;
  fixture.run();
  fixture.sink.refuse_with.reset();
  fixture.clock.advance(std::chrono::seconds{1});
  fixture.run();
  REQUIRE(fixture.sink.batches.size() == 2);
  CHECK(fixture.sink.batches[0].records == std::vector<Bytes>{"a", "b"});
  CHECK(fixture.sink.batches[1].is_lost());
  CHECK(fixture.sink.batches[1].from == Position{2});
  CHECK(fixture.sink.batches[1].to == Position{5});
  fixture.clock.advance(std::chrono::seconds{60});
  fixture.run();
  REQUIRE(fixture.sink.batches.size() == 3);
  CHECK(fixture.sink.batches[2].records == std::vector<Bytes>{"c"});
  CHECK(fixture.sink.batches[2].from == Position{5});
}

TEST_CASE("a full batch does not wait") {
  Fixture fixture{minute};
  fixture.start();
  fixture.append({Bytes(60, 'a'), Bytes(60, 'b'), Bytes(60, 'c')});
  fixture.run();
  REQUIRE_FALSE(fixture.sink.batches.empty());
  CHECK(fixture.sink.batches[0].from == Position{0});
  fixture.clock.advance(std::chrono::seconds{60});
  fixture.run();
  CHECK(fixture.sink.records().size() == 3);
}

TEST_CASE("a batch that grows ends with the record that fills it") {
  Fixture fixture{minute};
  fixture.start();
  fixture.append(std::vector<Bytes>(9, Bytes(10, 'a')));
  fixture.run();
  CHECK(fixture.sink.batches.empty());
  fixture.append(std::vector<Bytes>(30, Bytes(10, 'b')));
  fixture.run();
  REQUIRE(fixture.sink.batches.size() == 3);
  for (const stream::Batch& batch : fixture.sink.batches)
    CHECK(batch.records.size() == 10);
}

TEST_CASE("a refused batch comes again, whole and alone") {
  for (const Outcome outcome : {Outcome::exhausted, Outcome::unavailable}) {
    Fixture fixture{Options{.batch_bytes_max = 100}};
    fixture.start();
    fixture.append({"a"});
    fixture.sink.refuse_with = outcome;
    CHECK(fixture.run() == 0);
    fixture.append({"b"});
    fixture.sink.refuse_with.reset();
    CHECK(fixture.run() == 0);
    fixture.clock.advance(fixture.options_.retry_interval);
    fixture.run();
    REQUIRE(fixture.sink.batches.size() == 2);
    CHECK(fixture.sink.batches[0].records == std::vector<Bytes>{"a"});
    CHECK(fixture.sink.batches[1].records == std::vector<Bytes>{"b"});
  }
}

TEST_CASE("another refusal stops the worker and says where") {
  Fixture fixture{Options{}};
  fixture.start();
  fixture.append({"a"});
  fixture.sink.refuse_with = Outcome::corrupt;
  const Result<Progress> step = fixture.worker->step();
  REQUIRE_FALSE(step);
  CHECK(step.error().outcome == Outcome::corrupt);
  CHECK(step.error().message == "lake: deliver positions 0 to 1: refused by the test");
}

TEST_CASE("delivery goes on where the sink says") {
  Fixture fixture{Options{}};
  fixture.append({"a", "b", "c"});
  fixture.sink.resume = Position{2};
  fixture.start();
  fixture.run();
  CHECK(fixture.sink.records() == std::vector<Bytes>{"c"});
}

TEST_CASE("records that retention took are an error, never a gap") {
  Fixture fixture{Options{}};
  fixture.append({"a"});
  fixture.append({"b"});
  REQUIRE(fixture.writer->trim(Partition{0}, Position{1}));
  fixture.start();
  const Result<Progress> step = fixture.worker->step();
  REQUIRE_FALSE(step);
  CHECK(step.error().outcome == Outcome::not_found);
}

TEST_CASE("the group's cursor follows the sink within a second, also when idle") {
  Fixture fixture{Options{}};
  fixture.start();
  fixture.append({"a"});
  fixture.run();
  fixture.append({"b"});
  fixture.run();
  fixture.clock.advance(std::chrono::seconds{1});
  fixture.run();
  CHECK(fixture.cursor() == Position{2});
}

TEST_CASE("the group's cursor stays behind what a power cut would take back") {
  Fixture fixture{Options{}};
  fixture.start();
  fixture.sink.durable = Position{1};
  fixture.append({"a", "b", "c"});
  fixture.run();
  fixture.clock.advance(std::chrono::seconds{1});
  fixture.run();
  CHECK(fixture.sink.records().size() == 3);
  CHECK(fixture.cursor() == Position{1});
  fixture.sink.durable = Position{3};
  fixture.clock.advance(std::chrono::seconds{1});
  fixture.run();
  CHECK(fixture.cursor() == Position{3});
}

TEST_CASE("a disk that is full at the start delays the cursor and nothing else") {
  Fixture fixture{Options{}};
  fixture.disk_is_full = true;
  fixture.sink.resume = Position{1};
  fixture.append({"a", "b"});
  fixture.start();
  fixture.run();
  CHECK(fixture.sink.records() == std::vector<Bytes>{"b"});
  CHECK(fixture.cursor() == std::nullopt);
  fixture.disk_is_full = false;
  fixture.clock.advance(std::chrono::seconds{1});
  fixture.run();
  CHECK(fixture.cursor() == Position{2});
}

}  // namespace cauce::delivery
