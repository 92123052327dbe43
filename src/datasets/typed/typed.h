// The columns of a version as they are computed from: typed, block by block, in a file of its own
// beside the one that was uploaded (docs/formats/columns.md). A chart reads the columns it needs
// and parses nothing. Blocks hold the same rows as those of the table they were written from, so
// what is computed from either is the same to the last bit.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <vector>

#include "base/result.h"
#include "columns/columns.h"

namespace cauce::datasets::typed {

struct Limits {
  // Numbers are kept as they were written too when a column has few forms of them, because groups
  // are named so; a chart has 10,000 groups at most. Of texts, so many share one dictionary.
  std::size_t forms_max = 16'384;
  // Of the different texts of all columns while they are written; texts beyond are written one by
  // one.
  std::size_t dictionary_bytes_max = 32u << 20;
};

// Writes all rows to a new file and answers its bytes; 0: there would be more to remember than
// footer_bytes_max, no file is made. `distinct`: different values of each column as far as known:
// it decides of which columns of numbers the forms are worth looking at. Memory: a block, the
// dictionaries, and 32 bytes for each block of a column. Nothing is synced. conflict: the table was
// retyped, so it was not read to its end before.
Result<std::uint64_t> write(columns::Table& table, const std::vector<std::uint64_t>& distinct,
                            const std::filesystem::path& file, const Limits& limits = {});

// Opens the table that the columns were written from: forms of numbers that are not kept are read
// from there.
using OpenWritten = std::function<Result<std::unique_ptr<columns::Table>>()>;

// corrupt: the file is damaged; scans answer it too, when a block is not as it was written.
// unsupported: it is of another version.
Result<std::unique_ptr<columns::Table>> open(const std::filesystem::path& file,
                                             OpenWritten open_written);

}  // namespace cauce::datasets::typed
