// The calls of DuckDB's C API that this room makes. libduckdb.so is loaded when the first table is
// opened and not with the program: binding its 17,000 symbols takes longer than most commands.
// Only for table/.
#pragma once

#include <duckdb.h>

#include "base/result.h"

namespace cauce::table {

// `duckdb().query(…)` is duckdb_query(…).
struct DuckdbCalls {
#define CALL(name) decltype(&duckdb_##name) name;
#include "table/duckdb_calls.inc"
#undef CALL
};

// Finds the library by the program's run path, then where the system's libraries are. not_found:
// there is none, or it lacks a call. Any thread; cheap once it was loaded.
Result<void> load_duckdb();

// Only after load_duckdb() answered well.
const DuckdbCalls& duckdb();

}  // namespace cauce::table
