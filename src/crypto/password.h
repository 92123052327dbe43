// Passwords of people, kept as argon2id hashes (libsodium). Any thread; slow on purpose.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace cauce::crypto {

// What one guess costs whoever has got hold of the hashes, and what one sign-in costs us.
// 64 MiB and 2 passes are libsodium's "interactive" parameters, above the 19 MiB and 2 passes that
// OWASP's password storage cheat sheet asks of argon2id at least.
struct PasswordCost {
  std::uint64_t passes = 2;
  std::size_t memory_bytes = 64u << 20;
};

// Shorter is guessed (NIST SP 800-63B asks for 8 at least); longer only costs time.
constexpr std::size_t password_bytes_min = 10;
constexpr std::size_t password_bytes_max = 200;

// A hash with its salt and parameters: "$argon2id$v=19$m=65536,t=2,p=1$…". `invalid` naming the
// limit of length; `exhausted` without so much memory.
Result<std::string> hash_password(std::string_view password, const PasswordCost& cost);

// Whether this is the password of that hash; takes the time that the hash's parameters ask for.
bool matches_password(std::string_view password, const std::string& hash);

}  // namespace cauce::crypto
