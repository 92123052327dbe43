#include "gateway/claimed_name.h"

#include <doctest/doctest.h>

namespace cauce::gateway {

TEST_CASE("a claimed name is told up to its limit, and nothing that may be a token or no text") {
  CHECK(claimed_name("mote-1") == "it claimed to be device \"mote-1\"");
  CHECK(claimed_name("").empty());
  const std::string longest(claimed_name_bytes_max, 'x');
  CHECK(claimed_name(longest).find(longest) != std::string::npos);
  CHECK(claimed_name(longest + "x") == "it claimed a name of 41 bytes, which is not shown");
  CHECK(claimed_name("a\nb") == "it claimed a name of 3 bytes, which is not shown");
  CHECK(claimed_name("a\"b") == "it claimed a name of 3 bytes, which is not shown");
  CHECK(claimed_name("\xc3\xb1") == "it claimed a name of 2 bytes, which is not shown");
}

}  // namespace cauce::gateway
