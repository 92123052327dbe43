// Statements with their values, as the writer makes them. Inside this room only.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "sql/database.h"

namespace cauce::business {

// What stands in a column that refers to nothing: NULL, which no foreign key looks at.
inline std::optional<std::string_view> none_if_empty(std::string_view name) {
  if (name.empty()) return std::nullopt;
  return name;
}

inline std::optional<sql::Blob> none_if_empty_bytes(BytesView bytes) {
  if (bytes.empty()) return std::nullopt;
  return sql::Blob{bytes};
}

template <class Value>
void bind_to(sql::Statement& statement, int parameter, std::optional<Value> value) {
  if (value) {
    statement.bind(parameter, *value);
  } else {
    statement.bind_null(parameter);
  }
}

inline void bind_to(sql::Statement& statement, int parameter, std::optional<Time> value) {
  if (value) {
    statement.bind(parameter, to_microseconds(*value));
  } else {
    statement.bind_null(parameter);
  }
}

template <class Value>
void bind_to(sql::Statement& statement, int parameter, const Value& value) {
  if constexpr (std::is_integral_v<Value>) {
    statement.bind(parameter, std::int64_t{value});
  } else if constexpr (std::is_same_v<Value, std::string>) {
    statement.bind(parameter, std::string_view{value});
  } else {
    statement.bind(parameter, value);
  }
}

template <class... Values>
Result<sql::Statement> bound(sql::Database& database, std::string_view sql,
                             const Values&... values) {
  auto statement = database.prepare(sql);
  int parameter = 0;
  if (statement) (bind_to(*statement, ++parameter, values), ...);
  return statement;
}

// Answers how many rows it changed.
template <class... Values>
Result<std::int64_t> run(sql::Database& database, std::string_view sql, const Values&... values) {
  auto statement = bound(database, sql, values...);
  if (!statement) return statement.error();
  return statement->run();
}

template <class... Values>
Result<bool> finds(sql::Database& database, std::string_view sql, const Values&... values) {
  auto statement = bound(database, sql, values...);
  if (!statement) return statement.error();
  return statement->step();
}

inline Result<void> without_count(const Result<std::int64_t>& ran) {
  if (!ran) return ran.error();
  return {};
}

}  // namespace cauce::business
