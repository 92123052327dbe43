#include "record/fields.h"

#include <fmt/core.h>

#include <cmath>

#include "base/invariant.h"

namespace cauce::record {
namespace {

enum class ValueType : std::uint8_t { real = 0, boolean = 1, text = 2 };

}  // namespace

void put_head(Bytes& target, Kind kind) {
  put_u8(target, std::uint8_t(kind));
  put_u8(target, format_version);
}

void put_short(Bytes& target, std::string_view text) {
  INVARIANT(text.size() <= UINT8_MAX);
  put_u8(target, std::uint8_t(text.size()));
  target.append(text);
}

void put_medium(Bytes& target, std::string_view text) {
  INVARIANT(text.size() <= UINT16_MAX);
  put_u16(target, std::uint16_t(text.size()));
  target.append(text);
}

void put_origin(Bytes& target, const Origin& origin) {
  put_u32(target, origin.partition);
  put_u64(target, origin.position);
  put_u32(target, origin.index);
  put_u32(target, origin.replay);
}

void put_value(Bytes& target, const Value& value) {
  if (const auto* real = std::get_if<double>(&value)) {
    put_u8(target, std::uint8_t(ValueType::real));
    put_f64(target, *real);
  } else if (const auto* boolean = std::get_if<bool>(&value)) {
    put_u8(target, std::uint8_t(ValueType::boolean));
    put_u8(target, *boolean ? 1 : 0);
  } else {
    put_u8(target, std::uint8_t(ValueType::text));
    put_medium(target, std::get<std::string>(value));
  }
}

std::size_t size_of(const Value& value) {
  if (std::holds_alternative<double>(value)) return 1 + 8;
  if (std::holds_alternative<bool>(value)) return 1 + 1;
  return 1 + medium_bytes + std::get<std::string>(value).size();
}

void FieldCheck::broken(std::string message) {
  if (message_.empty()) message_ = std::move(message);
}

void FieldCheck::name(std::string_view field, std::string_view text) {
  if (is_name(text)) return;
  broken(fmt::format("{} ({} bytes) is not a name of 1 to {} of A-Z a-z 0-9 _ - .", field,
                     text.size(), name_bytes_max));
}

void FieldCheck::name_or_empty(std::string_view field, std::string_view text) {
  if (!text.empty()) name(field, text);
}

void FieldCheck::metric(std::string_view field, std::string_view text) {
  if (is_metric(text)) return;
  broken(fmt::format("{} ({} bytes) is not a metric of 1 to {} of A-Z a-z 0-9 _ - . /", field,
                     text.size(), metric_bytes_max));
}

void FieldCheck::at_most(std::string_view field, std::size_t bytes, std::size_t bytes_max) {
  if (bytes <= bytes_max) return;
  broken(fmt::format("{} has {} bytes, the limit is {}", field, bytes, bytes_max));
}

void FieldCheck::time(std::string_view field, Time time) {
  if (time >= time_min && time < time_max) return;
  broken(fmt::format("{} is {} microseconds since 1970, times go from {} to {}", field,
                     to_microseconds(time), format_time(time_min), format_time(time_max)));
}

void FieldCheck::value(const Value& value) {
  if (const auto* real = std::get_if<double>(&value); real != nullptr && !std::isfinite(*real)) {
    broken("value is not a finite number");
  }
  if (const auto* text = std::get_if<std::string>(&value)) {
    at_most("value", text->size(), text_value_bytes_max);
  }
}

void FieldCheck::quality(Quality quality) {
  if (quality <= Quality::bad) return;
  broken(fmt::format("quality is {}, it goes from 0 to 2", int(quality)));
}

Result<void> FieldCheck::answer(std::string_view what) const {
  if (passed()) return {};
  return Error{Outcome::invalid, fmt::format("{}: {}", what, message_)};
}

Kind FieldReader::head() {
  const std::uint8_t kind = reader_.u8();
  const std::uint8_t version = reader_.u8();
  if (!reader_.failed() && version != format_version) {
    check_.broken(fmt::format("kind {} version {} is not known, this program reads version {}",
                              kind, version, format_version));
  }
  return Kind{kind};
}

Time FieldReader::time(std::string_view field) {
  const Time time = from_microseconds(reader_.i64());
  check_.time(field, time);
  return time;
}

Time FieldReader::time_or_end(std::string_view field) {
  const Time time = from_microseconds(reader_.i64());
  if (time != time_max) check_.time(field, time);
  return time;
}

std::uint8_t FieldReader::flags(std::string_view field, std::uint8_t known) {
  const std::uint8_t flags = reader_.u8();
  if ((flags & ~known) != 0) check_.broken(fmt::format("{} has flags {:#x}", field, flags));
  return flags;
}

std::uint8_t FieldReader::number_at_most(std::string_view field, std::uint8_t number_max) {
  const std::uint8_t number = reader_.u8();
  if (number > number_max) {
    check_.broken(fmt::format("{} is {}, it goes from 0 to {}", field, number, number_max));
  }
  return number;
}

Origin FieldReader::origin() {
  Origin origin;
  origin.partition = reader_.u32();
  origin.position = reader_.u64();
  origin.index = reader_.u32();
  origin.replay = reader_.u32();
  return origin;
}

Quality FieldReader::quality() {
  const Quality quality{reader_.u8()};
  check_.quality(quality);
  return quality;
}

Value FieldReader::value() {
  const std::uint8_t type = reader_.u8();
  Value value;
  switch (ValueType{type}) {
    case ValueType::real: value = reader_.f64(); break;
    case ValueType::boolean: {
      const std::uint8_t byte = reader_.u8();
      if (byte > 1) check_.broken(fmt::format("value is the truth value {}, not 0 or 1", byte));
      value = byte == 1;
      break;
    }
    case ValueType::text: value = medium_text("value", text_value_bytes_max); break;
    default: check_.broken(fmt::format("value has type {}, known are 0 to 2", type));
  }
  check_.value(value);
  return value;
}

std::string FieldReader::text(std::string_view field, std::size_t bytes, std::size_t bytes_max) {
  check_.at_most(field, bytes, bytes_max);
  return std::string{reader_.bytes(bytes)};
}

std::string FieldReader::name(std::string_view field) {
  std::string name = short_text(field, name_bytes_max);
  check_.name(field, name);
  return name;
}

std::string FieldReader::name_or_empty(std::string_view field) {
  std::string name = short_text(field, name_bytes_max);
  check_.name_or_empty(field, name);
  return name;
}

std::string FieldReader::metric() {
  std::string metric = short_text("metric", metric_bytes_max);
  check_.metric("metric", metric);
  return metric;
}

std::string FieldReader::short_text(std::string_view field, std::size_t bytes_max) {
  return text(field, reader_.u8(), bytes_max);
}

std::string FieldReader::medium_text(std::string_view field, std::size_t bytes_max) {
  return text(field, reader_.u16(), bytes_max);
}

std::string FieldReader::long_text(std::string_view field, std::size_t bytes_max) {
  return text(field, reader_.u32(), bytes_max);
}

Result<void> FieldReader::finish(std::string_view what) {
  if (reader_.failed()) {
    return Error{Outcome::invalid, fmt::format("{}: its {} bytes end in the middle", what, size_)};
  }
  if (check_.passed() && !reader_.complete()) {
    check_.broken(fmt::format("{} of its {} bytes are left over", reader_.remaining(), size_));
  }
  return check_.answer(what);
}

}  // namespace cauce::record
