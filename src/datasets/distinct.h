// How many different values there are, and how often each of them comes: exact as long as there is
// room, then an estimate (HyperLogLog: Flajolet, Fusy, Gandouet and Meunier 2007, with the linear
// counting of small numbers that they describe).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace cauce::datasets {

// Spreads every bit of `value` over all 64 (Steele, Lea and Flood 2014, SplitMix64's finaliser).
std::uint64_t spread(std::uint64_t value);

class DistinctEstimate {
 public:
  // 8192 registers of one byte: a standard error of 1.15 %.
  static constexpr unsigned register_bits = 13;

  DistinctEstimate();
  void add(std::uint64_t hash);
  std::uint64_t count() const;

 private:
  std::vector<std::uint8_t> registers_;
};

// Values are told apart by 64 bits: doubles by themselves, texts by a hash. Two of 100,000 texts
// have the same hash once in four thousand million columns.
class Distinct {
 public:
  struct Value {
    std::uint64_t count = 0;
    double number = 0;
    std::string text;  // cut to text_bytes_max
  };

  Distinct(std::size_t exact_max, std::size_t text_bytes_max)
      : exact_max_(exact_max), text_bytes_max_(text_bytes_max) {}

  // False when there was no room: then the exact counts are over, and what they were can be taken.
  bool add(double number);
  bool add(std::string_view text);
  std::vector<Value> take_spilled() { return std::move(spilled_); }

  bool is_exact() const { return exact_; }
  std::uint64_t count() const { return exact_ ? values_.size() : estimate_.count(); }
  // Every value, in no order; empty once there is no room for them.
  std::vector<Value> values() const;

 private:
  Value* find(std::uint64_t hash);

  const std::size_t exact_max_;
  const std::size_t text_bytes_max_;
  bool exact_ = true;
  std::unordered_map<std::uint64_t, Value> values_;
  std::vector<Value> spilled_;
  DistinctEstimate estimate_;
};

}  // namespace cauce::datasets
