#include "recent/sketch.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "base/invariant.h"

namespace cauce::recent {
namespace {

constexpr std::int32_t octave_buckets = 50;  // 1 / (2 * 50 + 1) is the relative error
constexpr std::int32_t index_min = -1022 * octave_buckets;
constexpr std::int32_t index_max = 1024 * octave_buckets - 1;
constexpr int mantissa_bits = 52;

// Of a normal number, whatever its sign. 50 * 2^52 is far below 2^64: nothing is rounded.
std::int32_t index_of(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value);
  const auto exponent = std::int32_t(bits >> mantissa_bits & 0x7ff) - 1023;
  const std::uint64_t mantissa = bits & ((std::uint64_t{1} << mantissa_bits) - 1);
  return exponent * octave_buckets + std::int32_t(mantissa * octave_buckets >> mantissa_bits);
}

// The harmonic mean of the bucket's bounds: equally far, relatively, from both.
double value_of(std::int32_t index) {
  const std::int32_t from_least = index - index_min;
  const std::int32_t place = from_least % octave_buckets;
  const double low = 1 + double(place) / octave_buckets;
  const double high = 1 + double(place + 1) / octave_buckets;
  return std::ldexp(2 * low * high / (low + high), from_least / octave_buckets - 1022);
}

// Seven bits a byte, the least significant first; all but the last byte have the eighth bit set.
void put_varint(Bytes& target, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7)
    put_u8(target, std::uint8_t(value | 0x80));
  put_u8(target, std::uint8_t(value));
}

// False when it is cut off, beyond 64 bits or longer than it need be.
bool take_varint(ByteReader& reader, std::uint64_t& value) {
  value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const std::uint8_t byte = reader.u8();
    const std::uint64_t digit = byte & 0x7f;
    if (reader.failed() || (shift == 63 && digit > 1)) return false;
    value |= digit << shift;
    if (byte < 0x80) return byte != 0 || shift == 0;
  }
  return false;
}

}  // namespace

void Sketch::add(double value) {
  INVARIANT(std::isfinite(value));
  ++count_;
  if (std::abs(value) < std::numeric_limits<double>::min()) {
    ++zeros_;
    return;
  }
  count_in(std::signbit(value) ? negative_ : positive_, index_of(value));
}

void Sketch::count_in(Buckets& buckets, std::int32_t index) {
  auto place = std::lower_bound(
      buckets.begin(), buckets.end(), index,
      [](const Bucket& bucket, std::int32_t wanted) { return bucket.index < wanted; });
  // What is nearer to zero than all of a full sketch belongs to the last bucket kept.
  if (place == buckets.begin() && buckets.size() == buckets_max) index = place->index;
  if (place != buckets.end() && place->index == index) {
    ++place->count;
    return;
  }
  buckets.insert(place, {index, 1});
  shrink(buckets);
}

void Sketch::merge(const Sketch& other) {
  count_ += other.count_;
  zeros_ += other.zeros_;
  merge_into(negative_, other.negative_);
  merge_into(positive_, other.positive_);
}

// Most of what is merged lies in buckets that are there: then nothing moves. False, and nothing is
// added, when a bucket is missing.
bool Sketch::add_to_own(Buckets& buckets, const Buckets& others) {
  auto own = buckets.begin();
  for (const Bucket& other : others) {
    while (own != buckets.end() && own->index < other.index)
      ++own;
    if (own == buckets.end() || own->index != other.index) return false;
  }
  own = buckets.begin();
  for (const Bucket& other : others) {
    while (own->index != other.index)
      ++own;
    own->count += other.count;
  }
  return true;
}

void Sketch::merge_into(Buckets& buckets, const Buckets& others) {
  if (others.empty()) return;
  if (buckets.empty()) {
    buckets = others;
    return;
  }
  if (add_to_own(buckets, others)) return;
  Buckets merged;
  merged.reserve(buckets.size() + others.size());
  auto own = buckets.begin();
  for (const Bucket& other : others) {
    for (; own != buckets.end() && own->index < other.index; ++own)
      merged.push_back(*own);
    merged.push_back(other);
    if (own != buckets.end() && own->index == other.index) merged.back().count += (own++)->count;
  }
  merged.insert(merged.end(), own, buckets.end());
  shrink(merged);
  buckets = std::move(merged);
}

// The lowest bucket that stays was somebody's own: so which one it is does not depend on the order
// in which the others went.
void Sketch::shrink(Buckets& buckets) {
  if (buckets.size() <= buckets_max) return;
  const auto kept = buckets.end() - std::ptrdiff_t(buckets_max);
  for (auto lower = buckets.begin(); lower != kept; ++lower)
    kept->count += lower->count;
  buckets.erase(buckets.begin(), kept);
}

double Sketch::percentile(unsigned percent) const {
  INVARIANT(count_ > 0 && percent >= 1 && percent <= 100);
  // ceil(count * percent / 100), without leaving 64 bits: how many are no larger.
  std::uint64_t wanted = count_ / 100 * percent + (count_ % 100 * percent + 99) / 100;
  for (auto bucket = negative_.rbegin(); bucket != negative_.rend(); ++bucket) {
    if (wanted <= bucket->count) return -value_of(bucket->index);
    wanted -= bucket->count;
  }
  if (wanted <= zeros_) return 0;
  wanted -= zeros_;
  for (const Bucket& bucket : positive_) {
    if (wanted <= bucket.count) return value_of(bucket.index);
    wanted -= bucket.count;
  }
  INVARIANT(false);  // the counts of the buckets are count_
  return 0;
}

void put_sketch(Bytes& target, const Sketch& sketch) {
  put_varint(target, sketch.zeros_);
  Sketch::put_buckets(target, sketch.negative_);
  Sketch::put_buckets(target, sketch.positive_);
}

void Sketch::put_buckets(Bytes& target, const Buckets& buckets) {
  put_varint(target, buckets.size());
  std::int32_t next = index_min;
  for (const Bucket& bucket : buckets) {
    put_varint(target, std::uint64_t(bucket.index - next));
    put_varint(target, bucket.count - 1);
    next = bucket.index + 1;
  }
}

// Adds what the buckets hold to `total`. False when the bytes are none that put_buckets gives.
bool Sketch::take_buckets(ByteReader& reader, Buckets& buckets, std::uint64_t& total) {
  std::uint64_t size = 0;
  if (!take_varint(reader, size) || size > buckets_max) return false;
  buckets.reserve(std::min<std::size_t>(size, reader.remaining() / 2));
  std::uint64_t next = 0;  // above index_min
  for (std::uint64_t number = 0; number < size; ++number) {
    std::uint64_t gap = 0;
    std::uint64_t others = 0;
    if (!take_varint(reader, gap) || !take_varint(reader, others)) return false;
    if (gap > std::uint64_t(index_max - index_min) - next) return false;
    if (others >= std::numeric_limits<std::uint64_t>::max() - total) return false;
    next += gap;
    total += others + 1;
    buckets.push_back({std::int32_t(next) + index_min, others + 1});
    // One past the last index there is: nothing may follow, which the check above then finds.
    if (++next > std::uint64_t(index_max - index_min) && number + 1 < size) return false;
  }
  return true;
}

Result<Sketch> Sketch::decode(BytesView bytes) {
  ByteReader reader{bytes};
  Sketch sketch;
  bool known = take_varint(reader, sketch.zeros_);
  sketch.count_ = sketch.zeros_;
  known = known && take_buckets(reader, sketch.negative_, sketch.count_) &&
          take_buckets(reader, sketch.positive_, sketch.count_);
  if (known && reader.complete()) return sketch;
  return Error{Outcome::invalid, fmt::format("{} bytes are no sketch that docs/formats/recent.md "
                                             "allows",
                                             bytes.size())};
}

}  // namespace cauce::recent
