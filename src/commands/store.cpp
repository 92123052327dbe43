#include "commands/store.h"

#include <fmt/core.h>

#include <limits>

#include "commands/store_tables.h"

namespace cauce::commands {
namespace {

using sql::Statement;

// Everything but the payload and the answer; read_command() knows the order.
constexpr std::string_view columns =
    "number, id, company, device, content_type, given_at, given_by, expires_at, position, sent_at, "
    "left_at, acknowledged_at, refused_at, answered_at, withdrawn_at, length(payload), bridged_at";
constexpr int columns_count = 17;

std::optional<Time> time_in(const Statement& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return from_microseconds(row.integer(column));
}

Command read_command(const Statement& row) {
  Command command;
  command.id = row.text(1);
  command.company = row.text(2);
  command.device = row.text(3);
  command.content_type = row.text(4);
  command.given_at = from_microseconds(row.integer(5));
  command.given_by = row.text(6);
  command.expires_at = from_microseconds(row.integer(7));
  if (!row.is_null(8)) command.position = std::uint64_t(row.integer(8));
  command.sent_at = time_in(row, 9);
  command.left_at = time_in(row, 10);
  command.acknowledged_at = time_in(row, 11);
  command.refused_at = time_in(row, 12);
  command.answered_at = time_in(row, 13);
  command.withdrawn_at = time_in(row, 14);
  command.payload_bytes = std::uint64_t(row.integer(15));
  command.bridged_at = time_in(row, 16);
  return command;
}

// The payload and the answer stand behind the columns.
Command read_whole_command(const Statement& row) {
  Command command = read_command(row);
  command.payload = Bytes(row.blob(columns_count));
  if (!row.is_null(columns_count + 1)) {
    command.answer =
        Answer{std::string(row.text(columns_count + 1)), Bytes(row.blob(columns_count + 3)),
               std::uint64_t(row.integer(columns_count + 2))};
  }
  return command;
}

constexpr std::string_view long_columns = "payload, answer_type, answer_bytes, answer";

std::string_view column_of(const Step& step) {
  using Kind = record::CommandStep::Kind;
  const Kind kind = step.step.kind;
  if (!step.is_of_device && kind == Kind::acknowledged) return "bridged_at";
  if (!step.is_of_device && kind != Kind::answered) return "sent_at";
  switch (kind) {
    case Kind::sent: return "sent_at";
    case Kind::given: return "left_at";
    case Kind::acknowledged: return "acknowledged_at";
    case Kind::refused: return "refused_at";
    case Kind::answered: return "answered_at";
  }
  return "";
}

}  // namespace

Result<std::unique_ptr<Store>> Store::open(const std::filesystem::path& directory,
                                           sql::Durability durability) {
  auto database = sql::Database::open(directory / commands_file, durability);
  if (!database) return database.error();
  if (auto made = make_command_tables(*database); !made) return made.error();
  return std::unique_ptr<Store>(new Store(*std::move(database)));
}

Result<void> copy_commands(const std::filesystem::path& directory,
                           const std::filesystem::path& target) {
  return sql::copy_database(directory / commands_file, target / commands_file);
}

Result<void> Store::add(const Command& command, const Order& order) {
  auto insert = database_.prepare(
      "INSERT INTO commands(id, company, device, content_type, given_at, given_by, expires_at, "
      "repeat_key, repeat_request, payload) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
  if (!insert) return insert.error();
  insert->bind(1, command.id)
      .bind(2, command.company)
      .bind(3, command.device)
      .bind(4, command.content_type)
      .bind(5, to_microseconds(command.given_at))
      .bind(6, command.given_by)
      .bind(7, to_microseconds(command.expires_at))
      .bind(10, sql::Blob{command.payload});
  if (order.repeat_key.empty()) {
    insert->bind_null(8).bind_null(9);
  } else {
    insert->bind(8, sql::Blob{order.repeat_key}).bind(9, sql::Blob{order.repeat_request});
  }
  if (auto done = insert->run(); !done) return done.error();
  return {};
}

Result<void> Store::remove(std::string_view id) {
  auto remove = database_.prepare("DELETE FROM commands WHERE id = ?");
  if (!remove) return remove.error();
  if (auto done = remove->bind(1, id).run(); !done) return done.error();
  return {};
}

Result<void> Store::withdraw(std::string_view id, Time at) {
  auto update = database_.prepare(
      "UPDATE commands SET withdrawn_at = ? WHERE id = ? AND withdrawn_at IS NULL");
  if (!update) return update.error();
  if (auto done = update->bind(1, to_microseconds(at)).bind(2, id).run(); !done)
    return done.error();
  return {};
}

Result<void> Store::keep_after_all(std::string_view id) {
  auto update = database_.prepare("UPDATE commands SET withdrawn_at = NULL WHERE id = ?");
  if (!update) return update.error();
  if (auto done = update->bind(1, id).run(); !done) return done.error();
  return {};
}

Result<std::optional<Command>> Store::find(std::string_view company, std::string_view device,
                                           std::string_view id) {
  auto row = database_.prepare(
      fmt::format("SELECT {}, {} FROM commands WHERE id = ? AND company = ? AND device = ?",
                  columns, long_columns));
  if (!row) return row.error();
  row->bind(1, id).bind(2, company).bind(3, device);
  const auto found = row->step();
  if (!found) return found.error();
  if (!*found) return std::optional<Command>{};
  return std::optional{read_whole_command(*row)};
}

Result<std::vector<Command>> Store::list(std::string_view company, std::string_view device,
                                         std::string_view before, std::size_t commands_max) {
  std::int64_t number_before = std::numeric_limits<std::int64_t>::max();
  if (!before.empty()) {
    auto row = database_.prepare(
        "SELECT number FROM commands WHERE id = ? AND company = ? AND device = ?");
    if (!row) return row.error();
    const auto found = row->bind(1, before).bind(2, company).bind(3, device).step();
    if (!found) return found.error();
    if (!*found) return Error{Outcome::not_found, "the device has no command of this id"};
    number_before = row->integer(0);
  }
  auto rows = database_.prepare(
      fmt::format("SELECT {}, substr(payload, 1, {}) FROM commands WHERE company = ? AND device = "
                  "? AND number < ? ORDER BY number DESC LIMIT ?",
                  columns, payload_shown_max));
  if (!rows) return rows.error();
  rows->bind(1, company).bind(2, device).bind(3, number_before).bind(4, std::int64_t(commands_max));
  std::vector<Command> commands;
  for (;;) {
    const auto found = rows->step();
    if (!found) return found.error();
    if (!*found) return commands;
    commands.push_back(read_command(*rows));
    commands.back().payload = Bytes(rows->blob(columns_count));
  }
}

Result<std::optional<Repeated>> Store::find_repeated(BytesView repeat_key, Time since) {
  auto row = database_.prepare(
      fmt::format("SELECT {}, {}, repeat_request FROM commands WHERE repeat_key = ? AND given_at > "
                  "? ORDER BY given_at DESC LIMIT 1",
                  columns, long_columns));
  if (!row) return row.error();
  row->bind(1, sql::Blob{repeat_key}).bind(2, to_microseconds(since));
  const auto found = row->step();
  if (!found) return found.error();
  if (!*found) return std::optional<Repeated>{};
  return std::optional{Repeated{read_whole_command(*row), Bytes(row->blob(columns_count + 4))}};
}

// The condition is that of the index `open`, and says what state_of() does.
Result<std::uint64_t> Store::count_open(std::string_view company, std::string_view device,
                                        Time now) {
  auto row = database_.prepare(
      "SELECT count(*) FROM commands WHERE company = ? AND device = ? AND expires_at > ? AND "
      "left_at IS NULL AND acknowledged_at IS NULL AND refused_at IS NULL AND answered_at IS NULL "
      "AND withdrawn_at IS NULL");
  if (!row) return row.error();
  const auto found = row->bind(1, company).bind(2, device).bind(3, to_microseconds(now)).step();
  if (!found) return found.error();
  return std::uint64_t(row->integer(0));
}

Result<Tally> Store::given(std::string_view company, Time since) {
  auto rows = database_.prepare(
      "SELECT given_at, length(payload) FROM commands WHERE company = ? AND given_at > ? ORDER BY "
      "given_at");
  if (!rows) return rows.error();
  rows->bind(1, company).bind(2, to_microseconds(since));
  Tally tally;
  for (;;) {
    const auto row = rows->step();
    if (!row) return row.error();
    if (!*row) return tally;
    tally.add({from_microseconds(rows->integer(0)), std::uint64_t(rows->integer(1))});
  }
}

Result<std::vector<Command>> Store::next_unsent(std::int64_t& number, Time now,
                                                std::size_t commands_max) {
  auto rows = database_.prepare(
      fmt::format("SELECT {}, {} FROM commands WHERE number > ?1 AND expires_at > ?2 AND number IN "
                  "(SELECT number FROM commands WHERE position IS NULL AND withdrawn_at IS NULL "
                  "AND sent_at IS NULL AND bridged_at IS NULL AND left_at IS NULL AND "
                  "acknowledged_at IS NULL AND "
                  "refused_at IS NULL AND answered_at IS NULL UNION SELECT number FROM commands "
                  "WHERE withdrawn_at IS NOT NULL AND withdrawal_position IS NULL) ORDER BY number "
                  "LIMIT ?3",
                  columns, long_columns));
  if (!rows) return rows.error();
  rows->bind(1, number).bind(2, to_microseconds(now)).bind(3, std::int64_t(commands_max));
  std::vector<Command> commands;
  for (;;) {
    const auto found = rows->step();
    if (!found) return found.error();
    if (!*found) return commands;
    commands.push_back(read_whole_command(*rows));
    number = rows->integer(0);
  }
}

Result<void> Store::note(const std::vector<Noted>& noted) {
  auto transaction = sql::Transaction::begin(database_);
  if (!transaction) return transaction.error();
  for (const Noted& one : noted) {
    auto update = database_.prepare(one.is_withdrawal
                                        ? "UPDATE commands SET withdrawal_position = ? WHERE id = ?"
                                        : "UPDATE commands SET position = ? WHERE id = ?");
    if (!update) return update.error();
    if (auto done = update->bind(1, std::int64_t(one.position)).bind(2, one.id).run(); !done)
      return done.error();
  }
  return transaction->commit();
}

Result<void> Store::apply(const std::vector<Step>& steps, stream::Partition partition,
                          stream::Position position) {
  auto transaction = sql::Transaction::begin(database_);
  if (!transaction) return transaction.error();
  for (const Step& step : steps)
    if (auto done = apply_one(step); !done) return done;
  auto progress = database_.prepare("INSERT OR REPLACE INTO progress VALUES(?, ?)");
  if (!progress) return progress.error();
  progress->bind(1, std::int64_t(partition.number)).bind(2, std::int64_t(position.number));
  if (auto done = progress->run(); !done) return done.error();
  return transaction->commit();
}

// The earliest of a kind counts, and of answers the latest, so that it does not matter in which
// order they come, nor how often.
Result<void> Store::apply_one(const Step& step) {
  const bool is_answer = step.step.kind == record::CommandStep::Kind::answered;
  const std::string_view column = column_of(step);
  auto update = database_.prepare(fmt::format(
      "UPDATE commands SET {0} = ?1{1} WHERE id = ?2 AND company = ?3 AND device = ?4 AND ({0} IS "
      "NULL OR {0} {2} ?1)",
      column, is_answer ? ", answer_type = ?5, answer_bytes = ?6, answer = ?7" : "",
      is_answer ? "<=" : ">"));
  if (!update) return update.error();
  update->bind(1, to_microseconds(step.at))
      .bind(2, step.step.id)
      .bind(3, step.step.company)
      .bind(4, step.step.device);
  if (is_answer) {
    update->bind(5, step.step.content_type)
        .bind(6, std::int64_t(step.step.answer_bytes))
        .bind(7, sql::Blob{step.step.answer});
  }
  if (auto done = update->run(); !done) return done.error();
  return {};
}

Result<std::optional<stream::Position>> Store::position(stream::Partition partition) {
  auto row = database_.prepare("SELECT position FROM progress WHERE partition = ?");
  if (!row) return row.error();
  const auto found = row->bind(1, std::int64_t(partition.number)).step();
  if (!found) return found.error();
  if (!*found) return std::optional<stream::Position>{};
  return std::optional{stream::Position{std::uint64_t(row->integer(0))}};
}

Result<std::int64_t> Store::forget(Time given_before, std::size_t commands_max) {
  auto remove = database_.prepare(
      "DELETE FROM commands WHERE number IN (SELECT number FROM commands WHERE given_at < ? ORDER "
      "BY given_at LIMIT ?)");
  if (!remove) return remove.error();
  return remove->bind(1, to_microseconds(given_before)).bind(2, std::int64_t(commands_max)).run();
}

}  // namespace cauce::commands
