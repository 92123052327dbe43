#include "decode/dead_letter_reader.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "decode/dead_letter_tables.h"
#include "sql/database.h"

namespace cauce::decode {
namespace {

using sql::Statement;

DeadLetter read_dead_letter(const Statement& row) {
  DeadLetter letter;
  letter.origin.partition = std::uint32_t(row.integer(0));
  letter.origin.position = std::uint64_t(row.integer(1));
  letter.origin.replay = std::uint32_t(row.integer(2));
  letter.message.company = row.text(3);
  letter.message.device = row.text(4);
  letter.message.topic = row.text(5);
  letter.message.received_at = from_microseconds(row.integer(6));
  letter.message.content_type = row.text(7);
  letter.stage = row.text(8);
  letter.reason = row.text(9);
  return letter;
}

Error no_such_letter(std::uint32_t partition, std::uint64_t position) {
  return {Outcome::not_found, fmt::format("no dead letter from position {} of partition {} is kept",
                                          position, partition)};
}

}  // namespace

struct DeadLetterReader::State {
  std::filesystem::path file;
  std::optional<sql::Database> database;

  // Null while the store was never written.
  Result<sql::Database*> open();
};

Result<sql::Database*> DeadLetterReader::State::open() {
  if (database) return &*database;
  auto opened = sql::Database::open_read_only(file);
  if (!opened) {
    if (opened.error().outcome == Outcome::not_found) return static_cast<sql::Database*>(nullptr);
    return opened.error().during("read the dead letters");
  }
  const auto ready = has_dead_letter_tables(*opened);
  if (!ready) return ready.error().during("read the dead letters");
  if (!*ready) return static_cast<sql::Database*>(nullptr);
  database.emplace(*std::move(opened));
  return &*database;
}

DeadLetterReader::DeadLetterReader(const std::filesystem::path& directory)
    : state_(std::make_unique<State>(State{directory / dead_letters_file, std::nullopt})) {}
DeadLetterReader::~DeadLetterReader() = default;

Result<std::vector<DeadLetterSummary>> DeadLetterReader::list(std::string_view company,
                                                              std::string_view device,
                                                              std::optional<DeadLetterPlace> after,
                                                              std::size_t limit) {
  std::vector<DeadLetterSummary> letters;
  const auto database = state_->open();
  if (!database) return database.error();
  if (*database == nullptr) return letters;
  auto rows = (*database)->prepare(
      fmt::format("SELECT {}, payload_bytes FROM dead_letters WHERE company = ?1{} AND "
                  "(received_at, partition, position) < (?2, ?3, ?4) "
                  "ORDER BY received_at DESC, partition DESC, position DESC LIMIT ?5",
                  dead_letter_columns, device.empty() ? "" : " AND device = ?6"));
  if (!rows) return rows.error();
  const DeadLetterPlace place = after.value_or(DeadLetterPlace{time_max, UINT32_MAX, INT64_MAX});
  rows->bind(1, company)
      .bind(2, to_microseconds(place.received_at))
      .bind(3, std::int64_t(place.partition))
      .bind(4, std::int64_t(place.position))
      .bind(5, std::int64_t(std::min(limit, limit_max)));
  if (!device.empty()) rows->bind(6, device);
  for (;;) {
    const auto row = rows->step();
    if (!row) return row.error();
    if (!*row) return letters;
    letters.push_back(
        {read_dead_letter(*rows), std::uint64_t(rows->integer(dead_letter_column_count))});
  }
}

Result<DeadLetter> DeadLetterReader::get(std::string_view company, std::uint32_t partition,
                                         std::uint64_t position) {
  const auto database = state_->open();
  if (!database) return database.error();
  if (*database == nullptr) return no_such_letter(partition, position);
  auto rows = (*database)->prepare(fmt::format(
      "SELECT {}, payload FROM dead_letters WHERE partition = ? AND position = ? AND company = ?",
      dead_letter_columns));
  if (!rows) return rows.error();
  rows->bind(1, std::int64_t(partition)).bind(2, std::int64_t(position)).bind(3, company);
  const auto row = rows->step();
  if (!row) return row.error();
  if (!*row) return no_such_letter(partition, position);
  DeadLetter letter = read_dead_letter(*rows);
  letter.message.payload = rows->blob(dead_letter_column_count);
  return letter;
}

Result<std::vector<DeadLetterCount>> DeadLetterReader::count(std::string_view company,
                                                             std::size_t limit,
                                                             std::string_view device) {
  std::vector<DeadLetterCount> counts;
  const auto database = state_->open();
  if (!database) return database.error();
  if (*database == nullptr) return counts;
  auto rows = (*database)->prepare(fmt::format(
      "SELECT device, stage, reason, rows, newest_received_at FROM counts WHERE company = ?1{} "
      "ORDER BY rows DESC, device, stage, reason LIMIT ?2",
      device.empty() ? "" : " AND device = ?3"));
  if (!rows) return rows.error();
  rows->bind(1, company).bind(2, std::int64_t(std::min(limit, limit_max)));
  if (!device.empty()) rows->bind(3, device);
  for (;;) {
    const auto row = rows->step();
    if (!row) return row.error();
    if (!*row) return counts;
    counts.push_back({std::string(rows->text(0)), std::string(rows->text(1)),
                      std::string(rows->text(2)), std::uint64_t(rows->integer(3)),
                      from_microseconds(rows->integer(4))});
  }
}

Result<std::vector<DeadLettersDeleted>> DeadLetterReader::deleted(std::string_view company) {
  std::vector<DeadLettersDeleted> deleted;
  const auto database = state_->open();
  if (!database) return database.error();
  if (*database == nullptr) return deleted;
  auto rows = (*database)->prepare(
      "SELECT cause, rows, payload_bytes, newest_received_at FROM deleted WHERE company = ? "
      "ORDER BY cause");
  if (!rows) return rows.error();
  rows->bind(1, company);
  for (;;) {
    const auto row = rows->step();
    if (!row) return row.error();
    if (!*row) return deleted;
    deleted.push_back({std::string(rows->text(0)), std::uint64_t(rows->integer(1)),
                       std::uint64_t(rows->integer(2)), from_microseconds(rows->integer(3))});
  }
}

}  // namespace cauce::decode
