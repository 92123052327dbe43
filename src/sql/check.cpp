#include "sql/check.h"

#include <fmt/format.h>

#include "sql/database.h"

namespace cauce::sql {

Result<void> check_database(const std::filesystem::path& file) {
  std::error_code failure;
  if (!std::filesystem::exists(file, failure) && !failure) {
    return Error{Outcome::not_found, "there is no database " + file.string()};
  }
  auto database = Database::open_read_only(file);
  if (!database) return database.error();
  auto check = database->prepare("PRAGMA quick_check(1)");
  if (!check) return check.error();
  const auto row = check->step();
  if (!row) return row.error();
  if (*row && check->text(0) == "ok") return {};
  return Error{Outcome::corrupt, fmt::format("database {} is damaged: {}", file.string(),
                                             *row ? check->text(0) : "quick_check says nothing")};
}

}  // namespace cauce::sql
