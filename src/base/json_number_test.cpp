#include "base/json_number.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>

namespace cauce {
namespace {

using Read = nlohmann::json;

TEST_CASE("a whole number is read up to the ends of its type") {
  CHECK(whole<std::uint64_t>(Read::parse("18446744073709551615")) ==
        std::numeric_limits<std::uint64_t>::max());
  CHECK(whole<std::int64_t>(Read::parse("-9223372036854775808")) ==
        std::numeric_limits<std::int64_t>::min());
  CHECK(whole<std::uint32_t>(Read::parse("4294967295")) == 4294967295u);
  CHECK(whole<std::uint32_t>(Read::parse(R"({"rows":0})"), "rows") == 0);
}

TEST_CASE("a number that its type cannot hold is refused, and not converted") {
  CHECK_THROWS_AS(whole<std::uint32_t>(Read::parse("4294967296")), Read::out_of_range);
  CHECK_THROWS_AS(whole<std::uint64_t>(Read::parse("-1")), Read::out_of_range);
  CHECK_THROWS_AS(whole<std::int64_t>(Read::parse("9223372036854775808")), Read::out_of_range);
}

TEST_CASE("a fraction, a number of more than 64 bits and what is no number are refused") {
  for (const char* text : {"1.0", "1e300", "18446744073709551616", "\"1\"", "null", "true", "[]"}) {
    CAPTURE(text);
    CHECK_THROWS_AS(whole<std::uint64_t>(Read::parse(text)), Read::type_error);
    CHECK_THROWS_AS(whole<std::int64_t>(Read::parse(text)), Read::type_error);
  }
  CHECK_THROWS_AS(whole<int>(Read::parse("{}"), "rows"), Read::out_of_range);
}

}  // namespace
}  // namespace cauce
