#include "warehouse/day_files.h"

#include <fmt/core.h>

#include <system_error>
#include <utility>

#include "base/failpoint.h"
#include "base/log.h"

namespace cauce::warehouse {
namespace {

constexpr std::string_view table_name = "rows";

}  // namespace

DayFiles::DayFiles(objects::Objects& objects, std::string_view prefix,
                   const std::vector<table::Column>& columns, const Clock& clock,
                   DayFilesOptions options)
    : objects_(objects),
      prefix_(prefix),
      columns_(columns),
      clock_(clock),
      options_(std::move(options)),
      manifest_(objects, prefix_) {}

Result<void> DayFiles::open() {
  auto cleared = clear_scratch();
  if (!cleared) return cleared;
  auto opened = manifest_.open(clock_.now());
  if (!opened) return opened.error().during(fmt::format("open {}", prefix_));
  auto swept = manifest_.sweep();
  if (!swept) return swept.error().during(fmt::format("sweep {}", prefix_));
  if (*swept > 0) log::notice(fmt::format("swept {} uncommitted objects of {}", *swept, prefix_));
  auto engine = table::Engine::open(options_.table);
  if (!engine) return engine.error();
  engine_ = std::move(*engine);
  return {};
}

Result<void> DayFiles::clear_scratch() {
  std::error_code failure;
  std::filesystem::create_directories(options_.scratch_directory, failure);
  for (std::filesystem::directory_iterator entry(options_.scratch_directory, failure);
       !failure && entry != std::filesystem::directory_iterator(); entry.increment(failure)) {
    std::error_code ignored;  // what cannot be removed now is overwritten or removed later
    if (entry->path().extension() == ".parquet") std::filesystem::remove(entry->path(), ignored);
  }
  if (!failure) return {};
  return Error{Outcome::unavailable,
               fmt::format("cannot use {} for the files of {}: {}",
                           options_.scratch_directory.string(), prefix_, failure.message())};
}

stream::Position DayFiles::cursor(stream::Partition partition) const {
  return {manifest_.cursor(partition.number)};
}

Result<void> DayFiles::begin(const stream::Source& range) {
  INVARIANT(engine_ != nullptr);
  range_ = range;
  written_.clear();
  if (range.from == cursor(range.partition)) return {};
  return Error{Outcome::conflict,
               fmt::format("cannot add [{}, {}) of partition {} to {}: the next position is {}",
                           range.from.number, range.to.number, range.partition.number, prefix_,
                           cursor(range.partition).number)};
}

Result<void> DayFiles::write(std::string_view company, std::string_view day, std::size_t rows,
                             const AppendRow& append_row) {
  Progress progress;
  while (progress.row < rows) {
    auto written = write_file(company, day, rows, append_row, progress);
    if (!written) {
      return written.error().during(fmt::format("write {} of {} for {}", day, company, prefix_));
    }
  }
  return {};
}

Result<void> DayFiles::write_file(std::string_view company, std::string_view day, std::size_t rows,
                                  const AppendRow& append_row, Progress& progress) {
  // A batch that failed may have left its table.
  auto ready = engine_->drop_table(table_name);
  if (ready) ready = engine_->create_table(table_name, columns_);
  if (!ready) return ready;
  auto filled = fill_table(progress.row, rows, append_row);
  if (!filled) return filled.error();

  const std::filesystem::path path =
      options_.scratch_directory / fmt::format("{}-{}.parquet", prefix_, manifest_.epoch());
  auto count = engine_->write_parquet(fmt::format("SELECT * FROM {}", table_name), path);
  auto dropped = engine_->drop_table(table_name);
  if (!count) {
    std::error_code ignored;  // the next file overwrites it
    std::filesystem::remove(path, ignored);
    return count.error();
  }
  if (!dropped) return dropped;
  INVARIANT(*count == *filled);
  auto stored = put(company, day, progress.file, *count, path);
  if (!stored) return stored;
  progress.row += *filled;
  ++progress.file;
  return {};
}

// Answers how many rows the table took.
Result<std::size_t> DayFiles::fill_table(std::size_t first, std::size_t rows,
                                         const AppendRow& append_row) {
  auto appender = engine_->append(table_name);
  if (!appender) return appender.error();
  std::size_t bytes = 0;
  std::size_t row = first;
  for (; row < rows && bytes < options_.file_bytes_max; ++row) {
    auto appended = append_row(**appender, row);
    if (!appended) return appended.error();
    bytes += *appended;
  }
  auto finished = (*appender)->finish();
  if (!finished) return finished.error();
  return row - first;
}

Result<void> DayFiles::put(std::string_view company, std::string_view day, std::uint32_t file,
                           std::uint64_t rows, const std::filesystem::path& path) {
  // The epoch keeps a writer that was replaced, and does not know it yet, from our objects.
  const std::string key =
      fmt::format("{}/company={}/day={}/{}-{}-{}-{}{}.parquet", prefix_, company, day,
                  range_.partition.number, range_.from.number, range_.to.number, manifest_.epoch(),
                  file == 0 ? std::string() : fmt::format("-{}", file));
  std::error_code failure;
  const std::uint64_t bytes = std::filesystem::file_size(path, failure);
  if (failure) {
    return Error{Outcome::unavailable, fmt::format("cannot find {}, which was just written: {}",
                                                   path.string(), failure.message())};
  }
  FAILPOINT((prefix_ + ".before_put").c_str());
  auto stored = objects_.put_file(key, path);
  if (!stored) return stored;
  written_.push_back({.key = key,
                      .rows = rows,
                      .bytes = bytes,
                      .labels = {{"company", std::string(company)}, {"day", std::string(day)}}});
  return {};
}

Result<void> DayFiles::commit() {
  FAILPOINT((prefix_ + ".before_commit").c_str());
  auto committed = manifest_.commit({.epoch = 0,
                                     .partition = range_.partition.number,
                                     .from = range_.from.number,
                                     .to = range_.to.number,
                                     .committed_at = clock_.now(),
                                     .objects = std::move(written_)});
  written_.clear();
  if (!committed) return committed;
  FAILPOINT((prefix_ + ".after_commit").c_str());
  return {};
}

}  // namespace cauce::warehouse
