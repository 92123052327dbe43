#include "charts/drawing/reasons.h"

#include <doctest/doctest.h>

#include "charts/drawing/wording.h"
#include "charts/figures/sample.h"

namespace cauce::charts::drawing {
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
      CHECK(reason_of(panel, Locale::es) == *reason_in_spanish(panel.degenerate));
      CHECK(reason_of(panel, Locale::en) == panel.degenerate);
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
  CHECK_FALSE(reason_in_spanish("something else"));
  CHECK_FALSE(reason_in_spanish(""));
}

}  // namespace
}  // namespace cauce::charts::drawing
