// The Cursor over what DuckDB streams. Only for table/.
#pragma once

#include <memory>
#include <string>

#include "table/handles.h"
#include "table/table.h"

namespace cauce::table {

// `result` streams; `prepared` is what it was made of, `sql` what stands in errors.
std::unique_ptr<Cursor> open_result_cursor(Prepared prepared, std::unique_ptr<QueryResult> result,
                                           std::string sql);

}  // namespace cauce::table
