#include <fmt/core.h>

#include <array>
#include <cmath>
#include <cstring>
#include <limits>

#include "base/bytes.h"
#include "base/time.h"
#include "table/handles.h"

namespace cauce::table {
namespace {

// Types nest as deeply as the SQL that names them says; nobody reads deeper than this.
constexpr int depth_max = 16;

template <class T>
T element(duckdb_vector vector, idx_t row) {
  return static_cast<const T*>(duckdb().vector_get_data(vector))[row];
}

std::string text_of(duckdb_value created) {
  const Value value{created};
  return take_text(duckdb().get_varchar(value.get()));
}

// RFC 3339 where our calendar reaches, else as DuckDB writes it ("infinity", years before 1970).
std::string time_text(std::int64_t count, std::int64_t scale,
                      duckdb_value (*create)(std::int64_t)) {
  if (count >= 0 && count < to_microseconds(time_max) / scale) {
    return format_time(from_microseconds(count * scale));
  }
  return text_of(create(count));
}

std::string hugeint_text(duckdb_hugeint value) {
  return text_of(duckdb().create_hugeint(value));
}

duckdb_hugeint widen(std::int64_t value) {
  return {static_cast<std::uint64_t>(value), value < 0 ? -1 : 0};
}

std::string decimal_text(duckdb_vector vector, duckdb_logical_type type, idx_t row) {
  duckdb_decimal decimal{duckdb().decimal_width(type), duckdb().decimal_scale(type), {}};
  switch (duckdb().decimal_internal_type(type)) {
    case DUCKDB_TYPE_SMALLINT: decimal.value = widen(element<std::int16_t>(vector, row)); break;
    case DUCKDB_TYPE_INTEGER: decimal.value = widen(element<std::int32_t>(vector, row)); break;
    case DUCKDB_TYPE_BIGINT: decimal.value = widen(element<std::int64_t>(vector, row)); break;
    default: decimal.value = element<duckdb_hugeint>(vector, row); break;
  }
  return text_of(duckdb().create_decimal(decimal));
}

std::string enum_text(duckdb_vector vector, duckdb_logical_type type, idx_t row) {
  idx_t index = 0;
  switch (duckdb().enum_internal_type(type)) {
    case DUCKDB_TYPE_UTINYINT: index = element<std::uint8_t>(vector, row); break;
    case DUCKDB_TYPE_USMALLINT: index = element<std::uint16_t>(vector, row); break;
    default: index = element<std::uint32_t>(vector, row); break;
  }
  return take_text(duckdb().enum_dictionary_value(type, index));
}

std::string uuid_text(duckdb_hugeint stored) {
  // Stored with the highest bit flipped, so that it sorts as a signed number.
  const auto upper = static_cast<std::uint64_t>(stored.upper) ^ (std::uint64_t{1} << 63);
  return text_of(duckdb().create_uuid({stored.lower, upper}));
}

BytesView bytes_at(duckdb_vector vector, idx_t row) {
  auto* strings = static_cast<duckdb_string_t*>(duckdb().vector_get_data(vector));
  return {duckdb().string_t_data(&strings[row]), duckdb().string_t_length(strings[row])};
}

// What fits one line of code each; empty optional: not such a type.
std::optional<std::string> plain_text(duckdb_vector vector, duckdb_logical_type type, idx_t row) {
  switch (duckdb().get_type_id(type)) {
    case DUCKDB_TYPE_BOOLEAN: return element<bool>(vector, row) ? "true" : "false";
    case DUCKDB_TYPE_TINYINT: return fmt::format("{}", int{element<std::int8_t>(vector, row)});
    case DUCKDB_TYPE_SMALLINT: return fmt::format("{}", element<std::int16_t>(vector, row));
    case DUCKDB_TYPE_INTEGER: return fmt::format("{}", element<std::int32_t>(vector, row));
    case DUCKDB_TYPE_BIGINT: return fmt::format("{}", element<std::int64_t>(vector, row));
    case DUCKDB_TYPE_UTINYINT: return fmt::format("{}", int{element<std::uint8_t>(vector, row)});
    case DUCKDB_TYPE_USMALLINT: return fmt::format("{}", element<std::uint16_t>(vector, row));
    case DUCKDB_TYPE_UINTEGER: return fmt::format("{}", element<std::uint32_t>(vector, row));
    case DUCKDB_TYPE_UBIGINT: return fmt::format("{}", element<std::uint64_t>(vector, row));
    case DUCKDB_TYPE_HUGEINT: return hugeint_text(element<duckdb_hugeint>(vector, row));
    case DUCKDB_TYPE_UHUGEINT:
      return text_of(duckdb().create_uhugeint(element<duckdb_uhugeint>(vector, row)));
    case DUCKDB_TYPE_FLOAT: return fmt::format("{}", element<float>(vector, row));
    case DUCKDB_TYPE_DOUBLE: return fmt::format("{}", element<double>(vector, row));
    case DUCKDB_TYPE_DECIMAL: return decimal_text(vector, type, row);
    case DUCKDB_TYPE_VARCHAR: return std::string(bytes_at(vector, row));
    case DUCKDB_TYPE_BLOB: return to_hex(bytes_at(vector, row));
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_TZ:
      return time_text(element<std::int64_t>(vector, row), 1,
                       [](std::int64_t count) { return duckdb().create_timestamp({count}); });
    case DUCKDB_TYPE_TIMESTAMP_MS:
      return time_text(element<std::int64_t>(vector, row), 1000,
                       [](std::int64_t count) { return duckdb().create_timestamp_ms({count}); });
    case DUCKDB_TYPE_TIMESTAMP_S:
      return time_text(element<std::int64_t>(vector, row), 1000000,
                       [](std::int64_t count) { return duckdb().create_timestamp_s({count}); });
    case DUCKDB_TYPE_TIMESTAMP_NS:
      return text_of(duckdb().create_timestamp_ns(element<duckdb_timestamp_ns>(vector, row)));
    case DUCKDB_TYPE_DATE: return text_of(duckdb().create_date(element<duckdb_date>(vector, row)));
    case DUCKDB_TYPE_TIME: return text_of(duckdb().create_time(element<duckdb_time>(vector, row)));
    case DUCKDB_TYPE_TIME_TZ:
      return text_of(duckdb().create_time_tz_value(element<duckdb_time_tz>(vector, row)));
    case DUCKDB_TYPE_INTERVAL:
      return text_of(duckdb().create_interval(element<duckdb_interval>(vector, row)));
    case DUCKDB_TYPE_ENUM: return enum_text(vector, type, row);
    case DUCKDB_TYPE_UUID: return uuid_text(element<duckdb_hugeint>(vector, row));
    default: return std::nullopt;
  }
}

Result<bool> append(duckdb_vector vector, duckdb_logical_type type, idx_t row, int depth,
                    std::string& target);

Result<void> append_inner(duckdb_vector vector, duckdb_logical_type type, idx_t row, int depth,
                          std::string& target) {
  Result<bool> present = append(vector, type, row, depth + 1, target);
  if (!present) return present.error();
  if (!*present) target += "NULL";
  return {};
}

Result<void> append_elements(duckdb_vector elements, duckdb_logical_type type,
                             duckdb_list_entry entry, int depth, std::string& target) {
  target += '[';
  for (idx_t index = 0; index < entry.length; ++index) {
    if (index > 0) target += ", ";
    auto done = append_inner(elements, type, entry.offset + index, depth, target);
    if (!done) return done;
  }
  target += ']';
  return {};
}

Result<void> append_struct(duckdb_vector vector, duckdb_logical_type type, idx_t row, int depth,
                           std::string& target) {
  target += '{';
  for (idx_t index = 0; index < duckdb().struct_type_child_count(type); ++index) {
    if (index > 0) target += ", ";
    target += "'" + take_text(duckdb().struct_type_child_name(type, index)) + "': ";
    const LogicalType child{duckdb().struct_type_child_type(type, index)};
    auto done = append_inner(duckdb().struct_vector_get_child(vector, index), child.get(), row,
                             depth, target);
    if (!done) return done;
  }
  target += '}';
  return {};
}

Result<void> append_map(duckdb_vector vector, duckdb_logical_type type, duckdb_list_entry entry,
                        int depth, std::string& target) {
  const duckdb_vector pairs = duckdb().list_vector_get_child(vector);
  const LogicalType key{duckdb().map_type_key_type(type)};
  const LogicalType value{duckdb().map_type_value_type(type)};
  target += '{';
  for (idx_t index = entry.offset; index < entry.offset + entry.length; ++index) {
    if (index > entry.offset) target += ", ";
    auto done =
        append_inner(duckdb().struct_vector_get_child(pairs, 0), key.get(), index, depth, target);
    if (!done) return done;
    target += '=';
    done =
        append_inner(duckdb().struct_vector_get_child(pairs, 1), value.get(), index, depth, target);
    if (!done) return done;
  }
  target += '}';
  return {};
}

Result<void> append_nested(duckdb_vector vector, duckdb_logical_type type, idx_t row, int depth,
                           std::string& target) {
  const Error no_text{Outcome::unsupported,
                      "a column of the answer has a type without text here; CAST it to VARCHAR"};
  if (depth > depth_max) return no_text;
  switch (duckdb().get_type_id(type)) {
    case DUCKDB_TYPE_LIST: {
      const LogicalType child{duckdb().list_type_child_type(type)};
      return append_elements(duckdb().list_vector_get_child(vector), child.get(),
                             element<duckdb_list_entry>(vector, row), depth, target);
    }
    case DUCKDB_TYPE_ARRAY: {
      const LogicalType child{duckdb().array_type_child_type(type)};
      const idx_t size = duckdb().array_type_array_size(type);
      return append_elements(duckdb().array_vector_get_child(vector), child.get(),
                             {row * size, size}, depth, target);
    }
    case DUCKDB_TYPE_STRUCT: return append_struct(vector, type, row, depth, target);
    case DUCKDB_TYPE_MAP:
      return append_map(vector, type, element<duckdb_list_entry>(vector, row), depth, target);
    default: return no_text;
  }
}

Result<bool> append(duckdb_vector vector, duckdb_logical_type type, idx_t row, int depth,
                    std::string& target) {
  std::uint64_t* validity = duckdb().vector_get_validity(vector);
  if (validity != nullptr && !duckdb().validity_row_is_valid(validity, row)) return false;
  if (duckdb().get_type_id(type) == DUCKDB_TYPE_SQLNULL) return false;
  if (auto plain = plain_text(vector, type, row)) {
    target += *plain;
    return true;
  }
  auto nested = append_nested(vector, type, row, depth, target);
  if (!nested) return nested.error();
  return true;
}

}  // namespace

Result<bool> append_text(duckdb_vector vector, duckdb_logical_type type, idx_t row,
                         std::string& target) {
  return append(vector, type, row, 0, target);
}

Type nearest_type(duckdb_type type) {
  switch (type) {
    case DUCKDB_TYPE_BOOLEAN: return Type::boolean;
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER: return Type::int32;
    case DUCKDB_TYPE_BIGINT: return Type::int64;
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_UINTEGER: return Type::uint32;
    case DUCKDB_TYPE_UBIGINT: return Type::uint64;
    case DUCKDB_TYPE_HUGEINT:
    case DUCKDB_TYPE_UHUGEINT:
    case DUCKDB_TYPE_DECIMAL:
    case DUCKDB_TYPE_FLOAT:
    case DUCKDB_TYPE_DOUBLE: return Type::real64;
    case DUCKDB_TYPE_BLOB: return Type::blob;
    case DUCKDB_TYPE_TIMESTAMP:
    case DUCKDB_TYPE_TIMESTAMP_S:
    case DUCKDB_TYPE_TIMESTAMP_MS:
    case DUCKDB_TYPE_TIMESTAMP_NS:
    case DUCKDB_TYPE_TIMESTAMP_TZ: return Type::time;
    default: return Type::text;
  }
}

}  // namespace cauce::table
