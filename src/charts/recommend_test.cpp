#include "charts/recommend.h"

#include <doctest/doctest.h>

namespace cauce::charts {
namespace {

using columns::Type;

TEST_CASE("cars get points coloured by origin, boxes by origin and a distribution") {
  const auto found = recommend({{"Name", Type::text, 406, 0, 311},
                                {"Miles_per_Gallon", Type::number, 406, 8, 129},
                                {"Weight_in_lbs", Type::number, 406, 0, 356},
                                {"Origin", Type::text, 406, 0, 3}},
                               Locale::en);
  REQUIRE(found.size() == 3);
  CHECK(found[0].request.kind == Kind::scatter);
  CHECK(found[0].request.x == "Weight_in_lbs");
  CHECK(found[0].request.y == "Miles_per_Gallon");
  CHECK(found[0].request.color == "Origin");
  CHECK(found[1].request.kind == Kind::box);
  CHECK(found[1].request.y == "Weight_in_lbs");
  CHECK(found[1].request.by == "Origin");
  CHECK(found[1].reason ==
        "Weight_in_lbs compared between the values of Origin: middle, spread and outliers");
  CHECK(found[2].request.kind == Kind::density);
}

TEST_CASE("a column of dates goes along x, in the language that was asked for") {
  const auto found = recommend({{"fecha", Type::date, 1461, 0, 1461},
                                {"temp_max", Type::number, 1461, 0, 67},
                                {"tiempo", Type::text, 1461, 0, 5}},
                               Locale::es);
  REQUIRE(found.size() == 3);
  CHECK(found[0].request.kind == Kind::line);
  CHECK(found[0].request.x == "fecha");
  CHECK(found[0].reason == "temp_max en el tiempo: tendencias y huecos se ven a lo largo de fecha");
  CHECK(found[0].request.locale == Locale::es);
}

TEST_CASE("few values of each group are shown one by one, many as boxes") {
  const auto marks_of = [](std::uint64_t rows) {
    const auto found = recommend(
        {{"weight", Type::number, rows, 0, rows}, {"diet", Type::text, rows, 0, 4}}, Locale::en);
    REQUIRE(!found.empty());
    REQUIRE(found[0].request.kind == Kind::box);
    return found[0].request.marks;
  };
  CHECK(marks_of(39) == Marks::strip);
  CHECK(marks_of(40) == Marks::box);
}

TEST_CASE("measurements without groups are shown in pairs, four at most") {
  std::vector<ColumnSummary> columns;
  for (const char* name : {"a", "b", "c", "d", "e"})
    columns.push_back({name, Type::number, 90, 0, 90});
  const auto found = recommend(columns, Locale::en);
  REQUIRE(found.size() == 3);
  CHECK(found[2].request.kind == Kind::pairs);
  CHECK(found[2].request.columns == std::vector<std::string>{"a", "b", "c", "d"});
  columns.resize(2);
  CHECK(recommend(columns, Locale::en).size() == 2);
}

TEST_CASE("what cannot be right is not recommended") {
  CHECK(recommend({}, Locale::en).empty());
  CHECK(recommend({{"constant", Type::number, 9, 0, 1}}, Locale::en).empty());
  CHECK(recommend({{"empty", Type::number, 9, 9, 0}, {"id", Type::text, 9, 0, 9}}, Locale::en)
            .empty());
  const auto one = recommend({{"v{0}", Type::number, 9, 0, 5}}, Locale::en);
  REQUIRE(one.size() == 1);
  CHECK(one[0].request.kind == Kind::histogram);
  CHECK(one[0].reason.find("v{0}") != std::string::npos);
  const auto counts = recommend({{"kind", Type::text, 90, 0, 4}}, Locale::en);
  REQUIRE(counts.size() == 1);
  CHECK(counts[0].request.kind == Kind::bar);
}

}  // namespace
}  // namespace cauce::charts
