#include "sql/check.h"

#include <fmt/core.h>

#include "sql/connection.h"

namespace cauce::sql {
namespace {

// As SQLite reads an address of a file (sqlite.org/uri.html). Nobody writes to a database without a
// log: it can be read without locks, and without making a log for it.
std::string address_of(const std::string& path) {
  std::string address = "file:";
  for (const char character : path) {
    const bool is_special = character == '%' || character == '?' || character == '#';
    address += is_special ? fmt::format("%{:02X}", int(character)) : std::string(1, character);
  }
  return address + "?immutable=1";
}

}  // namespace

Result<void> check_database(const std::filesystem::path& file) {
  const std::string path = std::filesystem::absolute(file).string();
  std::error_code failure;
  if (!std::filesystem::exists(path, failure) && !failure) {
    return Error{Outcome::not_found, "there is no database " + file.string()};
  }
  const bool has_log = std::filesystem::exists(path + "-wal", failure);
  auto connection =
      has_log ? Connection::open(path, SQLITE_OPEN_READONLY)
              : Connection::open(address_of(path), SQLITE_OPEN_READONLY | SQLITE_OPEN_URI);
  if (!connection) return connection.error();
  constexpr std::string_view sql = "PRAGMA quick_check(1)";
  sqlite3* database = (*connection)->handle();
  sqlite3_stmt* check = nullptr;
  int code = sqlite3_prepare_v2(database, sql.data(), int(sql.size()), &check, nullptr);
  if (code == SQLITE_OK) code = sqlite3_step(check);
  Result<void> answer;
  if (code != SQLITE_ROW) {
    answer = (*connection)->failure(code, sql);
  } else if (const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(check, 0));
             text == nullptr || std::string_view{text} != "ok") {
    answer = Error{Outcome::corrupt, fmt::format("database {} is damaged: {}", file.string(),
                                                 text == nullptr ? "no answer" : text)};
  }
  sqlite3_finalize(check);
  return answer;
}

}  // namespace cauce::sql
