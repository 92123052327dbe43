#include "decode/dead_letters.h"

#include <fmt/core.h>

#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "decode/dead_letter_tables.h"
#include "disk/lock.h"
#include "sql/database.h"

namespace cauce::decode {
namespace {

// A predecessor that was just killed lets go of its lock within this.
constexpr Duration lock_wait_max = std::chrono::seconds{2};
constexpr Duration age_interval = std::chrono::hours{1};

using sql::Statement;

constexpr std::string_view insert_sql =
    "INSERT INTO dead_letters(partition, position, replay, company, device, topic, received_at, "
    "content_type, stage, reason, payload_bytes, payload) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, "
    "?)";
constexpr std::string_view exists_sql =
    "SELECT 1 FROM dead_letters WHERE partition = ? AND position >= ? AND position < ? LIMIT 1";
constexpr std::string_view remove_range_sql =
    "DELETE FROM dead_letters WHERE partition = ? AND position >= ? AND position < ?";
constexpr std::string_view total_sql = "SELECT rows, payload_bytes FROM totals WHERE company = ?";
constexpr std::string_view oldest_sql =
    "SELECT id, company, payload_bytes, received_at FROM dead_letters WHERE company = ? "
    "ORDER BY received_at, partition, position LIMIT 1";
constexpr std::string_view aged_sql =
    "SELECT id, company, payload_bytes, received_at FROM dead_letters WHERE received_at < ? "
    "ORDER BY received_at LIMIT 1";
constexpr std::string_view remove_sql = "DELETE FROM dead_letters WHERE id = ?";
constexpr std::string_view count_deleted_sql =
    "INSERT INTO deleted VALUES(?, ?, 1, ?, ?) ON CONFLICT DO UPDATE SET rows = rows + 1, "
    "payload_bytes = payload_bytes + excluded.payload_bytes, "
    "newest_received_at = max(newest_received_at, excluded.newest_received_at)";

}  // namespace

struct DeadLetters::State {
  struct Statements {
    Statement insert;
    Statement exists;
    Statement remove_range;
    Statement total;
    Statement oldest;
    Statement aged;
    Statement remove;
    Statement count_deleted;
  };

  State(std::unique_ptr<disk::Lock> held, sql::Database opened, Statements prepared,
        DeadLetterLimits wanted)
      : lock(std::move(held)),
        database(std::move(opened)),
        statements(std::move(prepared)),
        limits(wanted) {}

  Result<bool> holds_any(const stream::Source& source);
  Result<void> remove_range(const stream::Source& source);
  Result<void> insert(const DeadLetter& letter);
  // Deletes the oldest until the company is within its limits.
  Result<void> bound(std::string_view company);
  // Deletes what is older than `before`; answers whether some of it is left for the next time.
  Result<bool> age(Time before);
  // Deletes and counts the row that `found` gives; false when it gives none.
  Result<bool> remove_found(Statement& found, std::string_view cause);

  std::unique_ptr<disk::Lock> lock;
  sql::Database database;
  Statements statements;
  const DeadLetterLimits limits;
  Time aged_at = time_min;
};

Result<std::unique_ptr<DeadLetters>> DeadLetters::open(const std::filesystem::path& directory,
                                                       DeadLetterLimits limits) {
  auto lock = disk::lock_file(directory / dead_letters_lock_file, "cauce decode", lock_wait_max);
  if (!lock) return lock.error().during("open the dead letters");
  auto database = sql::Database::open(directory / dead_letters_file, sql::Durability::synced);
  if (!database) return database.error().during("open the dead letters");
  if (auto made = make_dead_letter_tables(*database); !made) {
    return made.error().during("open the dead letters");
  }
  std::vector<Statement> prepared;
  for (const std::string_view sql : {insert_sql, exists_sql, remove_range_sql, total_sql,
                                     oldest_sql, aged_sql, remove_sql, count_deleted_sql}) {
    auto statement = database->prepare(sql);
    if (!statement) return statement.error().during("open the dead letters");
    prepared.push_back(*std::move(statement));
  }
  State::Statements statements{std::move(prepared[0]), std::move(prepared[1]),
                               std::move(prepared[2]), std::move(prepared[3]),
                               std::move(prepared[4]), std::move(prepared[5]),
                               std::move(prepared[6]), std::move(prepared[7])};
  auto state = std::make_unique<State>(*std::move(lock), *std::move(database),
                                       std::move(statements), limits);
  return std::unique_ptr<DeadLetters>(new DeadLetters(std::move(state)));
}

Result<void> copy_dead_letters(const std::filesystem::path& directory,
                               const std::filesystem::path& target) {
  return sql::copy_database(directory / dead_letters_file, target / dead_letters_file);
}

DeadLetters::DeadLetters(std::unique_ptr<State> state) : state_(std::move(state)) {}
DeadLetters::~DeadLetters() = default;

Result<void> DeadLetters::replace(const stream::Source& source,
                                  const std::vector<DeadLetter>& letters, Time now) {
  // Most ranges give none: they cost one look-up and no transaction.
  const bool ages = now - state_->aged_at >= age_interval;
  auto replaces = state_->holds_any(source);
  if (!replaces) return replaces.error();
  if (letters.empty() && !*replaces && !ages) return {};

  auto transaction = sql::Transaction::begin(state_->database);
  if (!transaction) return transaction.error();
  if (*replaces) {
    if (auto removed = state_->remove_range(source); !removed) return removed.error();
  }
  std::set<std::string_view> companies;
  for (const DeadLetter& letter : letters) {
    if (auto inserted = state_->insert(letter); !inserted) return inserted.error();
    companies.insert(letter.message.company);
  }
  for (const std::string_view company : companies) {
    if (auto bounded = state_->bound(company); !bounded) return bounded.error();
  }
  bool more_aged = false;
  if (ages) {
    auto aged = state_->age(now - state_->limits.age_max);
    if (!aged) return aged.error();
    more_aged = *aged;
  }
  if (auto committed = transaction->commit(); !committed) return committed.error();
  if (ages && !more_aged) state_->aged_at = now;
  return {};
}

Result<bool> DeadLetters::State::holds_any(const stream::Source& source) {
  statements.exists.bind(1, std::int64_t(source.partition.number))
      .bind(2, std::int64_t(source.from.number))
      .bind(3, std::int64_t(source.to.number));
  auto row = statements.exists.step();
  statements.exists.reset();
  return row;
}

Result<void> DeadLetters::State::remove_range(const stream::Source& source) {
  statements.remove_range.bind(1, std::int64_t(source.partition.number))
      .bind(2, std::int64_t(source.from.number))
      .bind(3, std::int64_t(source.to.number));
  if (auto done = statements.remove_range.run(); !done) return done.error();
  return {};
}

Result<void> DeadLetters::State::insert(const DeadLetter& letter) {
  const record::Message& message = letter.message;
  statements.insert.bind(1, std::int64_t(letter.origin.partition))
      .bind(2, std::int64_t(letter.origin.position))
      .bind(3, std::int64_t(letter.origin.replay))
      .bind(4, message.company)
      .bind(5, message.device)
      .bind(6, message.topic)
      .bind(7, to_microseconds(message.received_at))
      .bind(8, message.content_type)
      .bind(9, letter.stage)
      .bind(10, letter.reason)
      .bind(11, std::int64_t(message.payload.size()))
      .bind(12, sql::Blob{message.payload});
  if (auto done = statements.insert.run(); !done) return done.error();
  return {};
}

Result<void> DeadLetters::State::bound(std::string_view company) {
  for (;;) {
    statements.total.bind(1, company);
    const auto row = statements.total.step();
    if (!row) return row.error();
    if (!*row) return {};  // nothing is left
    const auto rows = std::uint64_t(statements.total.integer(0));
    const auto bytes = std::uint64_t(statements.total.integer(1));
    statements.total.reset();
    const bool many = rows > limits.company_rows_max;
    if (!many && bytes <= limits.company_bytes_max) return {};
    statements.oldest.bind(1, company);
    auto removed = remove_found(statements.oldest, many ? "rows" : "bytes");
    if (!removed) return removed.error();
  }
}

Result<bool> DeadLetters::State::age(Time before) {
  for (std::uint64_t removed = 0; removed < limits.aged_rows_max; ++removed) {
    statements.aged.bind(1, to_microseconds(before));
    auto found = remove_found(statements.aged, "age");
    if (!found) return found.error();
    if (!*found) return false;
  }
  return true;
}

Result<bool> DeadLetters::State::remove_found(Statement& found, std::string_view cause) {
  const auto row = found.step();
  if (!row) return row.error();
  if (!*row) return false;
  const std::int64_t id = found.integer(0);
  statements.count_deleted.bind(1, found.text(1))
      .bind(2, cause)
      .bind(3, found.integer(2))
      .bind(4, found.integer(3));
  found.reset();
  if (auto counted = statements.count_deleted.run(); !counted) return counted.error();
  statements.remove.bind(1, id);
  if (auto removed = statements.remove.run(); !removed) return removed.error();
  return true;
}

}  // namespace cauce::decode
