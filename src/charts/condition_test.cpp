#include "charts/condition.h"

#include <doctest/doctest.h>

namespace cauce::charts {
namespace {

using Compare = Condition::Compare;

Condition parsed(std::string_view text) {
  const Result<Condition> condition = parse_condition(text);
  REQUIRE_MESSAGE(condition, text);
  const Result<Condition> again = parse_condition(to_text(*condition));
  REQUIRE_MESSAGE(again, to_text(*condition));
  CHECK(*again == *condition);
  return *condition;
}

TEST_CASE("a condition is read as people write it, and written as it is read") {
  CHECK(parsed("Horsepower > 100") == Condition{"Horsepower", Compare::greater, {"100"}});
  CHECK(parsed("Horsepower>=100") == Condition{"Horsepower", Compare::at_least, {"100"}});
  CHECK(parsed(" Beak Length (mm) <= 40.5 ") ==
        Condition{"Beak Length (mm)", Compare::at_most, {"40.5"}});
  CHECK(parsed("Origin != USA") == Condition{"Origin", Compare::not_equal, {"USA"}});
  CHECK(parsed("Title = \"1, 2 = \"\"3\"\"\"") ==
        Condition{"Title", Compare::equal, {"1, 2 = \"3\""}});
  CHECK(parsed("Origin in USA, \"Great, Britain\"") ==
        Condition{"Origin", Compare::one_of, {"USA", "Great, Britain"}});
  CHECK(parsed("\"a > b\" < 3") == Condition{"a > b", Compare::less, {"3"}});
  CHECK(parsed("\"made in\" in x") == Condition{"made in", Compare::one_of, {"x"}});
  CHECK(parsed("Horsepower is missing") == Condition{"Horsepower", Compare::missing, {}});
  CHECK(parsed("Horsepower is present") == Condition{"Horsepower", Compare::present, {}});
  CHECK(parsed("Note = \"\"") == Condition{"Note", Compare::equal, {""}});
}

TEST_CASE("what is no condition is refused with an example") {
  for (const char* wrong : {"", "Horsepower", "> 3", "a >", "a in", "a in x,,y", "a = \"b",
                            "\"a = b", "a is missing now", "a = \"b\"c\""}) {
    const Result<Condition> condition = parse_condition(wrong);
    CHECK_MESSAGE(!condition, wrong);
  }
  CHECK(parse_condition("Horsepower").error().message ==
        "\"Horsepower\" is no condition: it has no comparison; write for example Horsepower > 100, "
        "Origin in USA, Japan or Horsepower is present");
}

TEST_CASE("a condition has at most a hundred values") {
  std::string text = "a in 0";
  for (std::size_t value = 1; value < condition_values_max; ++value)
    text += ",1";
  CHECK(parse_condition(text)->values.size() == condition_values_max);
  CHECK_FALSE(parse_condition(text + ",1"));
}

}  // namespace
}  // namespace cauce::charts
