// What a few bytes of JSON or XLSX could cost in memory or on the stack is refused.
#include <doctest/doctest.h>

#include "datasets/json_rows.h"

namespace cauce::datasets {
namespace {

Result<std::unique_ptr<FileTable>> read(const std::string& text, const JsonLimits& limits = {}) {
  const auto open = [&text]() -> Result<std::unique_ptr<ByteSource>> { return source_of(text); };
  return open_json(open, false, {}, nullptr, limits);
}

std::string nested(std::size_t depth) {
  return "{\"a\":" + std::string(depth - 1, '[') + std::string(depth - 1, ']') + "}\n";
}

}  // namespace

TEST_CASE("JSON nests as deep as is allowed, and no deeper") {
  const JsonLimits limits;
  CHECK(read(nested(limits.depth_max)).has_value());
  const auto refused = read("{\"a\":1}\n" + nested(limits.depth_max + 1));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().outcome == Outcome::invalid);
  CHECK(refused.error().message == "line 2 nests objects and arrays deeper than 500, the limit");
  CHECK_FALSE(read(nested(1'000'000)));
}

}  // namespace cauce::datasets
