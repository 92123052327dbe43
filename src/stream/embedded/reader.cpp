#include "stream/embedded/reader.h"

#include <fmt/core.h>
#include <sched.h>

#include <algorithm>

#include "stream/embedded/embedded.h"

namespace cauce::stream::embedded {
namespace {

// A topic without a head has no word to sleep on; the program's start is the only such time.
constexpr Duration absent_interval = std::chrono::milliseconds{20};

}  // namespace

Result<PartitionReader*> EmbeddedReader::reader_of(Partition partition) {
  if (partition.number >= partitions_max) {
    return Error{Outcome::invalid, fmt::format("partition {} is beyond the limit of {}",
                                               partition.number, partitions_max)};
  }
  auto& reader = readers_[partition];
  if (reader == nullptr) {
    reader = std::make_unique<PartitionReader>(
        directory_->directory(std::to_string(partition.number)), partition);
  }
  return reader.get();
}

Result<Position> EmbeddedReader::first(Partition partition) {
  auto reader = reader_of(partition);
  if (!reader) return reader.error();
  auto durable = (*reader)->durable();
  if (!durable) return durable.error();
  return durable->first;
}

Result<Position> EmbeddedReader::end(Partition partition) {
  auto reader = reader_of(partition);
  if (!reader) return reader.error();
  auto durable = (*reader)->durable();
  if (!durable) return durable.error();
  return durable->end;
}

Result<Batch> EmbeddedReader::read(Partition partition, Position from, std::size_t bytes_max) {
  auto reader = reader_of(partition);
  if (!reader) return reader.error();
  return (*reader)->read(from, bytes_max);
}

Result<Position> EmbeddedReader::position_at(Partition partition, Time time) {
  auto reader = reader_of(partition);
  if (!reader) return reader.error();
  return (*reader)->position_at(time);
}

Result<Position> EmbeddedReader::derived_end(Partition partition, Partition source) {
  auto reader = reader_of(partition);
  if (!reader) return reader.error();
  return (*reader)->derived_end(source);
}

void EmbeddedReader::wait(Partition partition, Position known, Duration span_max) {
  auto reader = reader_of(partition);
  Result<const Head*> head = static_cast<const Head*>(nullptr);
  if (reader) head = (*reader)->head();
  if (!head || *head == nullptr) {
    if (!woken_.exchange(false)) signal_.wait(std::min(span_max, absent_interval));
    return;
  }
  waiting_on_ = *head;
  const std::uint32_t count = (*head)->count();
  const auto durable = (*head)->load();
  const bool passed = durable && durable->end > known;
  if (!passed && !woken_) (*head)->wait_while(count, span_max);
  waiting_on_ = nullptr;
  woken_ = false;
}

void EmbeddedReader::wake() {
  woken_ = true;
  signal_.set();
  // The waiter may be between its look at woken_ and its sleep, and a word mapped read-only can't
  // be changed to keep it awake: so until it has gone.
  for (const Head* head = waiting_on_; head != nullptr && woken_; head = waiting_on_) {
    head->wake();
    sched_yield();
  }
}

}  // namespace cauce::stream::embedded
