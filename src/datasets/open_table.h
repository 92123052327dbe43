// A file becomes a table; what it is, its content says and never its name: CSV and its like (csv/),
// JSON Lines and arrays of objects, each of them also packed by gzip or zstd; Parquet; XLSX, of
// which the first sheet is read.
#pragma once

#include <filesystem>
#include <memory>

#include "datasets/csv/csv.h"
#include "datasets/file_table.h"
#include "datasets/unpack.h"

namespace cauce::datasets {

struct TableOptions {
  csv::CsvOptions csv;  // of all formats, as far as they have such things
  packing::UnpackLimits unpack;
  std::size_t parquet_memory_bytes_max = 256u << 20;  // of DuckDB, while a Parquet file is read
};

// Errors as those of open_csv(); when it fails, `failure` is told what was found out.
Result<std::unique_ptr<FileTable>> open_table(const std::filesystem::path& file,
                                              const TableOptions& options = {},
                                              Report* failure = nullptr);

}  // namespace cauce::datasets
