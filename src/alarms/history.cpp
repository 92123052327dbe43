#include "alarms/history.h"

#include <fmt/core.h>

#include <algorithm>

namespace cauce::alarms {
namespace {

Result<std::vector<Alarm>> read_alarms(sql::Statement& rows) {
  std::vector<Alarm> alarms;
  while (true) {
    const auto more = rows.step();
    if (!more) return more.error();
    if (!*more) return alarms;
    auto alarm = decode_alarm(rows.blob(0));
    if (!alarm) return alarm.error();
    alarms.push_back(std::move(*alarm));
  }
}

std::optional<Time> time_of(const sql::Statement& row, int column) {
  if (row.is_null(column)) return std::nullopt;
  return from_microseconds(row.integer(column));
}

}  // namespace

Result<sql::Database*> History::database() {
  if (!database_) {
    auto opened = sql::Database::open_read_only(file_);
    if (!opened && opened.error().outcome == Outcome::not_found) return nullptr;
    if (!opened) return opened.error().during("read alarms");
    // The writer makes the file first and its tables a moment later.
    auto ready = opened->prepare(
        "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'outbox'");
    if (!ready) return ready.error();
    const auto row = ready->step();
    if (!row) return row.error();
    if (ready->integer(0) == 0) return nullptr;
    ready->reset();
    database_.emplace(std::move(*opened));
  }
  return &*database_;
}

Result<std::vector<Alarm>> History::list(const Query& query) {
  auto database = this->database();
  if (!database) return database.error();
  if (*database == nullptr) return std::vector<Alarm>{};
  std::string sql = "SELECT alarm FROM alarms WHERE id < ?";
  if (!query.company.empty()) sql += " AND company = ?";
  if (!query.device.empty()) sql += " AND device = ?";
  if (query.select == Select::open) sql += " AND cleared_at IS NULL";
  sql += " ORDER BY id DESC LIMIT ?";
  auto rows = (*database)->prepare(sql);
  if (!rows) return rows.error();
  int parameter = 1;
  constexpr std::uint64_t last = INT64_MAX;
  rows->bind(parameter++, std::int64_t(std::min(query.after.value_or(last), last)));
  if (!query.company.empty()) rows->bind(parameter++, query.company);
  if (!query.device.empty()) rows->bind(parameter++, query.device);
  rows->bind(parameter, std::int64_t(std::min(query.limit, page_max)));
  return read_alarms(*rows);
}

Result<Alarm> History::get(std::string_view company, std::uint64_t id) {
  const Error absent{Outcome::not_found, fmt::format("there is no alarm {}", id)};
  auto database = this->database();
  if (!database) return database.error();
  if (*database == nullptr || id > INT64_MAX) return absent;
  auto rows = (*database)->prepare("SELECT alarm FROM alarms WHERE id = ?");
  if (!rows) return rows.error();
  auto alarms = read_alarms(rows->bind(1, std::int64_t(id)));
  if (!alarms) return alarms.error();
  if (alarms->empty()) return absent;
  if (!company.empty() && alarms->front().company != company) return absent;
  return std::move(alarms->front());
}

Result<History::Counts> History::counts(std::string_view company) {
  Counts counts;
  auto database = this->database();
  if (!database) return database.error();
  if (*database == nullptr) return counts;
  const std::string_view where = company.empty() ? "" : " AND company = ?";
  auto open = (*database)->prepare(fmt::format(
      "SELECT severity, count(*) FROM alarms WHERE cleared_at IS NULL{} GROUP BY severity", where));
  if (!open) return open.error();
  if (!company.empty()) open->bind(1, company);
  while (true) {
    const auto more = open->step();
    if (!more) return more.error();
    if (!*more) break;
    const auto count = std::uint64_t(open->integer(1));
    counts.open_by_severity[std::string(open->text(0))] = count;
    counts.open += count;
  }
  auto all = (*database)->prepare(fmt::format("SELECT count(*) FROM alarms WHERE true{}", where));
  if (!all) return all.error();
  if (!company.empty()) all->bind(1, company);
  const auto row = all->step();
  if (!row) return row.error();
  counts.all = std::uint64_t(all->integer(0));
  return counts;
}

Result<std::vector<Alarm>> History::overlapping(const record::Series& series, Time from, Time to,
                                                std::optional<std::uint64_t> after) {
  auto database = this->database();
  if (!database) return database.error();
  if (*database == nullptr) return std::vector<Alarm>{};
  auto rows = (*database)->prepare(
      "SELECT alarm FROM alarms WHERE company = ? AND device = ? AND metric IN (?, '') "
      "AND raised_value_time < ? AND (cleared_value_time IS NULL OR cleared_value_time >= ?) "
      "AND (?7 IS NULL OR (raised_value_time, id) < "
      "(SELECT raised_value_time, id FROM alarms WHERE id = ?7 AND company = ?1)) "
      "ORDER BY raised_value_time DESC, id DESC LIMIT ?6");
  if (!rows) return rows.error();
  rows->bind(1, series.company).bind(2, series.device).bind(3, series.metric);
  rows->bind(4, to_microseconds(to)).bind(5, to_microseconds(from));
  rows->bind(6, std::int64_t(page_max));
  if (after) {
    rows->bind(7, std::int64_t(std::min<std::uint64_t>(*after, INT64_MAX)));
  } else {
    rows->bind_null(7);
  }
  auto alarms = read_alarms(*rows);
  if (alarms) std::reverse(alarms->begin(), alarms->end());
  return alarms;
}

Result<std::map<std::string, Time>> History::heard(std::string_view company) {
  std::map<std::string, Time> heard;
  auto database = this->database();
  if (!database) return database.error();
  if (*database == nullptr) return heard;
  auto rows = (*database)->prepare(
      "SELECT device, max(heard_at) FROM states WHERE company = ? AND heard_at IS NOT NULL "
      "GROUP BY device");
  if (!rows) return rows.error();
  rows->bind(1, company);
  while (true) {
    const auto more = rows->step();
    if (!more) return more.error();
    if (!*more) return heard;
    heard[std::string(rows->text(0))] = from_microseconds(rows->integer(1));
  }
}

Result<std::vector<Gap>> History::gaps(std::string_view company, std::size_t limit) {
  std::vector<Gap> gaps;
  auto database = this->database();
  if (!database) return database.error();
  if (*database == nullptr) return gaps;
  const std::string_view where = company.empty() ? "" : " WHERE company IN (?, '')";
  auto rows = (*database)->prepare(
      fmt::format("SELECT id, reason, company, from_position, to_position, from_time, to_time "
                  "FROM gaps{} ORDER BY id DESC LIMIT ?",
                  where));
  if (!rows) return rows.error();
  int parameter = 1;
  if (!company.empty()) rows->bind(parameter++, company);
  rows->bind(parameter, std::int64_t(std::min(limit, page_max)));
  while (true) {
    const auto more = rows->step();
    if (!more) return more.error();
    if (!*more) return gaps;
    gaps.push_back({std::uint64_t(rows->integer(0)), GapReason(rows->integer(1)),
                    std::string(rows->text(2)), std::uint64_t(rows->integer(3)),
                    std::uint64_t(rows->integer(4)), time_of(*rows, 5), time_of(*rows, 6)});
  }
}

}  // namespace cauce::alarms
