#include "crypto/password.h"

#include <fmt/core.h>
#include <sodium.h>

#include <algorithm>

namespace cauce::crypto {

Result<std::string> hash_password(std::string_view password, const PasswordCost& cost) {
  if (password.size() < password_bytes_min || password.size() > password_bytes_max) {
    return Error{Outcome::invalid,
                 fmt::format("a password has {} to {} bytes, this one has {}", password_bytes_min,
                             password_bytes_max, password.size())};
  }
  INVARIANT(sodium_init() >= 0);
  char hash[crypto_pwhash_STRBYTES];
  const int code = crypto_pwhash_str_alg(hash, password.data(), password.size(), cost.passes,
                                         cost.memory_bytes, crypto_pwhash_ALG_ARGON2ID13);
  if (code == 0) return std::string{hash};
  return Error{Outcome::exhausted,
               fmt::format("there are not {} MiB of memory to hash a password; try again",
                           cost.memory_bytes >> 20)};
}

bool matches_password(std::string_view password, const std::string& hash) {
  INVARIANT(sodium_init() >= 0);
  const std::size_t size = std::min(password.size(), password_bytes_max);
  const bool matches = crypto_pwhash_str_verify(hash.c_str(), password.data(), size) == 0;
  // Only after the work: a password that is too long takes no less time.
  return matches && password.size() == size;
}

}  // namespace cauce::crypto
