#include "charts/figures/quantiles.h"

#include <emmintrin.h>

#include <algorithm>
#include <bit>
#include <cmath>

namespace cauce::charts::figures {

namespace {

// 32 KiB of counters stay in the cache of one core; all groups together take at most 4 MiB.
constexpr std::size_t buckets_max = 4096;
constexpr std::size_t buckets_min = 16;
constexpr std::size_t buckets_of_all_max = std::size_t{1} << 19;
// So few are sorted faster than narrowed down.
constexpr std::size_t sorted_at_once = 65'536;

constexpr std::uint64_t sign = std::uint64_t{1} << 63;

// The bit pattern of a double, made to ascend with its value; both zeros are one.
std::uint64_t key_of(double value) {
  const auto bits = std::bit_cast<std::uint64_t>(value + 0.0);
  return (bits & sign) != 0 ? ~bits : bits | sign;
}

// No value has it; as a bound it would take in both zeros.
constexpr std::uint64_t key_of_minus_zero = sign - 1;

double value_of(std::uint64_t key) {
  return std::bit_cast<double>((key & sign) != 0 ? key & ~sign : ~key);
}

// Buckets [i * width, (i + 1) * width) with a width that is a power of two: both directions of the
// computation are exact.
struct EqualBuckets {
  double width = 0;  // 0: the range does not allow them
  double per_value = 0;
  std::int64_t first = 0;

  EqualBuckets(const Quantiles::Extent& extent, std::size_t buckets) {
    const double range = extent.max - extent.min;
    if (!std::isfinite(range) || range <= 0) return;
    const int exponent = std::ilogb(range / double(buckets - 2)) + 1;
    if (exponent < -1000 || exponent > 1000) return;
    const double largest = std::max(std::fabs(extent.min), std::fabs(extent.max));
    if (std::ldexp(largest, -exponent) > 4e15) return;
    width = std::ldexp(1.0, exponent);
    per_value = std::ldexp(1.0, -exponent);
    first = index(extent.min);
  }

  std::int64_t index(double value) const {
    const auto truncated = std::int64_t(value * per_value);
    return truncated - (double(truncated) * width > value ? 1 : 0);
  }
};

// Appends the values in [low, high]. They are few, so four at a time are passed over.
void gather(std::span<const double> values, double low, double high,
            std::vector<double>& gathered) {
  const __m128d lows = _mm_set1_pd(low);
  const __m128d highs = _mm_set1_pd(high);
  const auto inside = [&](std::size_t index) {
    const __m128d two = _mm_loadu_pd(values.data() + index);
    return _mm_and_pd(_mm_cmpge_pd(two, lows), _mm_cmple_pd(two, highs));
  };
  constexpr std::size_t step = 4;
  for (std::size_t first = 0; first < values.size(); first += step) {
    const std::size_t last = std::min(first + step, values.size());
    if (last == first + step && _mm_movemask_pd(_mm_or_pd(inside(first), inside(first + 2))) == 0) {
      continue;
    }
    for (std::size_t index = first; index < last; ++index) {
      if (values[index] >= low && values[index] <= high) gathered.push_back(values[index]);
    }
  }
}

int shift_of(std::uint64_t low, std::uint64_t high, std::size_t buckets) {
  int shift = 0;
  while (((high - low) >> shift) >= buckets)
    ++shift;
  return shift;
}

}  // namespace

Quantiles::Quantiles(const std::vector<Extent>& groups, std::vector<double> probabilities,
                     std::size_t gathered_max)
    : probabilities_(std::move(probabilities)),
      gathered_max_(std::max(gathered_max, sorted_at_once)) {
  for (const Extent& extent : groups) {
    Group group{extent, {}, {}, {}};
    if (extent.n > 0) {
      for (const double probability : probabilities_) {
        const auto rank = std::uint64_t(double(extent.n - 1) * probability);
        group.ranks.push_back(rank);
        group.ranks.push_back(std::min(rank + 1, extent.n - 1));
      }
      std::sort(group.ranks.begin(), group.ranks.end());
      group.ranks.erase(std::unique(group.ranks.begin(), group.ranks.end()), group.ranks.end());
      group.found.resize(group.ranks.size());
      const Bracket whole{key_of(extent.min), key_of(extent.max), 0, extent.n, 0, {}};
      if (whole.low == whole.high) {
        settle(group, whole, extent.min);
      } else {
        group.open.push_back(whole);
        ++open_;
      }
    }
    groups_.push_back(std::move(group));
  }
  begin_pass();
}

void Quantiles::begin_pass() {
  std::uint64_t inside = 0;
  for (const Group& group : groups_) {
    for (const Bracket& bracket : group.open)
      inside += bracket.inside;
  }
  gathering_ = inside <= (passes_ == 0 ? sorted_at_once : gathered_max_);
  counters_.clear();
  if (gathering_ || open_ == 0) return;
  buckets_ = std::clamp(buckets_of_all_max / open_, buckets_min, buckets_max);
  counters_.assign(open_ * buckets_, 0);
  std::size_t next = 0;
  for (Group& group : groups_) {
    for (Bracket& bracket : group.open) {
      bracket.counters = next;
      next += buckets_;
    }
  }
}

void Quantiles::observe(std::size_t group, std::span<const double> values) {
  Group& of = groups_[group];
  if (of.open.empty()) return;
  if (!gathering_) return passes_ == 0 ? count_equal_buckets(of, values) : count(of, values);
  for (Bracket& bracket : of.open) {
    const double low = value_of(bracket.low);
    const double high =
        value_of(bracket.high == key_of_minus_zero ? bracket.high - 1 : bracket.high);
    gather(values, low, high, bracket.gathered);
  }
}

void Quantiles::count(Group& group, std::span<const double> values) {
  for (const Bracket& bracket : group.open) {
    const std::uint64_t width = bracket.high - bracket.low;
    const int shift = shift_of(bracket.low, bracket.high, buckets_);
    std::uint64_t* const counters = counters_.data() + bracket.counters;
    for (const double value : values) {
      const std::uint64_t above = key_of(value) - bracket.low;
      if (above <= width) ++counters[above >> shift];
    }
  }
}

void Quantiles::count_equal_buckets(Group& group, std::span<const double> values) {
  const EqualBuckets equal{group.extent, buckets_};
  if (equal.width == 0) return count(group, values);
  std::uint64_t* const counters = counters_.data() + group.open[0].counters;
  for (const double value : values) {
    const auto bucket = std::uint64_t(equal.index(value) - equal.first);
    if (bucket < buckets_) ++counters[bucket];
  }
}

Result<void> Quantiles::end_pass() {
  open_ = 0;
  for (Group& group : groups_) {
    if (gathering_) {
      const Result<void> picked = pick(group);
      if (!picked) return picked;
    } else {
      narrow(group);
    }
    open_ += group.open.size();
  }
  ++passes_;
  // Each pass but the first takes at least four bits off a bracket of 64.
  if (passes_ > 20) {
    return Error{Outcome::conflict, "the table was changed while it was read; draw it again"};
  }
  begin_pass();
  return {};
}

void Quantiles::settle(Group& group, const Bracket& bracket, double value) {
  for (std::size_t index = 0; index < group.ranks.size(); ++index) {
    const std::uint64_t rank = group.ranks[index];
    if (rank >= bracket.below && rank - bracket.below < bracket.inside) group.found[index] = value;
  }
}

// Leaves of every bracket the buckets that hold a wanted rank.
void Quantiles::narrow(Group& group) {
  const EqualBuckets equal{group.extent, buckets_};
  const std::vector<Bracket> before = std::move(group.open);
  group.open.clear();
  for (const Bracket& bracket : before) {
    const int shift = shift_of(bracket.low, bracket.high, buckets_);
    std::uint64_t below = bracket.below;
    for (std::size_t bucket = 0; bucket < buckets_; ++bucket) {
      const std::uint64_t inside = counters_[bracket.counters + bucket];
      const auto rank = std::lower_bound(group.ranks.begin(), group.ranks.end(), below);
      if (rank != group.ranks.end() && *rank < below + inside) {
        Bracket part{bracket.low + (bucket << shift), 0, below, inside, 0, {}};
        part.high = std::min(bracket.high, part.low + ((std::uint64_t{1} << shift) - 1));
        if (passes_ == 0 && equal.width != 0) {
          const double left = double(equal.first + std::int64_t(bucket)) * equal.width;
          part.low = std::max(bracket.low, key_of(left));
          part.high = std::min(bracket.high, key_of(left + equal.width) - 1);
        }
        if (part.low == part.high) {
          settle(group, part, value_of(part.low));
        } else {
          group.open.push_back(part);
        }
      }
      below += inside;
    }
  }
}

Result<void> Quantiles::pick(Group& group) {
  for (Bracket& bracket : group.open) {
    if (bracket.gathered.size() != bracket.inside) {
      return Error{Outcome::conflict, "the table was changed while it was read; draw it again"};
    }
    auto from = bracket.gathered.begin();
    for (std::size_t index = 0; index < group.ranks.size(); ++index) {
      const std::uint64_t rank = group.ranks[index];
      if (rank < bracket.below || rank - bracket.below >= bracket.inside) continue;
      const auto at = bracket.gathered.begin() + std::ptrdiff_t(rank - bracket.below);
      std::nth_element(from, at, bracket.gathered.end());
      group.found[index] = *at;
      from = at;
    }
  }
  group.open.clear();
  return {};
}

double Quantiles::value(std::size_t group, std::size_t probability) const {
  const Group& of = groups_[group];
  const double position = double(of.extent.n - 1) * probabilities_[probability];
  const auto rank = std::uint64_t(position);
  const auto found = [&](std::uint64_t wanted) {
    const auto at = std::lower_bound(of.ranks.begin(), of.ranks.end(), wanted);
    return of.found[std::size_t(at - of.ranks.begin())];
  };
  const double low = found(rank);
  const double high = found(std::min(rank + 1, of.extent.n - 1));
  const double part = position - double(rank);
  const double apart = high - low;
  if (!std::isfinite(apart)) return low * (1 - part) + high * part;
  return part < 0.5 ? low + apart * part : high - apart * (1 - part);
}

Result<void> find_quantiles(GroupedRows& rows, std::size_t number, Quantiles& quantiles) {
  while (!quantiles.done()) {
    Result<void> passed = rows.each([&](const Batch& batch) {
      for (const Run& run : batch.runs)
        quantiles.observe(run.group, batch.values(number, run));
    });
    if (passed) passed = quantiles.end_pass();
    if (!passed) return passed;
  }
  return {};
}

}  // namespace cauce::charts::figures
