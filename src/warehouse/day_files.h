// Batches of rows as Parquet objects, one for each company and UTC day of the batch, committed by
// one manifest entry: what the lake and the facts have in common.
//
//   begin(range)  write(company, day, …)  write(…)  …  commit(range)
//
// A batch that fails on the way is begun again from its first row; what was put and not committed
// is an orphan, swept by the next open(). One group at a time is in memory, one file at a time on
// the scratch directory, however many companies and days a batch holds. One thread.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "objects/manifest.h"
#include "stream/stream.h"
#include "table/table.h"

namespace cauce::warehouse {

struct DayFilesOptions {
  // Where files lie before they are put; of this writer alone, best on the store's file system.
  std::filesystem::path scratch_directory;
  // Rows of one company and day go on in another object when they hold more than this. Bounds the
  // memory of one file: DuckDB holds it twice, as table and as row group.
  std::size_t file_bytes_max = 64u << 20;
  table::Options table;
};

class DayFiles {
 public:
  // Appends row `index` of the group, with end_row(); answers roughly how many bytes it holds.
  using AppendRow = std::function<Result<std::size_t>(table::Appender&, std::size_t index)>;

  // `prefix` names the objects, the manifest and the failpoints ("lake.before_put",
  // "lake.before_commit", "lake.after_commit").
  DayFiles(objects::Objects& objects, std::string_view prefix,
           const std::vector<table::Column>& columns, const Clock& clock, DayFilesOptions options);

  // Takes over from any earlier writer and sweeps what that one left uncommitted.
  Result<void> open();
  stream::Position cursor(stream::Partition partition) const;

  // `conflict` unless the range begins at the cursor.
  Result<void> begin(const stream::Source& range);
  Result<void> write(std::string_view company, std::string_view day, std::size_t rows,
                     const AppendRow& append_row);
  Result<void> commit();

 private:
  struct Progress {
    std::size_t row = 0;     // the group's next row
    std::uint32_t file = 0;  // the number of the group's next file
  };

  Result<void> write_file(std::string_view company, std::string_view day, std::size_t rows,
                          const AppendRow& append_row, Progress& progress);
  Result<std::size_t> fill_table(std::size_t first, std::size_t rows, const AppendRow& append_row);
  Result<void> put(std::string_view company, std::string_view day, std::uint32_t file,
                   std::uint64_t rows, const std::filesystem::path& path);
  Result<void> clear_scratch();

  objects::Objects& objects_;
  const std::string prefix_;
  const std::vector<table::Column>& columns_;
  const Clock& clock_;
  const DayFilesOptions options_;
  objects::Manifest manifest_;
  std::unique_ptr<table::Engine> engine_;
  stream::Source range_{};                        // of the batch at hand
  std::vector<objects::ManifestObject> written_;  // put for it, not committed yet
};

}  // namespace cauce::warehouse
