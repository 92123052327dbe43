#include "alarms/alarms.h"

#include <fmt/core.h>

#include <algorithm>

#include "base/failpoint.h"
#include "base/log.h"

namespace cauce::alarms {

Result<std::unique_ptr<Alarms>> Alarms::open(const std::filesystem::path& file,
                                             business::Registry& registry,
                                             stream::Position events_end, Options options) {
  auto store = Store::open(file, options.store, options.lock_wait);
  if (!store) return store.error();
  std::unique_ptr<Alarms> alarms(new Alarms(std::move(*store), registry, events_end, options));
  if (auto loaded = alarms->load(); !loaded) return loaded.error().during("open alarms");
  return alarms;
}

Result<void> Alarms::load() {
  board_.reset();
  auto snapshot = store_->load();
  if (!snapshot) return snapshot.error();
  if (snapshot->progress.next_event < events_end_.number) {
    log::warning(
        fmt::format("alarms.db knows {} events, the topic events holds {}: alarms.db was "
                    "lost or restored; events go on at {}",
                    snapshot->progress.next_event, events_end_.number, events_end_.number));
    snapshot->progress.next_event = events_end_.number;
  }
  board_.emplace(options_.board, std::move(*snapshot));
  options_.meters.open.set(static_cast<double>(board_->alarms_open()));
  follows_ = false;
  return {};
}

Result<stream::Position> Alarms::resume_at() {
  if (!board_) {
    if (auto loaded = load(); !loaded) return loaded.error();
  }
  return stream::Position{board_->cursor()};
}

Result<void> Alarms::follow_registry() {
  const auto changed = registry_.refresh();
  if (!changed) {
    follows_ = false;  // what the board points to may be gone
    return changed.error().during("read the rules");
  }
  if (*changed || !follows_) board_->follow(registry_);
  follows_ = true;
  return {};
}

Result<void> Alarms::commit() {
  FAILPOINT("alarms.before_commit");
  if (auto done = store_->commit(board_->changes()); !done) {
    board_.reset();
    return done.error().during("commit alarms");
  }
  FAILPOINT("alarms.after_commit");
  for (const business::RuleKind kind : board_->changes().raised)
    options_.meters.raised.at({std::string(name_of(kind))}).add();
  options_.meters.open.set(static_cast<double>(board_->alarms_open()));
  board_->committed();
  return {};
}

Result<void> Alarms::deliver(const stream::Batch& batch) {
  const auto cursor = resume_at();
  if (!cursor) return cursor.error();
  if (batch.to <= *cursor) return {};
  if (batch.from > *cursor) {
    return Error{Outcome::conflict,
                 fmt::format("alarms have judged readings up to {}, the batch begins at {}: the "
                             "records between them are missing",
                             cursor->number, batch.from.number)};
  }
  if (auto followed = follow_registry(); !followed) return followed;
  if (batch.is_lost()) return record_skipped(*cursor, batch.to);
  for (std::uint64_t position = cursor->number; position < batch.to.number; ++position) {
    const auto record =
        record::decode_reading(batch.records[std::size_t(position - batch.from.number)]);
    if (!record) {
      board_.reset();
      return Error{Outcome::corrupt,
                   fmt::format("readings, position {}: {}", position, record.error().message)};
    }
    board_->judge(*record);
  }
  board_->move_cursor(batch.to.number);
  return commit();
}

Result<void> Alarms::record_skipped(stream::Position from, stream::Position to) {
  const auto cursor = resume_at();
  if (!cursor) return cursor.error();
  if (to <= *cursor) return {};
  if (from != *cursor) {
    return Error{Outcome::conflict,
                 fmt::format("alarms have judged readings up to {}, so the skipped range cannot "
                             "begin at {}",
                             cursor->number, from.number)};
  }
  log::warning(
      fmt::format("alarms: readings {} to {} are no longer in the stream and are not evaluated",
                  from.number, to.number - 1));
  board_->skip(from.number, to.number);
  return commit();
}

}  // namespace cauce::alarms
