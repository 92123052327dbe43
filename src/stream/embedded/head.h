// The head of a partition: how far it is durable, in a page of memory that its writer and all its
// readers share, in whatever process. Readers sleep on it. It only ever grows.
//
// It is rebuilt when the writer opens. Recovery uses what it finds in it as a lower bound only: the
// writer had synced that much, so finding less is damage and not a torn write.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/time.h"
#include "disk/directory.h"
#include "stream/stream.h"

namespace cauce::stream::embedded {

struct Durable {
  Position first;                   // the oldest record kept
  Position end;                     // one past the last durable record
  Position segment;                 // base of the segment that is being written
  std::uint64_t segment_bytes = 0;  // how much of it is durable
  bool operator==(const Durable&) const = default;
};

class Head {
 public:
  // Open::create for the writer, Open::read for readers (`not_found` before the first writer).
  static Result<std::unique_ptr<Head>> open(disk::Directory& directory, disk::Open mode);

  // The latest that was published; nullopt when there is none that is undamaged. Any thread.
  std::optional<Durable> load() const;

  // Changes with every publish; ask before load(), then wait for it to become another.
  std::uint32_t count() const;
  void wait_while(std::uint32_t count, Duration span_max) const;
  // Wakes all waiters, of all processes, without a change: for a waiter with another reason.
  void wake() const;

  // The writer only, one thread at a time.
  void publish(const Durable& durable);
  Result<void> sync() { return page_->sync(); }

 private:
  explicit Head(std::unique_ptr<disk::Page> page) : page_(std::move(page)) {}

  const std::unique_ptr<disk::Page> page_;
};

}  // namespace cauce::stream::embedded
