// What travels in the topic `facts`: readings normalised (unit, scale, offset) and enriched with
// business data. The byte format is docs/formats/records.md.
#pragma once

#include "record/reading.h"

namespace cauce::record {

constexpr std::size_t area_bytes_max = 128;

struct Fact {
  std::string company;
  std::string site;  // empty when the device belongs to none
  std::string area;
  std::string device;
  std::string device_type;
  std::string metric;
  Time time;
  Time received_at;
  Value value;       // a double is finite, in `unit`
  std::string unit;  // the device type's unit for this metric
  Quality quality = Quality::good;
  Origin origin;

  bool operator==(const Fact&) const = default;
};

// What encode needs: `invalid` naming the field, its size and the limit.
Result<void> check(const Fact& fact);

// Invariant: check(fact) passes.
Bytes encode(const Fact& fact);
Result<Fact> decode_fact(BytesView bytes);

// (company, device, metric): what one statistics job, one curve and one alarm are about. As text
// "company/device/metric": names hold no '/', so it is read back without doubt.
struct Series {
  std::string company;
  std::string device;
  std::string metric;

  auto operator<=>(const Series&) const = default;
};

// 63 bytes under the longest key of the recent store.
constexpr std::size_t series_bytes_max = 64 + 1 + 64 + 1 + 128;

std::string to_text(const Series& series);
Result<Series> parse_series(std::string_view text);
Series series_of(const Fact& fact);
Series series_of(const Reading& reading);

}  // namespace cauce::record
