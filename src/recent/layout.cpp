#include "recent/layout.h"

#include <fmt/core.h>

#include <cmath>

namespace cauce::recent {
namespace {

constexpr std::size_t start_bytes = 8;
constexpr std::uint8_t value_double = 0;
constexpr std::uint8_t value_bool = 1;
constexpr std::uint8_t value_text = 2;

Error damaged(std::string_view what, BytesView bytes) {
  return {Outcome::corrupt,
          fmt::format("the recent store holds {} that docs/formats/recent.md does not allow ({} "
                      "bytes, beginning {}); stop, move the month's folder away and replay the "
                      "facts",
                      what, bytes.size(), to_hex(bytes.substr(0, 32)))};
}

// Big-endian, so that the byte order of keys is the order of time.
void put_start(Bytes& target, Time start) {
  const auto value = std::uint64_t(to_microseconds(start));
  for (int shift = 56; shift >= 0; shift -= 8)
    target += char(value >> shift & 0xff);
}

Time take_start(BytesView bytes) {
  std::uint64_t value = 0;
  for (const char byte : bytes)
    value = value << 8 | std::uint8_t(byte);
  return from_microseconds(std::int64_t(value));
}

// The low half of the byte says what the value is, the high half its quality.
void put_measured(Bytes& target, const Point& point) {
  const auto quality = std::uint8_t(std::uint8_t(point.quality) << 4);
  put_u8(target, quality | std::uint8_t(point.value.index()));
  put_u32(target, point.origin.partition);
  put_u64(target, point.origin.position);
  put_u32(target, point.origin.index);
  put_u32(target, point.origin.replay);
  if (const auto* number = std::get_if<double>(&point.value)) put_f64(target, *number);
  if (const auto* truth = std::get_if<bool>(&point.value)) put_u8(target, *truth ? 1 : 0);
  if (const auto* text = std::get_if<std::string>(&point.value)) put_sized(target, *text);
}
static_assert(std::is_same_v<std::variant_alternative_t<value_double, record::Value>, double>);
static_assert(std::is_same_v<std::variant_alternative_t<value_bool, record::Value>, bool>);
static_assert(std::is_same_v<std::variant_alternative_t<value_text, record::Value>, std::string>);

record::Origin take_origin(ByteReader& reader) {
  record::Origin origin;
  origin.partition = reader.u32();
  origin.position = reader.u64();
  origin.index = reader.u32();
  origin.replay = reader.u32();
  return origin;
}

bool take_number(ByteReader& reader, Point& point) {
  const double number = reader.f64();
  point.value = number;
  return std::isfinite(number);
}

bool take_truth(ByteReader& reader, Point& point) {
  const std::uint8_t truth = reader.u8();
  point.value = truth == 1;
  return truth <= 1;
}

// False when the bytes name a value or a quality that does not exist.
bool take_measured(ByteReader& reader, Point& point) {
  const std::uint8_t kind = reader.u8();
  if (kind >> 4 > std::uint8_t(record::Quality::bad)) return false;
  point.quality = record::Quality(kind >> 4);
  point.origin = take_origin(reader);
  switch (kind & 15) {
    case value_double: return take_number(reader, point);
    case value_bool: return take_truth(reader, point);
    case value_text: point.value = std::string{reader.sized()}; return true;
    default: return false;
  }
}

}  // namespace

Time window_start(Resolution resolution, Time time) {
  const Duration span = window_span(resolution);
  const std::int64_t value = to_microseconds(time);
  const std::int64_t past = value % span.count();
  return from_microseconds(value - (past < 0 ? past + span.count() : past));
}

Month month_of(Time time) {
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(time)};
  return date.year() / date.month();
}

Time month_start(Month month) {
  return Time{std::chrono::sys_days{month / 1}};
}

std::string name_of(Month month) {
  return fmt::format("{:04}-{:02}", int(month.year()), unsigned(month.month()));
}

std::optional<Month> parse_month(std::string_view name) {
  if (name.size() != 7) return std::nullopt;
  const auto start = parse_time(std::string{name} + "-01T00:00:00Z");
  if (!start) return std::nullopt;
  return month_of(*start);
}

Kind kind_of(Resolution resolution) {
  switch (resolution) {
    case Resolution::minute: return Kind::minute;
    case Resolution::quarter: return Kind::quarter;
    case Resolution::hour: return Kind::hour;
  }
  return Kind::hour;
}

Bytes format_key() {
  return Bytes(1, char(Kind::format));
}

Bytes window_key(Kind kind, Time start, std::string_view series) {
  Bytes key;
  key.reserve(1 + start_bytes + series.size());
  put_u8(key, std::uint8_t(kind));
  put_start(key, start);
  key += series;
  return key;
}

Bytes summary_key(std::string_view series) {
  Bytes key(1, char(Kind::summary));
  key += series;
  return key;
}

Result<Key> parse_key(BytesView bytes) {
  if (bytes.empty()) return damaged("a key", bytes);
  const Kind kind{std::uint8_t(bytes.front())};
  switch (kind) {
    case Kind::format:
      if (bytes.size() == 1) return Key{};
      break;
    case Kind::points:
    case Kind::minute:
    case Kind::quarter:
    case Kind::hour:
      if (bytes.size() <= 1 + start_bytes) break;
      return Key{kind, take_start(bytes.substr(1, start_bytes)), bytes.substr(1 + start_bytes)};
    case Kind::summary:
      if (bytes.size() > 1) return Key{kind, Time{}, bytes.substr(1)};
      break;
  }
  return damaged("a key", bytes);
}

Bytes encode_points(Time start, const std::vector<Point>& points) {
  Bytes bytes;
  bytes.reserve(points.size() * 33);
  for (const Point& point : points) {
    put_u32(bytes, std::uint32_t((point.time - start).count()));
    put_measured(bytes, point);
  }
  return bytes;
}

Result<std::vector<Point>> decode_points(Time start, BytesView bytes) {
  std::vector<Point> points;
  points.reserve(bytes.size() / 33);
  const auto span = std::uint32_t(window_span(Resolution::minute).count());
  ByteReader reader{bytes};
  while (reader.remaining() > 0) {
    const std::uint32_t offset = reader.u32();
    Point point;
    const bool known = take_measured(reader, point);
    point.time = start + Duration{offset};
    if (!known || reader.failed() || offset >= span ||
        (!points.empty() && point.time <= points.back().time)) {
      return damaged("a minute of points", bytes);
    }
    points.push_back(std::move(point));
  }
  return points;
}

Bytes encode(const Aggregate& aggregate) {
  Bytes bytes;
  bytes.reserve(256);  // a sketch of one magnitude has some hundred bytes
  put_u64(bytes, aggregate.count);
  for (const double value : {aggregate.min, aggregate.max, aggregate.mean, aggregate.deviation,
                             aggregate.first, aggregate.last}) {
    put_f64(bytes, value);
  }
  put_i64(bytes, to_microseconds(aggregate.first_time));
  put_i64(bytes, to_microseconds(aggregate.last_time));
  put_f64(bytes, aggregate.m2);
  put_sketch(bytes, aggregate.sketch);
  return bytes;
}

Result<Aggregate> decode_aggregate(Time start, BytesView bytes) {
  ByteReader reader{bytes};
  Aggregate aggregate;
  aggregate.start = start;
  aggregate.count = reader.u64();
  for (double* value : {&aggregate.min, &aggregate.max, &aggregate.mean, &aggregate.deviation,
                        &aggregate.first, &aggregate.last}) {
    *value = reader.f64();
  }
  aggregate.first_time = from_microseconds(reader.i64());
  aggregate.last_time = from_microseconds(reader.i64());
  aggregate.m2 = reader.f64();
  if (reader.failed() || aggregate.count == 0) return damaged("an aggregate", bytes);
  auto sketch = Sketch::decode(reader.bytes(reader.remaining()));
  if (!sketch || sketch->count() != aggregate.count) return damaged("an aggregate", bytes);
  aggregate.sketch = std::move(*sketch);
  return aggregate;
}

Bytes encode(const SeriesSummary& summary) {
  Bytes bytes;
  put_i64(bytes, to_microseconds(summary.last.time));
  put_measured(bytes, summary.last);
  put_sized(bytes, summary.unit);
  return bytes;
}

Result<SummaryRank> decode_rank(BytesView bytes) {
  ByteReader reader{bytes};
  SummaryRank rank;
  rank.time = from_microseconds(reader.i64());
  static_cast<void>(reader.u8());
  rank.origin = take_origin(reader);
  if (reader.failed()) return damaged("a summary", bytes);
  return rank;
}

Result<SeriesSummary> decode_summary(std::string_view series, BytesView bytes) {
  const auto names = record::parse_series(series);
  if (!names) return damaged("a summary's series", series);
  SeriesSummary summary;
  summary.series = *names;
  ByteReader reader{bytes};
  summary.last.time = from_microseconds(reader.i64());
  const bool known = take_measured(reader, summary.last);
  summary.unit = std::string{reader.sized()};
  if (!known || !reader.complete()) return damaged("a summary", bytes);
  return summary;
}

}  // namespace cauce::recent
