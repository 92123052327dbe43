// A Parquet file as rows, read by DuckDB (table/). Its texts stay texts whatever they look like;
// numbers, dates, moments and booleans come as their text and are found again by it.
#pragma once

#include <filesystem>
#include <memory>

#include "datasets/text_rows.h"

namespace cauce::datasets {

Result<std::unique_ptr<FileTable>> open_parquet(const std::filesystem::path& file,
                                                const csv::CsvOptions& options,
                                                std::size_t memory_bytes_max, Report* failure);

}  // namespace cauce::datasets
