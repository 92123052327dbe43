// What travels in the topic `readings`: measured values, messages that could not be decoded, and
// ticks passed on. The byte format is docs/formats/records.md.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <variant>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"
#include "record/message.h"

namespace cauce::record {

// Where a value came from: the `index`-th value of the message at `position` of `raw`, decoded for
// the `replay`-th time. Ordered; of two facts with one (series, time) the larger origin counts.
struct Origin {
  std::uint32_t partition = 0;
  std::uint64_t position = 0;
  std::uint32_t index = 0;
  std::uint32_t replay = 0;

  auto operator<=>(const Origin&) const = default;
};

using Value = std::variant<double, bool, std::string>;
constexpr std::size_t text_value_bytes_max = 4096;
constexpr std::size_t unit_bytes_max = 64;

// As the device says it; `good` when it says nothing.
enum class Quality : std::uint8_t { good = 0, uncertain = 1, bad = 2 };

struct Reading {
  std::string company;  // a name
  std::string device;   // a name
  std::string metric;   // base/names.h, is_metric
  Time time;            // from the device, or received_at when it sends none; may run backwards
  Time received_at;     // stream time; both times lie in [time_min, time_max)
  Value value;          // a double is finite
  std::string unit;     // as the device says it; empty when it says nothing
  Quality quality = Quality::good;
  Origin origin;

  bool operator==(const Reading&) const = default;
};

constexpr std::size_t stage_bytes_max = 32;
constexpr std::size_t reason_bytes_max = 1024;

// A message that gave no readings, and why. The message itself is kept as a dead letter.
struct Undecodable {
  std::string company;
  std::string device;
  Time received_at;
  Origin origin;
  std::string stage;   // "identify", "decrypt" or "parse"
  std::string reason;  // one sentence without secrets; encode cuts it to reason_bytes_max

  bool operator==(const Undecodable&) const = default;
};

using ReadingRecord = std::variant<Reading, Undecodable, Tick>;

// What encode needs: `invalid` naming the field, its size and the limit. Ask before encoding what a
// payload has chosen: metric, time, value, unit.
Result<void> check(const Reading& reading);

// Invariant: check(reading) passes.
Bytes encode(const Reading& reading);
// Invariant: company is a name, device is at most name_bytes_max and stage stage_bytes_max long.
Bytes encode(const Undecodable& undecodable);
Result<ReadingRecord> decode_reading(BytesView bytes);

}  // namespace cauce::record
