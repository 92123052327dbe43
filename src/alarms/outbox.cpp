#include "alarms/outbox.h"

#include <fmt/core.h>

#include <algorithm>
#include <vector>

#include "base/failpoint.h"
#include "base/log.h"

namespace cauce::alarms {
namespace {

// `events` has one partition, and so has the outbox it is made from.
constexpr stream::Partition partition{0};

bool passes_by_itself(const Error& error) {
  return error.outcome == Outcome::exhausted || error.outcome == Outcome::unavailable;
}

}  // namespace

Result<std::unique_ptr<Outbox>> Outbox::open(const std::filesystem::path& file,
                                             stream::Writer& writer,
                                             std::unique_ptr<stream::Reader> reader,
                                             Options options) {
  // A delete that a power cut undoes is done again: the topic's end decides, so no sync is needed.
  auto database = sql::Database::open(file, sql::Durability::unsynced);
  if (!database) return database.error().during("open the alarms outbox");
  return std::unique_ptr<Outbox>(
      new Outbox(std::move(*database), writer, std::move(reader), options));
}

Result<work::Progress> Outbox::step() {
  bool worked = false;
  for (const auto act : {&Outbox::delete_durable, &Outbox::append_next}) {
    const Result<bool> done = (this->*act)();
    if (!done && !passes_by_itself(done.error())) return done.error().during("alarms outbox");
    worked = worked || (done && *done);
  }
  if (worked) {
    const Result<void> done = measure();
    if (!done && !passes_by_itself(done.error())) return done.error().during("alarms outbox");
  }
  return worked ? work::Progress::worked : work::Progress::idle;
}

Result<bool> Outbox::append_next() {
  const stream::Position end = writer_.derived_end(partition, partition);
  auto rows = database_.prepare(
      "SELECT sequence, event FROM outbox WHERE sequence >= ? ORDER BY sequence LIMIT ?");
  if (!rows) return rows.error();
  rows->bind(1, std::int64_t(end.number)).bind(2, std::int64_t(options_.events_max));
  std::vector<Bytes> records;
  std::size_t bytes = 0;
  std::uint64_t next = end.number;
  while (true) {
    const auto more = rows->step();
    if (!more) return more.error();
    if (!*more) break;
    const BytesView event = rows->blob(1);
    if (!records.empty() && bytes + event.size() > options_.bytes_max) break;
    const auto sequence = std::uint64_t(rows->integer(0));
    if (sequence != next) {
      // Only a topic that lost durable records can stand before the outbox. Their alarms are in
      // the history; standing still would lose the ones to come as well.
      log::error(
          fmt::format("topic events ends at {}, but the outbox goes on at {}: the events "
                      "between them are lost from the topic, not from the alarm history",
                      next, sequence));
    }
    next = sequence + 1;
    bytes += event.size();
    records.emplace_back(event);
  }
  if (records.empty()) return false;
  rows->reset();
  auto appended = writer_.append_derived(partition, std::move(records),
                                         {partition, end, stream::Position{next}});
  if (!appended) return appended.error();
  return true;
}

Result<bool> Outbox::delete_durable() {
  const auto durable = reader_->derived_end(partition, partition);
  if (!durable) return durable.error();
  if (*durable <= deleted_to_) return false;
  FAILPOINT("alarms.before_outbox_delete");
  auto remove = database_.prepare("DELETE FROM outbox WHERE sequence < ?");
  if (!remove) return remove.error();
  const auto done = remove->bind(1, std::int64_t(durable->number)).run();
  if (!done) return done.error();
  deleted_to_ = *durable;
  return *done > 0;
}

Result<void> Outbox::measure() {
  auto rows = database_.prepare("SELECT count(*) FROM outbox");
  if (!rows) return rows.error();
  if (const auto row = rows->step(); !row) return row.error();
  options_.waiting.set(static_cast<double>(rows->integer(0)));
  return {};
}

void Outbox::wait(Duration span_max) {
  signal_.wait(std::min(span_max, options_.look_interval));
}

void Outbox::wake() {
  signal_.set();
}

}  // namespace cauce::alarms
