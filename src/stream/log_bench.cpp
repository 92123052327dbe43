// What the embedded log costs, beside what the disk below it costs; one JSON line for each call.
// bench/log calls it in turns.
//
//   log_bench raw DIR SECONDS                  write 256 KiB + fdatasync, one after the other
//   log_bench append DIR SECONDS PRODUCERS RECORDS
//                                              appends of RECORDS records of 128 bytes
//   log_bench fill DIR BYTES                   appends records of 1,000 bytes until it is so long
//   log_bench open DIR                         opens the writer, as a start does, and appends once
//   log_bench read DIR                         reads all of it in order
//   log_bench verify DIR                       judges all of it
//   log_bench times DIR COUNT                  position_at of COUNT times, spread over all of it
//
// DIR is made where it is absent; the caller deletes it.
#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/log.h"
#include "base/random.h"
#include "disk/posix.h"
#include "stream/embedded/embedded.h"
#include "stream/embedded/verification.h"

namespace {

using namespace cauce;
using stream::Partition;
using stream::Position;

const std::string topic_name = "bench";
constexpr std::size_t raw_bytes = 256 << 10;
constexpr std::uint64_t raw_file_bytes = 128 << 20;
constexpr std::size_t record_bytes = 128;
constexpr std::size_t filled_record_bytes = 1000;
// What one producer has in flight: 1 MiB of records, four groups at the knee.
constexpr std::size_t window_records = 8192;

[[noreturn]] void fail(const Error& error) {
  std::fprintf(stderr, "log_bench: %s\n", error.message.c_str());
  std::exit(1);
}

template <class T>
T must(Result<T> result) {
  if (!result) fail(result.error());
  return std::move(*result);
}

void must(const Result<void>& result) {
  if (!result) fail(result.error());
}

double seconds_of(Duration span) {
  return std::chrono::duration<double>(span).count();
}

// Milliseconds; `share` is 0.5 for the median.
double quantile(std::vector<Duration>& spans, double share) {
  if (spans.empty()) return 0;
  const auto at = spans.begin() + std::ptrdiff_t(double(spans.size() - 1) * share);
  std::nth_element(spans.begin(), at, spans.end());
  return seconds_of(*at) * 1000;
}

std::string spread(std::vector<Duration>& spans) {
  return fmt::format("\"p50_ms\": {:.3f}, \"p99_ms\": {:.3f}", quantile(spans, 0.5),
                     quantile(spans, 0.99));
}

// The log of one topic in `path`, with a thread that makes it durable.
class Log {
 public:
  explicit Log(const std::string& path)
      : root_(disk::posix_directory(path)),
        topic_(stream::embedded::make_topic(*root_, topic_name, {}, clock_)) {}
  ~Log() { close(); }
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;

  // `after_step` runs on the thread that makes it durable.
  void open_writer(std::function<void()> after_step = {}) {
    after_step_ = std::move(after_step);
    writer_ = must(topic_->open_writer());
    thread_ = std::thread{[this] {
      work::Worker& worker = writer_->worker();
      while (!finished_) {
        const bool is_idle = must(worker.step()) == work::Progress::idle;
        if (after_step_) after_step_();
        if (is_idle) worker.wait(std::chrono::seconds{1});
      }
    }};
  }
  void close() {
    if (!thread_.joinable()) return;
    finished_ = true;
    writer_->worker().wake();
    thread_.join();
    writer_.reset();
  }

  const Clock& clock() const { return clock_; }
  stream::Writer& writer() { return *writer_; }
  std::unique_ptr<stream::Reader> reader() { return must(topic_->open_reader()); }

 private:
  const SystemClock clock_;
  const std::unique_ptr<disk::Directory> root_;
  const std::unique_ptr<stream::Topic> topic_;
  std::unique_ptr<stream::Writer> writer_;
  std::function<void()> after_step_;
  std::atomic<bool> finished_{false};
  std::thread thread_;
};

// Appends as fast as it is acknowledged, window_records ahead.
class Producer {
 public:
  Producer(Log& log, std::size_t batch, std::uint64_t seed)
      : log_(log), batch_(batch), record_(SeededRandom{seed}.bytes(record_bytes)) {}

  void run(Duration until) {
    std::size_t acknowledged = 0;
    for (Duration now = log_.clock().elapsed(); now < until; now = log_.clock().elapsed()) {
      while (sent_ + batch_ > acknowledged + window_records)
        acknowledged = wait_beyond(acknowledged);
      must(log_.writer().append({}, std::vector<Bytes>(batch_, record_),
                                [this, now](Result<Position> first) {
                                  must(std::move(first));
                                  began_.push_back(now);
                                }));
      sent_ += batch_;
    }
    while (acknowledged < sent_)
      acknowledged = wait_beyond(acknowledged);
  }

  // The writer's thread, after each group: what it acknowledged is known at once, not one by one.
  void publish() {
    if (began_.empty()) return;
    const Duration now = log_.clock().elapsed();
    for (const Duration began : began_)
      spans_.push_back(now - began);
    acknowledged_.fetch_add(began_.size() * batch_);
    acknowledged_.notify_one();
    began_.clear();
  }

  std::size_t sent() const { return sent_; }
  const std::vector<Duration>& spans() const { return spans_; }

 private:
  std::size_t wait_beyond(std::size_t acknowledged) {
    acknowledged_.wait(acknowledged);
    return acknowledged_;
  }

  Log& log_;
  const std::size_t batch_;
  const Bytes record_;
  std::size_t sent_ = 0;
  // A cache line for each thread.
  alignas(64) std::atomic<std::size_t> acknowledged_{0};
  alignas(64) std::vector<Duration> began_;
  std::vector<Duration> spans_;
};

void run_raw(const std::string& path, double seconds) {
  const SystemClock clock;
  const auto directory = disk::posix_directory(path);
  must(directory->make());
  const Bytes piece = SeededRandom{1}.bytes(raw_bytes);
  std::vector<Duration> spans;
  const Duration began = clock.elapsed();
  std::unique_ptr<disk::File> file;
  std::uint64_t offset = raw_file_bytes;
  while (seconds_of(clock.elapsed() - began) < seconds) {
    if (offset == raw_file_bytes) {
      file = must(directory->open(fmt::format("raw-{}", spans.size()), disk::Open::create));
      must(file->reserve(raw_file_bytes));
      offset = 0;
    }
    const Duration start = clock.elapsed();
    must(file->write_at(offset, piece));
    must(file->sync());
    spans.push_back(clock.elapsed() - start);
    offset += piece.size();
  }
  const double span = seconds_of(clock.elapsed() - began);
  fmt::print("{{\"bytes_per_second\": {:.0f}, {}}}\n",
             double(spans.size()) * double(raw_bytes) / span, spread(spans));
}

void run_append(const std::string& path, double seconds, std::size_t producers, std::size_t batch) {
  Log log{path};
  std::vector<std::unique_ptr<Producer>> all;
  for (std::size_t number = 0; number < producers; ++number)
    all.push_back(std::make_unique<Producer>(log, batch, number));
  log.open_writer([&all] {
    for (const auto& producer : all)
      producer->publish();
  });
  const std::uint64_t first = must(log.reader()->end({})).number;
  const Duration began = log.clock().elapsed();
  const Duration until = began + Duration{std::int64_t(seconds * 1e6)};
  std::vector<std::thread> threads;
  for (const auto& producer : all)
    threads.emplace_back([&producer, until] { producer->run(until); });
  for (std::thread& thread : threads)
    thread.join();
  const double span = seconds_of(log.clock().elapsed() - began);
  std::size_t records = 0;
  std::vector<Duration> spans;
  for (const auto& producer : all) {
    records += producer->sent();
    spans.insert(spans.end(), producer->spans().begin(), producer->spans().end());
  }
  const std::uint64_t end = must(log.reader()->end({})).number;
  if (end - first != records) fail(Error{Outcome::corrupt, "records are missing"});
  fmt::print("{{\"records_per_second\": {:.0f}, \"bytes_per_second\": {:.0f}, {}}}\n",
             double(records) / span, double(records * record_bytes) / span, spread(spans));
}

void run_fill(const std::string& path, std::uint64_t bytes) {
  Log log{path};
  log.open_writer();
  constexpr std::size_t batch = 256;
  const Bytes record = SeededRandom{1}.bytes(filled_record_bytes);
  const std::uint64_t appends = bytes / (batch * filled_record_bytes) + 1;
  std::atomic<std::uint64_t> acknowledged{0};
  for (std::uint64_t number = 0; number < appends; ++number) {
    // Some MiB in flight are enough to keep the disk at work.
    for (std::uint64_t count = acknowledged; number > count + 32; count = acknowledged)
      acknowledged.wait(count);
    must(log.writer().append({}, std::vector<Bytes>(batch, record), [&](Result<Position> first) {
      must(std::move(first));
      ++acknowledged;
      acknowledged.notify_one();
    }));
  }
  for (std::uint64_t count = acknowledged; count < appends; count = acknowledged)
    acknowledged.wait(count);
  fmt::print("{{\"records\": {}}}\n", appends * batch);
}

void run_open(const std::string& path) {
  Log log{path};
  const Duration began = log.clock().elapsed();
  log.open_writer();
  const Duration opened = log.clock().elapsed();
  std::atomic<bool> done{false};
  must(log.writer().append({}, {Bytes(record_bytes, 'x')}, [&](Result<Position> first) {
    must(std::move(first));
    done = true;
    done.notify_one();
  }));
  done.wait(false);
  fmt::print("{{\"open_seconds\": {:.4f}, \"first_append_ms\": {:.3f}}}\n",
             seconds_of(opened - began), seconds_of(log.clock().elapsed() - opened) * 1000);
}

void run_read(const std::string& path) {
  Log log{path};
  const auto reader = log.reader();
  Position from = must(reader->first({}));
  const Position first = from;
  std::uint64_t bytes = 0;
  const Duration began = log.clock().elapsed();
  while (true) {
    const stream::Batch batch = must(reader->read({}, from, 1 << 20));
    if (batch.records.empty()) break;
    for (const BytesView record : batch.records)
      bytes += record.size();
    from = batch.to;
  }
  const double span = seconds_of(log.clock().elapsed() - began);
  fmt::print("{{\"records\": {}, \"records_per_second\": {:.0f}, \"bytes_per_second\": {:.0f}}}\n",
             from.number - first.number, double(from.number - first.number) / span,
             double(bytes) / span);
}

void run_verify(const std::string& path) {
  const SystemClock clock;
  const auto root = disk::posix_directory(path);
  const Duration began = clock.elapsed();
  const auto found = must(stream::embedded::verify_topic(
      *root, topic_name,
      {.damage = [](const stream::Damage& damage) { fail(Error{Outcome::corrupt, damage.what}); },
       .gap = [](const stream::DeclaredGap&) {}}));
  const double span = seconds_of(clock.elapsed() - began);
  std::uint64_t bytes = 0;
  std::uint64_t records = 0;
  for (const stream::VerifiedPartition& partition : found) {
    bytes += partition.bytes;
    records += partition.end.number - partition.first.number;
  }
  fmt::print("{{\"records_per_second\": {:.0f}, \"bytes_per_second\": {:.0f}}}\n",
             double(records) / span, double(bytes) / span);
}

void run_times(const std::string& path, int count) {
  Log log{path};
  const Position first = must(log.reader()->first({}));
  const Position end = must(log.reader()->end({}));
  if (first == end) fail(Error{Outcome::invalid, "there is no record in " + path});
  const auto time_of = [&](Position position) {
    return must(log.reader()->read({}, position, 1)).appended_at.front();
  };
  const Time from = time_of(first);
  const Duration span = time_of({end.number - 1}) - from;
  const auto kept = log.reader();
  std::vector<Duration> fresh_spans;
  std::vector<Duration> kept_spans;
  for (int number = 0; number < count; ++number) {
    const Time time = from + span * number / count;
    const auto fresh = log.reader();
    Duration began = log.clock().elapsed();
    const Position found = must(fresh->position_at({}, time));
    fresh_spans.push_back(log.clock().elapsed() - began);
    static_cast<void>(must(kept->position_at({}, time)));
    began = log.clock().elapsed();
    if (must(kept->position_at({}, time)) != found) std::abort();
    kept_spans.push_back(log.clock().elapsed() - began);
  }
  fmt::print("{{\"fresh\": {{{}}}, \"known\": {{{}}}}}\n", spread(fresh_spans), spread(kept_spans));
}

bool run(const std::vector<std::string>& words) {
  const auto is = [&words](std::string_view name, std::size_t count) {
    return words.size() == count + 1 && words[0] == name;
  };
  if (is("raw", 2)) {
    run_raw(words[1], std::stod(words[2]));
  } else if (is("append", 4)) {
    run_append(words[1], std::stod(words[2]), std::stoul(words[3]), std::stoul(words[4]));
  } else if (is("fill", 2)) {
    run_fill(words[1], std::stoull(words[2]));
  } else if (is("open", 1)) {
    run_open(words[1]);
  } else if (is("read", 1)) {
    run_read(words[1]);
  } else if (is("verify", 1)) {
    run_verify(words[1]);
  } else if (is("times", 2)) {
    run_times(words[1], std::stoi(words[2]));
  } else {
    return false;
  }
  return true;
}

}  // namespace

int main(int count, char** words) {
  cauce::log::start("log_bench", cauce::log::Level::error);
  if (run({words + 1, words + count})) return 0;
  std::fprintf(stderr, "usage: log_bench raw|append|fill|open|read|verify|times DIR ...\n");
  return 2;
}
