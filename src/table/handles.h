// DuckDB's C handles as values that free themselves, and its errors as ours. Only for table/.
#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "table/duckdb_calls.h"
#include "table/table.h"

namespace cauce::table {

template <class Handle, auto destroy>  // a member of DuckdbCalls
class Owned {
 public:
  Owned() = default;
  explicit Owned(Handle handle) : handle_(handle) {}
  Owned(Owned&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Owned& operator=(Owned&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Owned() {
    if (handle_ != nullptr) (duckdb().*destroy)(&handle_);
  }

  Handle get() const { return handle_; }
  Handle* target() { return &handle_; }  // for functions that fill a handle in

 private:
  Handle handle_ = nullptr;
};

using Database = Owned<duckdb_database, &DuckdbCalls::close>;
using Connection = Owned<duckdb_connection, &DuckdbCalls::disconnect>;
using Config = Owned<duckdb_config, &DuckdbCalls::destroy_config>;
using Chunk = Owned<duckdb_data_chunk, &DuckdbCalls::destroy_data_chunk>;
using LogicalType = Owned<duckdb_logical_type, &DuckdbCalls::destroy_logical_type>;
using Value = Owned<duckdb_value, &DuckdbCalls::destroy_value>;
using Statements = Owned<duckdb_extracted_statements, &DuckdbCalls::destroy_extracted>;
using Prepared = Owned<duckdb_prepared_statement, &DuckdbCalls::destroy_prepare>;
using AppenderHandle = Owned<duckdb_appender, &DuckdbCalls::appender_destroy>;

class QueryResult {
 public:
  QueryResult() = default;
  QueryResult(const QueryResult&) = delete;
  QueryResult& operator=(const QueryResult&) = delete;
  ~QueryResult() { duckdb().destroy_result(&result_); }

  duckdb_result* get() { return &result_; }
  bool failed() { return duckdb().result_error(&result_) != nullptr; }
  // What failed, as our Error; `sql` is what the user wrote.
  Error error(std::string_view sql);

 private:
  duckdb_result result_{};
};

// Text that DuckDB allocated.
std::string take_text(char* text);

// The first line of `message`. Absolute paths that `sql` does not hold are cut to their file name:
// whoever wrote the SQL need not learn where the stores lie.
Error duckdb_error(std::string_view message, std::string_view sql);

// Appends one row's value as text; false when it is NULL (nothing is then appended). `unsupported`
// when this type has no text here.
Result<bool> append_text(duckdb_vector vector, duckdb_logical_type type, idx_t row,
                         std::string& target);
Type nearest_type(duckdb_type type);

}  // namespace cauce::table
