#include "datasets/distinct.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <functional>

namespace cauce::datasets {

std::uint64_t spread(std::uint64_t value) {
  value ^= value >> 30;
  value *= 0xBF58476D1CE4E5B9;
  value ^= value >> 27;
  value *= 0x94D049BB133111EB;
  return value ^ value >> 31;
}

DistinctEstimate::DistinctEstimate() : registers_(std::size_t{1} << register_bits) {}

void DistinctEstimate::add(std::uint64_t hash) {
  std::uint8_t& rank = registers_[hash >> (64 - register_bits)];
  const std::uint64_t rest = hash << register_bits | std::uint64_t{1} << (register_bits - 1);
  rank = std::max(rank, std::uint8_t(std::countl_zero(rest) + 1));
}

std::uint64_t DistinctEstimate::count() const {
  const double registers = double(registers_.size());
  double inverse = 0;
  std::size_t empty = 0;
  for (const std::uint8_t rank : registers_) {
    inverse += std::ldexp(1.0, -int(rank));
    empty += rank == 0 ? 1 : 0;
  }
  const double raw = 0.7213 / (1 + 1.079 / registers) * registers * registers / inverse;
  if (raw <= 2.5 * registers && empty > 0) {
    return std::uint64_t(std::llround(registers * std::log(registers / double(empty))));
  }
  return std::uint64_t(std::llround(raw));
}

// The value of this hash, new or not; nullptr when it was only added to the estimate.
Distinct::Value* Distinct::find(std::uint64_t hash) {
  if (!exact_) {
    estimate_.add(hash);
    return nullptr;
  }
  const auto found = values_.find(hash);
  if (found != values_.end()) return &found->second;
  if (values_.size() < exact_max_) return &values_[hash];
  for (const auto& [known, value] : values_)
    estimate_.add(known);
  spilled_ = values();
  values_ = {};
  exact_ = false;
  estimate_.add(hash);
  return nullptr;
}

bool Distinct::add(double number) {
  const double told_apart = number == 0 ? 0 : number;  // -0 is 0
  Value* value = find(spread(std::bit_cast<std::uint64_t>(told_apart)));
  if (value == nullptr) return false;
  ++value->count;
  value->number = told_apart;
  return true;
}

bool Distinct::add(std::string_view text) {
  Value* value = find(spread(std::hash<std::string_view>{}(text)));
  if (value == nullptr) return false;
  if (value->count++ == 0) value->text = text.substr(0, text_bytes_max_);
  return true;
}

std::vector<Distinct::Value> Distinct::values() const {
  std::vector<Value> all;
  all.reserve(values_.size());
  for (const auto& [hash, value] : values_)
    all.push_back(value);
  return all;
}

}  // namespace cauce::datasets
