// The fields that records are made of, and one reader and one checker for all of them, so that
// what can be encoded is exactly what can be decoded. Inside this room only; the format is
// docs/formats/records.md.
#pragma once

#include <string_view>

#include "base/bytes.h"
#include "base/names.h"
#include "base/result.h"
#include "base/time.h"
#include "record/reading.h"

namespace cauce::record {

enum class Kind : std::uint8_t {
  message = 1,
  tick = 2,
  reading = 3,
  undecodable = 4,
  fact = 5,
  particulars = 6,
  session_change = 7,
  command = 8,
  withdrawal = 9,
};

constexpr std::uint8_t format_version = 1;
constexpr std::size_t head_bytes = 2;  // kind, version
constexpr std::size_t time_bytes = 8;
constexpr std::size_t origin_bytes = 4 + 8 + 4 + 4;
constexpr std::size_t short_bytes = 1;   // the length before a text of at most 255 bytes
constexpr std::size_t medium_bytes = 2;  // the length before one of at most 65535 bytes

void put_head(Bytes& target, Kind kind);
void put_short(Bytes& target, std::string_view text);
void put_medium(Bytes& target, std::string_view text);
void put_origin(Bytes& target, const Origin& origin);
void put_value(Bytes& target, const Value& value);
std::size_t size_of(const Value& value);

// Remembers the first field that breaks its rule. Used on values before they are encoded and,
// by FieldReader, on values that were just read.
class FieldCheck {
 public:
  void name(std::string_view field, std::string_view text);
  void name_or_empty(std::string_view field, std::string_view text);
  void metric(std::string_view field, std::string_view text);
  void at_most(std::string_view field, std::size_t bytes, std::size_t bytes_max);
  void time(std::string_view field, Time time);
  void value(const Value& value);
  void quality(Quality quality);
  void broken(std::string message);

  bool passed() const { return message_.empty(); }
  // `what` is "message", "reading", …
  Result<void> answer(std::string_view what) const;

 private:
  std::string message_;
};

// Reads the fields of one record; check() holds the first that is broken or missing.
class FieldReader {
 public:
  explicit FieldReader(BytesView source) : reader_(source), size_(source.size()) {}

  // Reads the two bytes every record begins with.
  Kind head();
  Time time(std::string_view field);
  // time_max, the end of time, is good too.
  Time time_or_end(std::string_view field);
  std::uint8_t u8() { return reader_.u8(); }
  std::uint16_t u16() { return reader_.u16(); }
  std::uint32_t u32() { return reader_.u32(); }
  std::uint64_t u64() { return reader_.u64(); }
  // One byte in which no other bits than `known` are set.
  std::uint8_t flags(std::string_view field, std::uint8_t known);
  std::uint8_t number_at_most(std::string_view field, std::uint8_t number_max);
  Origin origin();
  Quality quality();
  Value value();
  std::string name(std::string_view field);
  std::string name_or_empty(std::string_view field);
  std::string metric();
  std::string short_text(std::string_view field, std::size_t bytes_max);
  std::string medium_text(std::string_view field, std::size_t bytes_max);
  std::string long_text(std::string_view field, std::size_t bytes_max);

  FieldCheck& check() { return check_; }
  // Nothing was broken or missing so far.
  bool is_sound() const { return check_.passed() && !reader_.failed(); }
  // Invalid unless every field was good and nothing is left.
  Result<void> finish(std::string_view what);

 private:
  std::string text(std::string_view field, std::size_t bytes, std::size_t bytes_max);

  ByteReader reader_;
  std::size_t size_;
  FieldCheck check_;
};

}  // namespace cauce::record
