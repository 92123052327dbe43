// The verbs of the fault tests: one partition on a memory disk, what was acknowledged, and what can
// be read back. Only tests include this.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/random.h"
#include "disk/memory/memory.h"
#include "stream/embedded/embedded.h"
#include "stream/embedded/format.h"
#include "stream/embedded/head.h"

namespace cauce::stream::embedded {

inline const std::string partition_path = "raw/0/";

class FaultStory {
 public:
  explicit FaultStory(Options options) : options_(std::move(options)) {
    options_.lock_span_max = Duration{0};
    // Full disks and torn tails are the point here, and would be said thousands of times.
    static const bool quiet = (log::start("test", log::Level::error), true);
    static_cast<void>(quiet);
    REQUIRE(open());
  }

  // Opens writer and reader anew; the error when recovery refuses.
  Result<void> open() {
    close();
    root_ = disk_.root();
    topic_ = make_topic(*root_, "raw", options_, clock_);
    auto writer = topic_->open_writer();
    if (!writer) return writer.error();
    writer_ = std::move(*writer);
    reader_ = *topic_->open_reader();
    return {};
  }

  void close() {
    reader_.reset();
    writer_.reset();
    topic_.reset();
  }

  // Takes `count` records of a size between 0 and `bytes_max` in one append.
  void append(std::size_t count, std::uint64_t bytes_max) {
    std::vector<Bytes> records;
    for (std::size_t index = 0; index < count; ++index) {
      records.push_back(random_.bytes(random_.below(bytes_max + 1)));
      if (options_.pack) make_dull(records.back());
    }
    append(std::move(records));
  }

  // Of few letters, so that it pays to pack them.
  static void make_dull(Bytes& record) {
    for (char& letter : record)
      letter = char('a' + (letter & 1));
  }

  void append(std::vector<Bytes> records) {
    const std::size_t begin = sent_.size();
    sent_.insert(sent_.end(), records.begin(), records.end());
    const std::size_t end = sent_.size();
    REQUIRE(writer_->append({}, std::move(records), [this, begin, end](Result<Position> first) {
      if (!first) {
        ++refused_;
        return;
      }
      CHECK(first->number == begin);
      CHECK(acknowledged_ == begin);
      acknowledged_ = end;
    }));
  }

  Result<work::Progress> step() { return writer_->worker().step(); }

  // All records from the first to the end, or the error that reading met.
  Result<std::vector<Bytes>> read_all() {
    std::vector<Bytes> records;
    Position from = *reader_->first({});
    while (true) {
      auto batch = reader_->read({}, from, 5000);
      if (!batch) return batch.error();
      if (batch->records.empty()) return records;
      records.insert(records.end(), batch->records.begin(), batch->records.end());
      from = batch->to;
    }
  }

  // After a death: what is there is a prefix of what was sent with all that was acknowledged; it
  // becomes what was sent.
  void check_nothing_lost() {
    const auto left = read_all();
    REQUIRE(left);
    CHECK(left->size() >= acknowledged_);
    REQUIRE(left->size() <= sent_.size());
    CHECK(std::equal(left->begin(), left->end(), sent_.begin()));
    sent_.resize(left->size());
    acknowledged_ = left->size();
  }

  // "00000000000000000000.seg" and its successors.
  std::vector<std::string> segments() const {
    std::vector<std::string> names;
    for (const std::string& path : disk_.files()) {
      if (path.ends_with(".seg")) names.push_back(path);
    }
    return names;
  }

  // How much of a segment is synced frames: while it is written, zeros may follow them.
  std::uint64_t bytes_synced(const std::string& path) const {
    const auto directory = root_->directory("raw")->directory("0");
    const auto durable = (*Head::open(*directory, disk::Open::read))->load();
    const bool is_last = path == partition_path + segment_name(durable->segment);
    return is_last ? durable->segment_bytes : disk_.size_of(path);
  }

  disk::MemoryDisk& disk() { return disk_; }
  VirtualClock& clock() { return clock_; }
  SeededRandom& random() { return random_; }
  void reseed(std::uint64_t seed) { random_ = SeededRandom{seed}; }
  Writer& writer() { return *writer_; }
  Reader& reader() { return *reader_; }
  const std::vector<Bytes>& sent() const { return sent_; }
  std::size_t acknowledged() const { return acknowledged_; }
  std::size_t refused() const { return refused_; }

 private:
  VirtualClock clock_{from_microseconds(1'700'000'000'000'000)};
  SeededRandom random_{1};
  disk::MemoryDisk disk_;
  std::vector<Bytes> sent_;       // position by position
  std::size_t acknowledged_ = 0;  // of sent_, from the first on
  std::size_t refused_ = 0;       // appends acknowledged with an error
  Options options_;
  std::unique_ptr<disk::Directory> root_;
  std::unique_ptr<Topic> topic_;
  std::unique_ptr<Writer> writer_;
  std::unique_ptr<Reader> reader_;
};

}  // namespace cauce::stream::embedded
