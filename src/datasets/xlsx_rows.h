// The first sheet of an XLSX workbook (ECMA-376) as rows; the first row that holds anything is the
// header. Numbers shown as dates become dates, in the workbook's calendar; formulae give the value
// that was stored with them; an error as #DIV/0! is a text, #N/A a missing cell. Other sheets,
// formats, comments and pictures are not looked at.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "datasets/text_rows.h"

namespace cauce::datasets {

struct XlsxLimits {
  std::uint64_t sheet_bytes_max = 8ull << 30;      // of XML, unpacked; read piece by piece
  std::uint64_t strings_bytes_max = 256ull << 20;  // of all texts, which are held in memory
  std::uint64_t part_bytes_max = 16ull << 20;      // of any other part of the file
  std::size_t columns_max = 16'384;                // what a spreadsheet can hold
};

// invalid: this is no workbook, it is damaged, or beyond a limit.
Result<std::unique_ptr<FileTable>> open_xlsx(const std::filesystem::path& file,
                                             const csv::CsvOptions& options, Report* failure,
                                             const XlsxLimits& limits = {});

}  // namespace cauce::datasets
