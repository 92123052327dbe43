#include "charts/reasons.h"

#include <doctest/doctest.h>

#include "charts/drawing/wording.h"
#include "charts/figures/sample.h"

namespace cauce::charts {
namespace {

TEST_CASE("what befalls the rows of a panel is said in Spanish, with its names and numbers") {
  // Panel "b" has one value and panel "c" none.
  const std::vector<TableCells> columns{number_cells("x", {1, 2, 3, 1234.5, missing, 4, 4}),
                                        number_cells("y", {5, 7, 6, 1, 2, 3, 9}),
                                        text_cells("f", {"a", "a", "a", "b", "c", "d", "d"})};
  for (const Kind kind : {Kind::density, Kind::histogram, Kind::ecdf, Kind::scatter, Kind::box}) {
    Request request = asked(kind, kind == Kind::box ? "" : "x");
    if (kind == Kind::scatter) request.y = "y";
    if (kind == Kind::box) request.y = "x";
    request.facet = "f";
    const Figures figures = computed(MemoryTable{columns}, request);
    for (const Panel& panel : figures.panels) {
      if (panel.degenerate.empty()) continue;
      CAPTURE(panel.degenerate);
      REQUIRE(reason_in_spanish(panel.degenerate));
      CHECK(drawing::reason_of(panel, request) == panel.degenerate);
      Request spanish = request;
      spanish.locale = Locale::es;
      CHECK(drawing::reason_of(panel, spanish) == *reason_in_spanish(panel.degenerate));
    }
  }
}

TEST_CASE("numbers and names stand where they stood") {
  CHECK(*reason_in_spanish("none of the 12,345 rows has a value of x: there is nothing to draw") ==
        "ninguna de las 12.345 filas tiene un valor de x: no hay nada que dibujar");
  CHECK(*reason_in_spanish(
            "x has one value, 1234.5: a density curve needs two; bars would count them") ==
        "x tiene un solo valor, 1234,5: una curva de densidad necesita dos");
  CHECK(*reason_in_spanish("none of the 7 rows has a value of x and y: there is nothing to draw (5 "
                           "are not above 0 and have no place on a log scale)") ==
        "ninguna de las 7 filas tiene un valor de x y de y: no hay nada que dibujar (5 no son "
        "mayores que 0 y no tienen lugar en la escala logarítmica)");
  const std::vector<ColumnWords> words{{"p50", "mediana"}};
  CHECK(*reason_in_spanish("none of the 7 rows has a value of p50 and y: there is nothing to draw",
                           words) ==
        "ninguna de las 7 filas tiene un valor de mediana y de y: no hay nada que dibujar");
  CHECK_FALSE(reason_in_spanish("something else"));
  CHECK_FALSE(reason_in_spanish(""));
}

Request drawn(Kind kind, std::string x, std::string y = "", std::string color = "") {
  Request request = asked(kind, std::move(x));
  request.y = std::move(y);
  request.color = std::move(color);
  return request;
}

TEST_CASE("whoever chooses columns that do not fit is told so in Spanish") {
  const std::vector<TableCells> columns{
      number_cells("x", {1, 2, 3, 4}), number_cells("y", {5, -7, 6, 1}),
      number_cells("same", {2, 2, 2, 2}), text_cells("t", {"a", "b", "c", "d"})};
  std::vector<Request> requests{drawn(Kind::scatter, "x", "x"),    drawn(Kind::scatter, "t", "x"),
                                drawn(Kind::scatter, "x"),         drawn(Kind::density, "x", "x"),
                                drawn(Kind::density, "t"),         drawn(Kind::density, "same"),
                                drawn(Kind::density, "same", "x"), drawn(Kind::bar, ""),
                                drawn(Kind::histogram, ""),        drawn(Kind::histogram, "X"),
                                drawn(Kind::histogram, "nothing"), drawn(Kind::line, "t", "x"),
                                drawn(Kind::box, "", "t"),         drawn(Kind::box, "", ""),
                                drawn(Kind::heat, "t", ""),        drawn(Kind::bar, "t", "t")};
  Request request = drawn(Kind::scatter, "x", "y");
  request.size = "t";
  requests.push_back(request);
  request.size = "y";
  requests.push_back(request);
  request = drawn(Kind::bar, "t", "x");
  request.bars = Bars::stacked;
  requests.push_back(request);
  request.color = "t";
  requests.push_back(request);
  request.aggregate = Aggregate::sum;
  request.bars = Bars::shares;
  request.y = "y";
  requests.push_back(request);
  request = drawn(Kind::bar, "t");
  request.aggregate = Aggregate::median;
  requests.push_back(request);
  request = drawn(Kind::line, "x", "y");
  request.aggregate = Aggregate::median;
  requests.push_back(request);
  request = drawn(Kind::bar, "x", "y");
  request.period = Period::week;
  requests.push_back(request);
  request = drawn(Kind::pairs, "");
  request.columns = {"x"};
  requests.push_back(request);
  request.columns = {"x", "x"};
  requests.push_back(request);
  for (const Request& wrong : requests) {
    const std::string reason = refused(columns, wrong);
    CAPTURE(reason);
    const auto spanish = reason_in_spanish(reason);
    REQUIRE(spanish);
    CHECK(spanish->find('{') == std::string::npos);
  }
}

TEST_CASE("too many groups are told in Spanish") {
  std::vector<double> numbers(2'500);
  std::vector<std::string> names;
  for (std::size_t row = 0; row < numbers.size(); ++row) {
    numbers[row] = double(row);
    names.push_back("n" + std::to_string(row));
  }
  const std::vector<TableCells> columns{number_cells("x", numbers), text_cells("t", names)};
  for (const Kind kind : {Kind::density, Kind::histogram, Kind::box, Kind::heat}) {
    Request request = asked(kind, kind == Kind::box ? "" : "x");
    request.by = kind == Kind::heat ? "" : "t";
    if (kind == Kind::box || kind == Kind::heat) request.y = kind == Kind::box ? "x" : "t";
    request.marks = kind == Kind::box ? Marks::violin : Marks::box;
    FiguresLimits limits;
    limits.groups_max = 100;
    const std::string reason = refused(columns, request, limits);
    CAPTURE(reason);
    CHECK(reason_in_spanish(reason));
  }
}

TEST_CASE("kinds and types are words of Spanish, and names that look like them stay") {
  CHECK(*reason_in_spanish("text is text, and density needs numbers there: take a column of "
                           "numbers, or count its values with bars (bar --x)") ==
        "text es texto, y aquí la densidad necesita números: elija una columna de números, o "
        "cuente sus valores con barras");
  CHECK(*reason_in_spanish("line is a column of type boolean: a period is for dates") ==
        "line es una columna de tipo sí o no: un periodo es para fechas");
  CHECK(*reason_in_spanish("no column horse_power; did you mean Horsepower?") ==
        "no hay ninguna columna horse_power; ¿quería decir Horsepower?");
  CHECK(*reason_in_spanish("none of the 7 rows has a value of x: there is nothing to draw (5 rows "
                           "do not fulfil the conditions, 2 are not above 0 and have no place on "
                           "a log scale)") ==
        "ninguna de las 7 filas tiene un valor de x: no hay nada que dibujar (5 filas no cumplen "
        "las condiciones, 2 no son mayores que 0 y no tienen lugar en la escala logarítmica)");
}

}  // namespace
}  // namespace cauce::charts
