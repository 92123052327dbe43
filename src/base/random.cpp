#include "base/random.h"

namespace cauce {

// SplitMix64, Steele, Lea and Flood 2014, "Fast splittable pseudorandom number generators".
std::uint64_t SeededRandom::number() {
  state_ += 0x9e3779b97f4a7c15ULL;
  std::uint64_t mixed = state_;
  mixed = (mixed ^ (mixed >> 30)) * 0xbf58476d1ce4e5b9ULL;
  mixed = (mixed ^ (mixed >> 27)) * 0x94d049bb133111ebULL;
  return mixed ^ (mixed >> 31);
}

Bytes SeededRandom::bytes(std::size_t count) {
  Bytes result;
  result.reserve(count + 8);
  while (result.size() < count)
    put_u64(result, number());
  result.resize(count);
  return result;
}

}  // namespace cauce
