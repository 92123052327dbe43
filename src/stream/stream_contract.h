// What every engine of the stream must do, as one suite: an engine's own test gives a fixture and
// calls check_contract() within a test case. Only tests include this.
#pragma once

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "stream/in_flight.h"
#include "stream/stream.h"

namespace cauce::stream {

// The limit that a fixture sets for its topic: room for the longest record, and little more.
constexpr std::size_t contract_bytes_in_flight_max = 2 << 20;

// A topic with two partitions on a virtual clock, and segments of at most 4 KiB where the engine
// has segments.
class ContractFixture {
 public:
  virtual ~ContractFixture() = default;
  // As if the process had ended and another had begun; all that was opened is closed before.
  virtual void reopen() = 0;
  virtual Topic& topic() = 0;
  VirtualClock& clock() { return clock_; }

 private:
  VirtualClock clock_{from_microseconds(1'700'000'000'000'000)};
};

using MakeFixture = std::function<std::unique_ptr<ContractFixture>()>;

// The verbs of the contract's stories.
class ContractStory {
 public:
  explicit ContractStory(const MakeFixture& make) : fixture_(make()) { open(); }

  void reopen() {
    reader_.reset();
    cursors_.reset();
    writer_.reset();
    fixture_->reopen();
    open();
  }

  Result<void> append(std::vector<Bytes> records, Partition partition = {}) {
    const std::size_t number = acknowledged_.size();
    acknowledged_.emplace_back();
    auto taken = writer_->append(partition, std::move(records), [this, number](auto first) {
      acknowledged_[number].push_back(first ? std::int64_t(first->number) : -1);
      order_.push_back(number);
    });
    if (!taken) acknowledged_.pop_back();
    return taken;
  }

  Result<void> derive(std::vector<Bytes> records, std::uint64_t from, std::uint64_t to,
                      Partition source = {}) {
    return writer_->append_derived({}, std::move(records), {source, {from}, {to}});
  }

  void step_until_idle() {
    while (true) {
      auto progress = writer_->worker().step();
      REQUIRE(progress);
      if (*progress == work::Progress::idle) return;
    }
  }

  std::vector<Bytes> read_all(Position from = {}, std::size_t bytes_max = 1 << 20,
                              Partition partition = {}) {
    std::vector<Bytes> records;
    while (true) {
      auto batch = reader_->read(partition, from, bytes_max);
      REQUIRE(batch);
      CHECK(batch->from == from);
      CHECK(batch->records.size() == batch->to.number - batch->from.number);
      CHECK(batch->appended_at.size() == batch->records.size());
      if (batch->records.empty()) return records;
      records.insert(records.end(), batch->records.begin(), batch->records.end());
      from = batch->to;
    }
  }

  VirtualClock& clock() { return fixture_->clock(); }
  Topic& topic() { return fixture_->topic(); }
  Writer& writer() { return *writer_; }
  Reader& reader() { return *reader_; }
  Cursors& cursors() { return *cursors_; }
  // For each append that was taken, what its acknowledge was told: a position, or -1.
  const std::vector<std::vector<std::int64_t>>& acknowledged() const { return acknowledged_; }
  const std::vector<std::size_t>& order() const { return order_; }

 private:
  void open() {
    writer_ = *fixture_->topic().open_writer();
    reader_ = *fixture_->topic().open_reader();
    cursors_ = *fixture_->topic().open_cursors();
  }

  std::unique_ptr<ContractFixture> fixture_;
  std::vector<std::vector<std::int64_t>> acknowledged_;
  std::vector<std::size_t> order_;
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<Reader> reader_;
  std::unique_ptr<Cursors> cursors_;
};

void check_contract(const MakeFixture& make);

}  // namespace cauce::stream
