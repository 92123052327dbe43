// Moves events from the outbox of alarms.db to the topic `events`, each exactly once: an append
// carries the range of sequences that it covers, so a restart goes on where the topic ends, and
// rows are deleted only when the topic has them durably.
#pragma once

#include <filesystem>
#include <memory>

#include "metrics/metrics.h"
#include "sql/database.h"
#include "stream/stream.h"
#include "work/signal.h"
#include "work/worker.h"

namespace cauce::alarms {

// Runs in the process that holds Alarms, on its own thread or the same one.
class Outbox final : public work::Worker {
 public:
  struct Options {
    // What one append takes; a row alone may be larger than the bytes.
    std::size_t events_max = 1000;
    std::size_t bytes_max = 1 << 20;
    // How often the table is looked at when nobody calls wake().
    Duration look_interval = std::chrono::milliseconds{200};
    metrics::Gauge waiting = {};  // events that the topic has not got durably
  };

  // `file` is the alarms.db that Alarms opened before. `reader` reads what `writer` wrote.
  static Result<std::unique_ptr<Outbox>> open(const std::filesystem::path& file,
                                              stream::Writer& writer,
                                              std::unique_ptr<stream::Reader> reader,
                                              Options options);

  std::string_view name() const override { return "alarms-outbox"; }
  Result<work::Progress> step() override;
  void wait(Duration span_max) override;
  void wake() override;

 private:
  Outbox(sql::Database database, stream::Writer& writer, std::unique_ptr<stream::Reader> reader,
         Options options)
      : database_(std::move(database)),
        writer_(writer),
        reader_(std::move(reader)),
        options_(options) {}

  Result<bool> append_next();
  Result<bool> delete_durable();
  Result<void> measure();

  sql::Database database_;
  stream::Writer& writer_;
  std::unique_ptr<stream::Reader> reader_;
  Options options_;
  stream::Position deleted_to_;
  work::Signal signal_;
};

}  // namespace cauce::alarms
