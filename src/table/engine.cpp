#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <set>

#include "table/chunk_appender.h"
#include "table/handles.h"
#include "table/result_cursor.h"
#include "table/table.h"

namespace cauce::table {
namespace {

std::string_view sql_name(Type type) {
  switch (type) {
    case Type::boolean: return "BOOLEAN";
    case Type::int32: return "INTEGER";
    case Type::int64: return "BIGINT";
    case Type::uint32: return "UINTEGER";
    case Type::uint64: return "UBIGINT";
    case Type::real64: return "DOUBLE";
    case Type::text: return "VARCHAR";
    case Type::blob: return "BLOB";
    case Type::time: return "TIMESTAMP";
  }
  return "VARCHAR";
}

std::string quoted_list(const std::set<std::string>& texts) {
  std::string list = "[";
  for (const std::string& text : texts) {
    if (list.size() > 1) list += ", ";
    list += quote_text(text);
  }
  return list + "]";
}

constexpr std::array<std::string_view, 10> reading_words{
    "select", "from", "with", "describe", "desc", "summarize", "table", "values", "show", "pivot"};

// What stands before the first word of a statement: blanks, parentheses and comments.
std::string_view without_preamble(std::string_view sql) {
  for (;;) {
    const std::size_t start = sql.find_first_not_of(" \t\r\n\v\f;(");
    if (start == std::string_view::npos) return {};
    sql.remove_prefix(start);
    const bool is_line_comment = sql.starts_with("--");
    if (!is_line_comment && !sql.starts_with("/*")) return sql;
    const std::string_view mark = is_line_comment ? "\n" : "*/";
    const std::size_t end = sql.find(mark, 2);
    if (end == std::string_view::npos) return {};
    sql.remove_prefix(end + mark.size());
  }
}

// Judged by the first word, since DuckDB acts on some statements while it prepares them: EXPORT
// DATABASE makes its directory before anybody can ask what kind of statement it is.
bool begins_like_reading(std::string_view sql) {
  std::string word;
  for (const char letter : without_preamble(sql)) {
    if ((letter < 'A' || letter > 'Z') && (letter < 'a' || letter > 'z')) break;
    word += char(letter | 0x20);
  }
  return std::find(reading_words.begin(), reading_words.end(), word) != reading_words.end();
}

class DuckdbEngine final : public Engine {
 public:
  DuckdbEngine(Database database, Connection connection)
      : database_(std::move(database)), connection_(std::move(connection)) {}

  Result<void> create_table(std::string_view name, const std::vector<Column>& columns) override {
    std::string sql = fmt::format("CREATE TABLE {} (", quote_name(name));
    for (std::size_t index = 0; index < columns.size(); ++index) {
      sql += fmt::format("{}{} {}", index == 0 ? "" : ", ", quote_name(columns[index].name),
                         sql_name(columns[index].type));
    }
    return run(sql + ")");
  }

  Result<std::unique_ptr<Appender>> append(std::string_view table) override {
    return ChunkAppender::open(connection_.get(), table);
  }

  Result<void> drop_table(std::string_view name) override {
    return run(fmt::format("DROP TABLE IF EXISTS {}", quote_name(name)));
  }

  Result<std::uint64_t> write_parquet(std::string_view select,
                                      const std::filesystem::path& file) override {
    const std::string sql = fmt::format("COPY ({}) TO {} (FORMAT parquet, COMPRESSION zstd)",
                                        select, quote_text(file.string()));
    QueryResult result;
    if (duckdb().query(connection_.get(), sql.c_str(), result.get()) == DuckDBError) {
      return result.error(select);
    }
    return std::uint64_t{duckdb().rows_changed(result.get())};
  }

  Result<void> view_parquet(std::string_view view, const std::vector<std::filesystem::path>& files,
                            const std::vector<Column>& columns_if_empty) override {
    std::string select;
    if (files.empty()) {
      for (const Column& column : columns_if_empty) {
        select += fmt::format("{}NULL::{} AS {}", select.empty() ? "SELECT " : ", ",
                              sql_name(column.type), quote_name(column.name));
      }
      select += " WHERE false";
    } else {
      std::set<std::string> paths;
      for (const std::filesystem::path& file : files) {
        paths.insert(std::filesystem::absolute(file).lexically_normal().string());
      }
      select = fmt::format("SELECT * FROM read_parquet({}, hive_partitioning = false)",
                           quoted_list(paths));
      readable_paths_.merge(paths);
    }
    return run(fmt::format("CREATE OR REPLACE VIEW {} AS {}", quote_name(view), select));
  }

  Result<void> execute(std::string_view sql) override {
    auto answer = query(sql, 0);
    if (!answer) return answer.error();
    return {};
  }

  Result<Answer> query(std::string_view sql, std::size_t rows_max) override {
    auto prepared = prepare(sql);
    if (!prepared) return prepared.error();
    QueryResult result;
    // Streaming, so that what comes after rows_max is never held and mostly never computed.
    if (duckdb().execute_prepared_streaming(prepared->get(), result.get()) == DuckDBError) {
      return result.error(sql);
    }
    return read_rows(result, sql, rows_max);
  }

  Result<std::unique_ptr<Cursor>> open_cursor(std::string_view sql) override {
    auto prepared = prepare(sql);
    if (!prepared) return prepared.error();
    auto result = std::make_unique<QueryResult>();
    if (duckdb().execute_prepared_streaming(prepared->get(), result->get()) == DuckDBError) {
      return result->error(sql);
    }
    return open_result_cursor(std::move(*prepared), std::move(result), std::string(sql));
  }

  Result<void> lock_down() override {
    auto done = run(fmt::format("SET allowed_paths = {}", quoted_list(readable_paths_)));
    if (done) done = run("SET enable_external_access = false");
    if (done) done = run("SET lock_configuration = true");
    if (done) locked_ = true;
    return done;
  }

 private:
  // Our own SQL, never a person's.
  Result<void> run(const std::string& sql) {
    QueryResult result;
    if (duckdb().query(connection_.get(), sql.c_str(), result.get()) == DuckDBError) {
      return result.error(sql);
    }
    return {};
  }

  Result<Prepared> prepare(std::string_view sql) {
    const std::string text{sql};
    if (text.find('\0') != std::string::npos) {
      return Error{Outcome::invalid, "the SQL holds a NUL byte; remove it"};
    }
    Statements statements;
    const idx_t count =
        duckdb().extract_statements(connection_.get(), text.c_str(), statements.target());
    if (count == 0) {
      const char* message = duckdb().extract_statements_error(statements.get());
      if (message != nullptr) return duckdb_error(message, sql);
    }
    if (count != 1) {
      return Error{Outcome::invalid,
                   fmt::format("the SQL holds {} statements; give exactly one", count)};
    }
    const Error refused{Outcome::denied,
                        "only SELECT, FROM, DESCRIBE, SHOW and SUMMARIZE are allowed here"};
    if (locked_ && !begins_like_reading(text)) return refused;
    Prepared prepared;
    const duckdb_state state = duckdb().prepare_extracted_statement(
        connection_.get(), statements.get(), 0, prepared.target());
    // Judged before the errors of the preparation: whoever may not do it need not learn why else
    // it would fail.
    if (state != DuckDBError && locked_ &&
        duckdb().prepared_statement_type(prepared.get()) != DUCKDB_STATEMENT_TYPE_SELECT) {
      return refused;
    }
    if (state == DuckDBError) {
      const char* message = duckdb().prepare_error(prepared.get());
      return duckdb_error(message == nullptr ? "" : message, sql);
    }
    return prepared;
  }

  static Result<Answer> read_rows(QueryResult& result, std::string_view sql, std::size_t rows_max) {
    Answer answer;
    std::vector<LogicalType> types;
    for (idx_t index = 0; index < duckdb().column_count(result.get()); ++index) {
      types.emplace_back(duckdb().column_logical_type(result.get(), index));
      answer.columns.push_back({duckdb().column_name(result.get(), index),
                                nearest_type(duckdb().get_type_id(types.back().get()))});
    }
    while (true) {
      const Chunk chunk{duckdb().fetch_chunk(*result.get())};
      if (result.failed()) return result.error(sql);
      if (chunk.get() == nullptr || duckdb().data_chunk_get_size(chunk.get()) == 0) break;
      auto added = add_rows(chunk.get(), types, rows_max, answer);
      if (!added) return added.error();
      if (answer.cut) break;
    }
    return answer;
  }

  static Result<void> add_rows(duckdb_data_chunk chunk, const std::vector<LogicalType>& types,
                               std::size_t rows_max, Answer& answer) {
    for (idx_t row = 0; row < duckdb().data_chunk_get_size(chunk); ++row) {
      if (answer.rows.size() == rows_max) {
        answer.cut = true;
        break;
      }
      std::vector<std::string> texts(types.size());
      std::vector<bool> nulls(types.size());
      for (idx_t column = 0; column < types.size(); ++column) {
        auto present = append_text(duckdb().data_chunk_get_vector(chunk, column),
                                   types[column].get(), row, texts[column]);
        if (!present) return present.error();
        nulls[column] = !*present;
      }
      answer.rows.push_back(std::move(texts));
      answer.nulls.push_back(std::move(nulls));
    }
    return {};
  }

  Database database_;
  Connection connection_;
  std::set<std::string> readable_paths_;  // of all views
  bool locked_ = false;
};

}  // namespace

Result<std::unique_ptr<Engine>> Engine::open(const Options& options) {
  if (const auto found = load_duckdb(); !found) return found.error();
  Config config;
  if (duckdb().create_config(config.target()) == DuckDBError) {
    return Error{Outcome::exhausted, "DuckDB has no memory for its configuration"};
  }
  const std::pair<const char*, std::string> settings[] = {
      {"memory_limit",
       fmt::format("{}KiB", std::max<std::size_t>(options.memory_bytes_max >> 10, 1))},
      {"threads", std::to_string(std::max(options.threads, 1u))},
      {"temp_directory", options.temporary_directory.string()},
      {"autoinstall_known_extensions", "false"},
      {"autoload_known_extensions", "false"},
      {"allow_community_extensions", "false"},
      {"allow_unsigned_extensions", "false"},
  };
  for (const auto& [name, value] : settings) {
    if (duckdb().set_config(config.get(), name, value.c_str()) == DuckDBError) {
      return Error{Outcome::unsupported,
                   fmt::format("DuckDB refuses {} = \"{}\"; is this version 1.4.4?", name, value)};
    }
  }
  Database database;
  char* message = nullptr;
  if (duckdb().open_ext(nullptr, database.target(), config.get(), &message) == DuckDBError) {
    return duckdb_error(take_text(message), {}).during("open DuckDB");
  }
  Connection connection;
  if (duckdb().connect(database.get(), connection.target()) == DuckDBError) {
    return Error{Outcome::exhausted, "DuckDB has no memory for a connection"};
  }
  auto engine = std::make_unique<DuckdbEngine>(std::move(database), std::move(connection));
  // The session's zone decides how TIMESTAMPTZ is cut into days; ours is UTC everywhere.
  auto utc = engine->execute("SET TimeZone = 'UTC'");
  if (!utc) return utc.error();
  return std::unique_ptr<Engine>(std::move(engine));
}

std::string quote_name(std::string_view name) {
  std::string quoted = "\"";
  for (const char character : name) {
    quoted += character;
    if (character == '"') quoted += '"';
  }
  return quoted + "\"";
}

std::string quote_text(std::string_view text) {
  std::string quoted = "'";
  for (const char character : text) {
    quoted += character;
    if (character == '\'') quoted += '\'';
  }
  return quoted + "'";
}

}  // namespace cauce::table
