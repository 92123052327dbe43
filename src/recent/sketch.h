// The distribution of many numbers in few bytes, for percentiles: DDSketch (Masson, Rim and Lee,
// VLDB 2019) with buckets that integers alone decide, so that the same numbers give the same bytes
// on every machine.
//
// Each number counts in one bucket: those of one sign and power of two, [2^e, 2^(e+1)), share 50
// buckets of equal width. A bucket answers with the harmonic mean of its bounds, which lies within
// 1/101 of every number in it: that is the relative error of a percentile. The order in which
// numbers come and sketches are merged changes nothing: the sketch of all is the merge of the
// sketches of the parts.
//
// Bounded: of each sign the 2048 non-empty buckets farthest from zero are kept, and what is nearer
// to zero counts in the last of them. Then a percentile that falls into that bucket is nearer to
// zero than is answered. As 2048 neighbours span a factor of 2^40.96, that concerns numbers more
// than 2.1 * 10^12 times smaller than the largest, at the earliest. Below 2^-1022 (denormal)
// a number counts as zero.
//
// The bytes are described in docs/formats/recent.md.
#pragma once

#include <cstdint>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace cauce::recent {

class Sketch {
 public:
  static constexpr std::size_t buckets_max = 2048;  // of each sign
  static constexpr double relative_error = 1.0 / 101;

  // Invariant: `value` is finite.
  void add(double value);
  void merge(const Sketch& other);

  std::uint64_t count() const { return count_; }
  // The number of the nearest rank, within the error above: the smallest of which at least
  // `percent` of a hundred numbers are no larger. Invariant: count() > 0, 1 <= percent <= 100.
  double percentile(unsigned percent) const;

  // `invalid` unless the bytes are exactly those that encode gives for some sketch.
  static Result<Sketch> decode(BytesView bytes);
  friend void put_sketch(Bytes& target, const Sketch& sketch);

  bool operator==(const Sketch&) const = default;

 private:
  // Of the numbers of one sign: `index` rises with their size.
  struct Bucket {
    std::int32_t index;
    std::uint64_t count;

    bool operator==(const Bucket&) const = default;
  };
  using Buckets = std::vector<Bucket>;  // by index, none empty

  static void count_in(Buckets& buckets, std::int32_t index);
  static bool add_to_own(Buckets& buckets, const Buckets& others);
  static void merge_into(Buckets& buckets, const Buckets& others);
  static void shrink(Buckets& buckets);
  static void put_buckets(Bytes& target, const Buckets& buckets);
  static bool take_buckets(ByteReader& reader, Buckets& buckets, std::uint64_t& total);

  std::uint64_t count_ = 0;
  std::uint64_t zeros_ = 0;
  Buckets negative_;
  Buckets positive_;
};

}  // namespace cauce::recent
