// Randomness, passed in wherever it matters.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace cauce {

class Random {
 public:
  virtual ~Random() = default;
  virtual Bytes bytes(std::size_t count) = 0;
};

// The same bytes for the same seed: for tests and simulations only, never for a secret.
// (The operating system's randomness is crypto::SystemRandom.) One thread only.
class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : state_(seed) {}

  Bytes bytes(std::size_t count) override;
  std::uint64_t number();
  // Uniform in [0, bound), bound > 0.
  std::uint64_t below(std::uint64_t bound) { return number() % bound; }

 private:
  std::uint64_t state_;
};

}  // namespace cauce
