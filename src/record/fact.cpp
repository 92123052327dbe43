#include "record/fact.h"

#include <fmt/core.h>

#include "base/invariant.h"
#include "record/fields.h"

namespace cauce::record {
namespace {

FieldCheck checked(const Fact& fact) {
  FieldCheck check;
  check.name("company", fact.company);
  check.name_or_empty("site", fact.site);
  check.at_most("area", fact.area.size(), area_bytes_max);
  check.name("device", fact.device);
  check.name_or_empty("device_type", fact.device_type);
  check.metric("metric", fact.metric);
  check.time("time", fact.time);
  check.time("received_at", fact.received_at);
  check.value(fact.value);
  check.at_most("unit", fact.unit.size(), unit_bytes_max);
  check.quality(fact.quality);
  return check;
}

}  // namespace

Result<void> check(const Fact& fact) {
  return checked(fact).answer("fact");
}

Bytes encode(const Fact& fact) {
  INVARIANT(checked(fact).passed());
  Bytes bytes;
  bytes.reserve(head_bytes + 2 * time_bytes + origin_bytes + 1 + size_of(fact.value) +
                7 * short_bytes + fact.company.size() + fact.site.size() + fact.area.size() +
                fact.device.size() + fact.device_type.size() + fact.metric.size() +
                fact.unit.size());
  put_head(bytes, Kind::fact);
  put_i64(bytes, to_microseconds(fact.time));
  put_i64(bytes, to_microseconds(fact.received_at));
  put_origin(bytes, fact.origin);
  put_u8(bytes, std::uint8_t(fact.quality));
  put_value(bytes, fact.value);
  put_short(bytes, fact.company);
  put_short(bytes, fact.site);
  put_short(bytes, fact.area);
  put_short(bytes, fact.device);
  put_short(bytes, fact.device_type);
  put_short(bytes, fact.metric);
  put_short(bytes, fact.unit);
  return bytes;
}

Result<Fact> decode_fact(BytesView bytes) {
  FieldReader reader{bytes};
  Fact fact;
  const Kind kind = reader.head();
  if (kind != Kind::fact) {
    reader.check().broken(fmt::format("kind {} is not a fact", int(kind)));
  } else {
    fact.time = reader.time("time");
    fact.received_at = reader.time("received_at");
    fact.origin = reader.origin();
    fact.quality = reader.quality();
    fact.value = reader.value();
    fact.company = reader.name("company");
    fact.site = reader.name_or_empty("site");
    fact.area = reader.short_text("area", area_bytes_max);
    fact.device = reader.name("device");
    fact.device_type = reader.name_or_empty("device_type");
    fact.metric = reader.metric();
    fact.unit = reader.short_text("unit", unit_bytes_max);
  }
  if (auto whole = reader.finish("fact"); !whole) return whole.error();
  return fact;
}

std::string to_text(const Series& series) {
  std::string text;
  text.reserve(series.company.size() + series.device.size() + series.metric.size() + 2);
  text.append(series.company).append(1, '/').append(series.device).append(1, '/');
  return text.append(series.metric);
}

Result<Series> parse_series(std::string_view text) {
  const std::size_t first = text.find('/');
  const std::size_t second = first == text.npos ? text.npos : text.find('/', first + 1);
  if (second != text.npos) {
    const std::string_view company = text.substr(0, first);
    const std::string_view device = text.substr(first + 1, second - first - 1);
    const std::string_view metric = text.substr(second + 1);
    if (is_name(company) && is_name(device) && is_metric(metric)) {
      return Series{std::string(company), std::string(device), std::string(metric)};
    }
  }
  return Error{
      Outcome::invalid,
      fmt::format("a text of {} bytes is not a series; write company/device/metric", text.size())};
}

Series series_of(const Fact& fact) {
  return {fact.company, fact.device, fact.metric};
}

Series series_of(const Reading& reading) {
  return {reading.company, reading.device, reading.metric};
}

}  // namespace cauce::record
