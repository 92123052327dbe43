#include "record/reading.h"

#include <fmt/core.h>

#include "base/invariant.h"
#include "record/fields.h"

namespace cauce::record {
namespace {

FieldCheck checked(const Reading& reading) {
  FieldCheck check;
  check.name("company", reading.company);
  check.name("device", reading.device);
  check.metric("metric", reading.metric);
  check.time("time", reading.time);
  check.time("received_at", reading.received_at);
  check.value(reading.value);
  check.at_most("unit", reading.unit.size(), unit_bytes_max);
  check.quality(reading.quality);
  return check;
}

Reading read_reading(FieldReader& reader) {
  Reading reading;
  reading.time = reader.time("time");
  reading.received_at = reader.time("received_at");
  reading.origin = reader.origin();
  reading.quality = reader.quality();
  reading.value = reader.value();
  reading.company = reader.name("company");
  reading.device = reader.name("device");
  reading.metric = reader.metric();
  reading.unit = reader.short_text("unit", unit_bytes_max);
  return reading;
}

Undecodable read_undecodable(FieldReader& reader) {
  Undecodable undecodable;
  undecodable.received_at = reader.time("received_at");
  undecodable.origin = reader.origin();
  undecodable.company = reader.name("company");
  undecodable.device = reader.short_text("device", name_bytes_max);
  undecodable.stage = reader.short_text("stage", stage_bytes_max);
  undecodable.reason = reader.medium_text("reason", reason_bytes_max);
  return undecodable;
}

template <class Record>
Result<ReadingRecord> finished(FieldReader& reader, Record record) {
  if (auto whole = reader.finish("record of readings"); !whole) return whole.error();
  return ReadingRecord{std::move(record)};
}

}  // namespace

Result<void> check(const Reading& reading) {
  return checked(reading).answer("reading");
}

Bytes encode(const Reading& reading) {
  INVARIANT(checked(reading).passed());
  Bytes bytes;
  bytes.reserve(head_bytes + 2 * time_bytes + origin_bytes + 1 + size_of(reading.value) +
                4 * short_bytes + reading.company.size() + reading.device.size() +
                reading.metric.size() + reading.unit.size());
  put_head(bytes, Kind::reading);
  put_i64(bytes, to_microseconds(reading.time));
  put_i64(bytes, to_microseconds(reading.received_at));
  put_origin(bytes, reading.origin);
  put_u8(bytes, std::uint8_t(reading.quality));
  put_value(bytes, reading.value);
  put_short(bytes, reading.company);
  put_short(bytes, reading.device);
  put_short(bytes, reading.metric);
  put_short(bytes, reading.unit);
  return bytes;
}

Bytes encode(const Undecodable& undecodable) {
  FieldCheck check;
  check.name("company", undecodable.company);
  check.at_most("device", undecodable.device.size(), name_bytes_max);
  check.at_most("stage", undecodable.stage.size(), stage_bytes_max);
  check.time("received_at", undecodable.received_at);
  INVARIANT(check.passed());
  const std::string_view reason = std::string_view{undecodable.reason}.substr(0, reason_bytes_max);
  Bytes bytes;
  bytes.reserve(head_bytes + time_bytes + origin_bytes + 3 * short_bytes + medium_bytes +
                undecodable.company.size() + undecodable.device.size() + undecodable.stage.size() +
                reason.size());
  put_head(bytes, Kind::undecodable);
  put_i64(bytes, to_microseconds(undecodable.received_at));
  put_origin(bytes, undecodable.origin);
  put_short(bytes, undecodable.company);
  put_short(bytes, undecodable.device);
  put_short(bytes, undecodable.stage);
  put_medium(bytes, reason);
  return bytes;
}

Result<ReadingRecord> decode_reading(BytesView bytes) {
  FieldReader reader{bytes};
  switch (const Kind kind = reader.head()) {
    case Kind::reading: return finished(reader, read_reading(reader));
    case Kind::undecodable: return finished(reader, read_undecodable(reader));
    case Kind::tick: return finished(reader, Tick{reader.time("at")});
    default:
      reader.check().broken(
          fmt::format("kind {} is neither reading, undecodable nor tick", int(kind)));
      return finished(reader, Tick{});
  }
}

}  // namespace cauce::record
