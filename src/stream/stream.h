// The durable, ordered, replayable stream: every record that enters cauce is here before anybody
// is told that it arrived.
//
// A topic (`raw`, `readings`, …) has partitions; a partition is a sequence of records, each at one
// Position, numbered from 0. One process writes a topic (Writer), any process reads it (Reader). A
// reader sees only what is durable: what survives kill -9 and a power cut. Every position has a
// record, except those that `cauce stream repair` declared lost: no position is ever given twice.
//
// A derived topic is made from another one. Each of its appends carries the range of the source
// that it covers, so output and progress are one atomic frame: `append_derived` answers `conflict`
// unless `source.from` is where the last one ended, and a restarted producer goes on at
// `derived_end()`. Thus each source record is derived exactly once.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "stream/records.h"
#include "work/worker.h"

namespace cauce::stream {

struct Partition {
  std::uint32_t number = 0;
  auto operator<=>(const Partition&) const = default;
};

struct Position {
  std::uint64_t number = 0;
  auto operator<=>(const Position&) const = default;
};

// The records [from, to) of one partition of the topic that a derived append was made from.
struct Source {
  Partition partition;
  Position from;
  Position to;
  bool operator==(const Source&) const = default;
};

// Runs exactly once: in append order, on the writer's thread, when the records are durable; then
// `first` is the position of the batch's first record. With an error when they can no longer
// become so; the process then stops. It must not block and must not call the writer.
using Acknowledge = std::function<void(Result<Position> first)>;

// The longest record: a message of 1 MiB with its topic and names.
constexpr std::size_t record_bytes_max = (1 << 20) + 4096;

class Writer {
 public:
  virtual ~Writer() = default;

  // Takes the records and returns at once. Answers `exhausted` while the limit of bytes in flight
  // is reached (then nothing was taken: stop reading the socket and try again when an acknowledge
  // has run), `invalid` for a record over record_bytes_max or an empty batch. Any thread.
  virtual Result<void> append(Partition partition, std::vector<Bytes> records,
                              Acknowledge acknowledge) = 0;

  // As above for a derived topic. `records` may be empty: the frame then says only that the source
  // range gave nothing. Answers `conflict` unless source.from == derived_end(partition,
  // source.partition), counting appends that are not durable yet. One thread at a time.
  virtual Result<void> append_derived(Partition partition, std::vector<Bytes> records,
                                      Source source) = 0;

  // Where the next derived append from `source` must begin; Position 0 when there was none.
  virtual Position derived_end(Partition partition, Partition source) const = 0;
  // The same counting durable appends only: what comes before it in the source is needed no more.
  // Any thread.
  virtual Position derived_end_durable(Partition partition, Partition source) const = 0;

  // Writes and syncs what waits: one step makes one group durable and runs its acknowledges. The
  // owner gives it a thread (or, in a test, calls step() by hand); without it nothing is durable.
  virtual work::Worker& worker() = 0;

  // Deletes whole segments that hold only records before `before`. Readers that stand there get
  // `not_found` and must go on from the lake. The record at the end is never deleted.
  virtual Result<void> trim(Partition partition, Position before) = 0;
};

// Records [from, to) of one partition, in order: one for each position, or none at all, when the
// records of these positions were damaged and `cauce stream repair` declared them lost.
struct Batch {
  // A gap: go on at `to`.
  bool is_lost() const { return records.empty() && from < to; }

  Partition partition;
  Position from;
  Position to;
  Records records;
  std::vector<Time> appended_at;  // of the frame that holds the record, one for each record
};

class Reader {
 public:
  virtual ~Reader() = default;

  // The oldest record kept, and one past the last durable one.
  virtual Result<Position> first(Partition partition) = 0;
  virtual Result<Position> end(Partition partition) = 0;

  // Up to `bytes_max` bytes of durable records from `from` on, at least one when there is one; an
  // empty batch (from == to) at the end. A batch ends where lost positions begin, and they are a
  // batch of their own (Batch::is_lost). `not_found` when `from` is older than first(), `corrupt`
  // when stored bytes are damaged, naming file and offset: they are never served. One thread at a
  // time for one Reader; make one for each thread.
  virtual Result<Batch> read(Partition partition, Position from, std::size_t bytes_max) = 0;

  // The first position whose record was appended at `time` or later; end() when there is none.
  virtual Result<Position> position_at(Partition partition, Time time) = 0;

  // As Writer::derived_end, counting durable frames only.
  virtual Result<Position> derived_end(Partition partition, Partition source) = 0;

  // Returns when end() may have passed `known`, when wake() was called or when `span_max` is over.
  // Sleeps on the topic's head (futex); does not poll.
  virtual void wait(Partition partition, Position known, Duration span_max) = 0;
  virtual void wake() = 0;
};

// How far the consumers of a topic have come, kept durably for retention, lag and health. A
// consumer whose output commits its own progress (a manifest, a database) stays the judge of where
// it resumes; the cursor follows it.
class Cursors {
 public:
  virtual ~Cursors() = default;

  // `group` is a name as base/names.h says it. Durable when it returns. May move back (replay).
  virtual Result<void> commit(std::string_view group, Partition partition, Position position) = 0;
  // nullopt when the group never committed.
  virtual Result<std::optional<Position>> committed(std::string_view group,
                                                    Partition partition) = 0;
  virtual Result<std::vector<std::string>> groups() = 0;
};

// One topic of one engine; app/engines.cpp makes it.
class Topic {
 public:
  virtual ~Topic() = default;

  // The only writer: `conflict` naming the holder when another process writes this topic.
  virtual Result<std::unique_ptr<Writer>> open_writer() = 0;
  // Works before the topic was ever written: it is then empty.
  virtual Result<std::unique_ptr<Reader>> open_reader() = 0;
  virtual Result<std::unique_ptr<Cursors>> open_cursors() = 0;
};

}  // namespace cauce::stream
