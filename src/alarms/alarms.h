// The alarms role: judges every record of `readings` by the rules of its company and keeps the
// life cycle of alarms in alarms.db, apart from everything else: it may lag, stall or die without
// touching any other role, and goes on where it was.
//
//   auto alarms = Alarms::open(directory / "alarms.db", registry, events_end, options);
//   auto worker = delivery::deliver("alarms", readings, cursors, partition, **alarms, …);
//   auto outbox = Outbox::open(directory / "alarms.db", events_writer, events_reader);
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include "alarms/board.h"
#include "alarms/meters.h"
#include "alarms/store.h"
#include "business/business.h"
#include "delivery/delivery.h"
#include "stream/stream.h"

namespace cauce::alarms {

struct Options {
  BoardLimits board;
  Store::Limits store;
  // How long a killed predecessor may take to let go of alarms.db.
  Duration lock_wait = std::chrono::seconds{10};
  Meters meters = {};
};

// One thread. `registry` belongs to that thread and is refreshed before each batch.
class Alarms final : public delivery::Sink {
 public:
  // `events_end` is how many events the topic `events` holds already (its writer's derived_end of
  // partition 0), so that numbers go on behind them when alarms.db was lost. `conflict` naming the
  // holder when another process writes alarms.db.
  static Result<std::unique_ptr<Alarms>> open(const std::filesystem::path& file,
                                              business::Registry& registry,
                                              stream::Position events_end, Options options);

  Result<stream::Position> resume_at() override;

  // Judges the batch and commits states, alarms, outbox and cursor in one transaction. Records that
  // were judged before are passed over; `conflict` when records between the cursor and the batch
  // are missing; `corrupt` for a record that is none.
  Result<void> deliver(const stream::Batch& batch) override;

  // The records [from, to) have left the stream before they were judged. Keeps a Gap that the API
  // lists ("not evaluated from … to …") and goes on at `to`. `conflict` unless `from` is
  // resume_at(); nothing to do when `to` is not beyond it.
  Result<void> record_skipped(stream::Position from, stream::Position to);

  std::size_t alarms_open() const { return board_ ? board_->alarms_open() : 0; }

 private:
  Alarms(std::unique_ptr<Store> store, business::Registry& registry, stream::Position events_end,
         Options options)
      : store_(std::move(store)), registry_(registry), events_end_(events_end), options_(options) {}

  Result<void> load();
  Result<void> follow_registry();
  Result<void> commit();

  std::unique_ptr<Store> store_;
  business::Registry& registry_;
  stream::Position events_end_;
  Options options_;
  // Empty when memory may hold what the store does not: it is then loaded again.
  std::optional<Board> board_;
  bool follows_ = false;  // board_ has seen the registry
};

}  // namespace cauce::alarms
