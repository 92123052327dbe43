#include "columns/columns.h"

#include <doctest/doctest.h>

namespace cauce::columns {

namespace {

const Schema cars{{"Name", Type::text}, {"Horsepower", Type::number}, {"Año", Type::number}};

TEST_CASE("a column is found by its exact name") {
  CHECK(*find_column(cars, "Horsepower") == 1);
  CHECK(*find_column(cars, "Año") == 2);
}

TEST_CASE("a mistyped name is answered with the closest one") {
  const auto close = find_column(cars, "horse_power");
  REQUIRE(!close);
  CHECK(close.error().outcome == Outcome::not_found);
  CHECK(close.error().message == "no column horse_power; did you mean Horsepower?");
}

TEST_CASE("a name like no other is answered with all there are") {
  const auto far = find_column(cars, "temperature");
  REQUIRE(!far);
  CHECK(far.error().message == "no column temperature; there are: Name, Horsepower, Año");
}

TEST_CASE("a hostile name is cut before it is compared or shown") {
  const auto endless = find_column(cars, std::string(1'000'000, 'x'));
  REQUIRE(!endless);
  CHECK(endless.error().message.size() < 200);
}

}  // namespace

}  // namespace cauce::columns
