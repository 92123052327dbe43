// JSON objects as rows: one a line (JSON Lines), or as the elements of one array. Each key that any
// object has is a column, in the order in which they first come; an object without it, and null,
// have no value there. Arrays and objects inside become their JSON text.
#pragma once

#include <memory>

#include "datasets/text_rows.h"

namespace cauce::datasets {

struct JsonLimits {
  std::size_t row_bytes_max = 4u << 20;
  std::size_t columns_max = 16'384;
  std::size_t depth_max = 500;  // of objects and arrays in each other; their text is made by calls
};

// `is_array`: the text begins with '['. Reads the source twice for each pass: for the keys once.
// invalid: names the line (JSON Lines) or the row (array) that is no object or no JSON.
Result<std::unique_ptr<FileTable>> open_json(const OpenSource& open, bool is_array,
                                             const csv::CsvOptions& options, Report* failure,
                                             const JsonLimits& limits = {});

}  // namespace cauce::datasets
