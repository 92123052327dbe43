#include "table/table.h"

#include <doctest/doctest.h>
#include <fmt/core.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <limits>

namespace cauce::table {
namespace {

// A directory of its own for each test, removed afterwards.
struct Scratch {
  std::filesystem::path path;

  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "table_test.XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Scratch() { std::filesystem::remove_all(path); }
};

std::unique_ptr<Engine> open_engine(Options options = {}) {
  auto engine = Engine::open(options);
  REQUIRE(engine);
  return std::move(*engine);
}

const std::vector<Column> all_types = {
    {"flag", Type::boolean},  {"small", Type::int32},  {"large", Type::int64},
    {"number", Type::uint32}, {"size", Type::uint64},  {"value", Type::real64},
    {"name", Type::text},     {"payload", Type::blob}, {"at", Type::time},
};

void append_row(Appender& rows, std::int64_t index) {
  rows.boolean(index % 2 == 0);
  rows.integer(-index);
  rows.integer(index * 1'000'000'000'000);
  rows.integer(index);
  rows.integer(index + 1);
  rows.real(static_cast<double>(index) / 4);
  rows.text(fmt::format("n{}", index));
  if (index % 3 == 0) {
    rows.null();
  } else {
    rows.blob(std::string("\0\xff", 2) + std::to_string(index));
  }
  rows.time(from_microseconds(1'700'000'000'000'000 + index));
  rows.end_row();
}

void fill(Engine& engine, std::string_view table, std::int64_t count) {
  REQUIRE(engine.create_table(table, all_types));
  auto rows = engine.append(table);
  REQUIRE(rows);
  for (std::int64_t index = 0; index < count; ++index) {
    append_row(**rows, index);
  }
  REQUIRE((*rows)->finish());
}

std::string one(Engine& engine, std::string_view sql) {
  auto answer = engine.query(sql, 10);
  if (!answer) return std::string(name_of(answer.error().outcome)) + ": " + answer.error().message;
  REQUIRE(answer->rows.size() == 1);
  REQUIRE(answer->rows[0].size() == 1);
  return answer->nulls[0][0] ? "NULL" : answer->rows[0][0];
}

Outcome refusal(Engine& engine, std::string_view sql) {
  CAPTURE(sql);
  auto answer = engine.query(sql, 10);
  REQUIRE_FALSE(answer.has_value());
  return answer.error().outcome;
}

}  // namespace

TEST_CASE("what is appended comes back through Parquet, over several chunks and with nulls") {
  Scratch scratch;
  auto engine = open_engine();
  constexpr std::int64_t count = 10'000;
  fill(*engine, "odd \"name", count);
  auto written =
      engine->write_parquet("SELECT * FROM \"odd \"\"name\"", scratch.path / "a.parquet");
  REQUIRE(written);
  CHECK(*written == count);
  REQUIRE(engine->drop_table("odd \"name"));
  REQUIRE(engine->view_parquet("back", {scratch.path / "a.parquet"}, all_types));

  auto answer = engine->query("SELECT * FROM back ORDER BY number", count);
  REQUIRE(answer);
  CHECK_FALSE(answer->cut);
  REQUIRE(answer->rows.size() == count);
  CHECK(answer->columns[7].type == Type::blob);
  CHECK(answer->columns[8].type == Type::time);
  for (std::size_t index = 0; index < count; ++index) {
    const std::string payload =
        index % 3 == 0 ? "" : to_hex(std::string("\0\xff", 2) + std::to_string(index));
    const std::vector<std::string> expected = {
        index % 2 == 0 ? "true" : "false",
        std::to_string(-static_cast<std::int64_t>(index)),
        std::to_string(index * 1'000'000'000'000),
        std::to_string(index),
        std::to_string(index + 1),
        fmt::format("{}", static_cast<double>(index) / 4),
        fmt::format("n{}", index),
        payload,
        format_time(from_microseconds(1'700'000'000'000'000 + static_cast<std::int64_t>(index)))};
    if (answer->rows[index] != expected || answer->nulls[index][7] != (index % 3 == 0)) {
      CAPTURE(index);
      CHECK(answer->rows[index] == expected);
    }
  }
}

TEST_CASE("Parquet is compressed with zstd and several files are one view") {
  Scratch scratch;
  auto engine = open_engine();
  fill(*engine, "rows", 100);
  REQUIRE(engine->write_parquet("SELECT * FROM rows", scratch.path / "a.parquet"));
  REQUIRE(
      engine->write_parquet("SELECT * FROM rows WHERE number < 10", scratch.path / "b'.parquet"));
  REQUIRE(engine->view_parquet("v", {scratch.path / "a.parquet", scratch.path / "b'.parquet"}, {}));
  CHECK(one(*engine, "SELECT count(*) FROM v") == "110");
  CHECK(one(*engine, fmt::format("SELECT DISTINCT compression FROM parquet_metadata({})",
                                 quote_text((scratch.path / "a.parquet").string()))) == "ZSTD");
}

TEST_CASE("a view of no file has its columns and no rows") {
  auto engine = open_engine();
  REQUIRE(engine->view_parquet("v", {}, all_types));
  auto answer = engine->query("SELECT * FROM v", 10);
  REQUIRE(answer);
  CHECK(answer->rows.empty());
  REQUIRE(answer->columns.size() == all_types.size());
  for (std::size_t index = 0; index < all_types.size(); ++index) {
    CHECK(answer->columns[index].name == all_types[index].name);
    CHECK(answer->columns[index].type == all_types[index].type);
  }
}

TEST_CASE("text that is not UTF-8 is stored with replacement characters") {
  auto engine = open_engine();
  REQUIRE(engine->create_table("t", {{"x", Type::text}}));
  auto rows = engine->append("t");
  REQUIRE(rows);
  for (const char* text : {"ñ€𝄞",
                           "a\xff"
                           "b",
                           "\xc3", "\xed\xa0\x80", "\xc0\xaf", "\xf4\x90\x80\x80"}) {
    (*rows)->text(text);
    (*rows)->end_row();
  }
  REQUIRE((*rows)->finish());
  auto answer = engine->query("SELECT x FROM t", 10);
  REQUIRE(answer);
  const std::string bad = "\xef\xbf\xbd";
  CHECK(answer->rows == std::vector<std::vector<std::string>>{{"ñ€𝄞"},
                                                              {"a" + bad + "b"},
                                                              {bad},
                                                              {bad + bad + bad},
                                                              {bad + bad},
                                                              {bad + bad + bad + bad}});
}

TEST_CASE("an answer is cut at rows_max and says so") {
  auto engine = open_engine();
  auto exact = engine->query("SELECT range FROM range(5000)", 5000);
  REQUIRE(exact);
  CHECK(exact->rows.size() == 5000);
  CHECK_FALSE(exact->cut);
  auto cut = engine->query("SELECT range FROM range(5001)", 5000);
  REQUIRE(cut);
  CHECK(cut->rows.size() == 5000);
  CHECK(cut->cut);
}

TEST_CASE("values of every usual type have a text") {
  auto engine = open_engine();
  const std::pair<const char*, const char*> cases[] = {
      {"TIMESTAMP '2026-11-21 23:48:40.25'", "2026-11-21T23:48:40.250000Z"},
      {"TIMESTAMPTZ '2026-11-21 23:48:40+02'", "2026-11-21T21:48:40Z"},
      {"TIMESTAMP_S '2026-11-21 23:48:40'", "2026-11-21T23:48:40Z"},
      {"TIMESTAMP_MS '2026-11-21 23:48:40.5'", "2026-11-21T23:48:40.500000Z"},
      {"TIMESTAMP '1969-01-01 00:00:00'", "1969-01-01 00:00:00"},
      {"'infinity'::TIMESTAMP", "infinity"},
      {"DATE '2026-11-21'", "2026-11-21"},
      {"TIME '01:02:03'", "01:02:03"},
      {"INTERVAL 3 MONTH", "3 months"},
      {"'\\xAA\\x00'::BLOB", "aa00"},
      {"sum(1::BIGINT)", "1"},
      {"170141183460469231731687303715884105727::HUGEINT",
       "170141183460469231731687303715884105727"},
      {"18446744073709551615::UBIGINT", "18446744073709551615"},
      {"-12.50::DECIMAL(4,2)", "-12.50"},
      {"-1.5::DECIMAL(38,1)", "-1.5"},
      {"0.1::DOUBLE", "0.1"},
      {"'nan'::DOUBLE", "nan"},
      {"NULL", "NULL"},
      {"''", ""},
      {"[1, NULL, 3]", "[1, NULL, 3]"},
      {"[]::INTEGER[]", "[]"},
      {"{'a': 1, 'b': ['x']}", "{'a': 1, 'b': [x]}"},
      {"MAP {'k': 2}", "{k=2}"},
      {"array_value(1, 2)", "[1, 2]"},
      {"'b'::ENUM('a', 'b')", "b"},
      {"'0123456789abcdef0123456789abcdef'::UUID", "01234567-89ab-cdef-0123-456789abcdef"},
  };
  for (const auto& [expression, text] : cases) {
    CAPTURE(expression);
    CHECK(one(*engine, fmt::format("SELECT {}", expression)) == text);
  }
  CHECK(refusal(*engine, "SELECT union_value(k := 1)") == Outcome::unsupported);
}

TEST_CASE("an error is DuckDB's first line, also when it comes while rows are read") {
  auto engine = open_engine();
  auto unknown = engine->query("SELECT nothing FROM nowhere", 10);
  REQUIRE_FALSE(unknown.has_value());
  CHECK(unknown.error().outcome == Outcome::invalid);
  CHECK(unknown.error().message == "Catalog Error: Table with name nowhere does not exist!");
  CHECK(refusal(*engine, "SELEC 1") == Outcome::invalid);
  CHECK(refusal(*engine, "") == Outcome::invalid);
  CHECK(refusal(*engine, "SELECT 1; SELECT 2") == Outcome::invalid);
  CHECK(refusal(*engine, std::string_view("SELECT 1\0", 9)) == Outcome::invalid);
  auto late = engine->query(
      "SELECT CASE WHEN range = 50000 THEN error('stop') ELSE 1 END FROM range(100000)", 100'000);
  REQUIRE_FALSE(late.has_value());
  CHECK(late.error().message.find("stop") != std::string::npos);
  CHECK(one(*engine, "SELECT 1 ;") == "1");
}

TEST_CASE("memory stays under the limit: what needs more is exhausted, and the engine goes on") {
  auto engine =
      open_engine({.memory_bytes_max = 64u << 20, .threads = 1, .temporary_directory = {}});
  CHECK(refusal(*engine,
                "SELECT max(x) FROM (SELECT string_agg(range::VARCHAR, ',') AS x FROM "
                "range(100000000))") == Outcome::exhausted);
  REQUIRE(engine->create_table("t", {{"x", Type::blob}}));
  auto rows = engine->append("t");
  REQUIRE(rows);
  const Bytes payload(1 << 20, 'p');
  for (int index = 0; index < 200; ++index) {
    (*rows)->blob(payload);
    (*rows)->end_row();
  }
  auto finished = (*rows)->finish();
  REQUIRE_FALSE(finished.has_value());
  CAPTURE(finished.error().message);
  CHECK(finished.error().outcome == Outcome::exhausted);
  rows->reset();
  CHECK(one(*engine, "SELECT 42") == "42");
}

TEST_CASE("after the lock-down the views can be read and nothing else can be done") {
  Scratch scratch;
  auto engine = open_engine();
  fill(*engine, "rows", 100);
  const std::string open = (scratch.path / "open.parquet").string();
  const std::string closed = (scratch.path / "closed.parquet").string();
  REQUIRE(engine->write_parquet("SELECT * FROM rows", open));
  REQUIRE(engine->write_parquet("SELECT * FROM rows", closed));
  const auto bytes_before = std::filesystem::file_size(open);
  REQUIRE(engine->view_parquet("v", {open}, all_types));
  REQUIRE(engine->lock_down());

  CHECK(one(*engine, "SELECT count(*) FROM v") == "100");
  CHECK(one(*engine, "SELECT count(*) FROM (DESCRIBE v)") == "9");
  CHECK(engine->query("SUMMARIZE v", 20).has_value());
  CHECK(engine->query("SHOW TABLES", 20).has_value());
  CHECK(one(*engine, " -- how many\n/* rows */ (SELECT count(*) FROM v)") == "100");
  const std::filesystem::path exported = scratch.path / "exported";
  CHECK_FALSE(engine->query(fmt::format("/* */ EXPORT DATABASE '{}'", exported.string()), 1));
  CHECK_FALSE(std::filesystem::exists(exported));
  for (const std::string& sql : {
           std::string("SELECT * FROM read_csv('/etc/passwd')"),
           std::string("SELECT * FROM read_text('/etc/passwd')"),
           fmt::format("SELECT * FROM '{}'", closed),
           fmt::format("SELECT * FROM parquet_metadata('{}')", closed),
           fmt::format("SELECT * FROM read_blob('{}/../closed.parquet')", open),
           fmt::format("SELECT * FROM glob('{}/*')", scratch.path.string()),
           fmt::format("COPY (SELECT 1) TO '{}/c.csv'", scratch.path.string()),
           fmt::format("COPY (SELECT 1) TO '{}'", open),
           fmt::format("EXPLAIN ANALYZE COPY (SELECT 1) TO '{}'", open),
           fmt::format("ATTACH '{}/x.db'", scratch.path.string()),
           fmt::format("ATTACH '{}'", open),
           fmt::format("EXPORT DATABASE '{}/e'", scratch.path.string()),
           std::string("INSTALL httpfs"),
           std::string("LOAD httpfs"),
           std::string("SET memory_limit = '10GB'"),
           std::string("SET enable_external_access = true"),
           std::string("RESET lock_configuration"),
           std::string("PRAGMA enable_profiling"),
           std::string("CREATE TABLE t (x INTEGER)"),
           std::string("DROP VIEW v"),
           std::string("CREATE OR REPLACE VIEW v AS SELECT 1"),
       }) {
    CHECK(refusal(*engine, sql) == Outcome::denied);
  }
  CHECK(refusal(*engine, "FROM query('DROP VIEW v')") == Outcome::invalid);
  CHECK(engine->execute("SET threads = 4").error().outcome == Outcome::denied);
  CHECK(one(*engine, "SELECT count(*) FROM v") == "100");
  CHECK(std::filesystem::file_size(open) == bytes_before);
  CHECK(std::distance(std::filesystem::directory_iterator(scratch.path), {}) == 2);
}

TEST_CASE("an error names no directory that the user did not write") {
  Scratch scratch;
  auto engine = open_engine();
  fill(*engine, "rows", 100);
  const auto file = scratch.path / "damaged.parquet";
  REQUIRE(engine->write_parquet("SELECT * FROM rows", file));
  REQUIRE(engine->view_parquet("v", {file}, all_types));
  std::ofstream(file, std::ios::trunc) << "this is no Parquet file at all";
  auto answer = engine->query("SELECT * FROM v", 10);
  REQUIRE_FALSE(answer.has_value());
  CHECK(answer.error().message.find("damaged.parquet") != std::string::npos);
  CHECK(answer.error().message.find(scratch.path.string()) == std::string::npos);

  const std::string written = (scratch.path / "nothing.csv").string();
  auto named = engine->query(fmt::format("SELECT * FROM read_csv('{}')", written), 10);
  REQUIRE_FALSE(named.has_value());
  CHECK(named.error().message.find(written) != std::string::npos);
}

TEST_CASE("names and texts are quoted for SQL") {
  CHECK(quote_name("a\"b") == "\"a\"\"b\"");
  CHECK(quote_text("it's") == "'it''s'");
}

}  // namespace cauce::table
