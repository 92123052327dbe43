#include "alarms/store.h"

namespace cauce::alarms {

Result<std::uint64_t> copy_store(const std::filesystem::path& file,
                                 const std::filesystem::path& target) {
  if (auto copied = sql::copy_database(file, target); !copied) return copied.error();
  auto database = sql::Database::open_read_only(target);
  if (!database) return database.error();
  auto tables = database->prepare("SELECT count(*) FROM sqlite_master WHERE name = 'progress'");
  if (!tables) return tables.error();
  if (auto row = tables->step(); !row) return row.error();
  if (tables->integer(0) == 0) return std::uint64_t{0};
  auto progress = database->prepare("SELECT next_event FROM progress");
  if (!progress) return progress.error();
  auto row = progress->step();
  if (!row) return row.error();
  return *row ? std::uint64_t(progress->integer(0)) : 0;
}

}  // namespace cauce::alarms
