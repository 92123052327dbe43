#include "crypto/password.h"

#include <doctest/doctest.h>

namespace cauce::crypto {
namespace {

constexpr PasswordCost cheap{1, 8192};

}  // namespace

TEST_CASE("a password matches its own hash and nothing else does") {
  const auto hash = hash_password("correct horse", cheap);
  REQUIRE(hash);
  CHECK(matches_password("correct horse", *hash));
  for (const char* wrong : {"", "correct hors", "correct horse ", "Correct horse"}) {
    CHECK_FALSE(matches_password(wrong, *hash));
  }
  CHECK_FALSE(matches_password("correct horse", ""));
  CHECK_FALSE(matches_password("correct horse", "correct horse"));
}

TEST_CASE("equal passwords have different hashes, which say how they were made") {
  const auto one = hash_password("correct horse", PasswordCost{});
  const auto other = hash_password("correct horse", cheap);
  REQUIRE(one);
  REQUIRE(other);
  CHECK(*one != *other);
  CHECK(*hash_password("correct horse", cheap) != *other);
  CHECK(one->starts_with("$argon2id$v=19$m=65536,t=2,p=1$"));
  CHECK(one->find("correct") == std::string::npos);
}

TEST_CASE("a password at the limits is taken, one byte beyond is not") {
  for (const std::size_t size : {password_bytes_min, password_bytes_max}) {
    CHECK(hash_password(std::string(size, 'x'), cheap));
  }
  for (const std::size_t size : {password_bytes_min - 1, password_bytes_max + 1}) {
    const auto refused = hash_password(std::string(size, 'x'), cheap);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().outcome == Outcome::invalid);
    CHECK(refused.error().message.find("10 to 200 bytes") != std::string::npos);
  }
}

TEST_CASE("what is cut at the limit does not match") {
  const std::string longest(password_bytes_max, 'x');
  const auto hash = hash_password(longest, cheap);
  REQUIRE(hash);
  CHECK(matches_password(longest, *hash));
  CHECK_FALSE(matches_password(longest + "x", *hash));
}

}  // namespace cauce::crypto
