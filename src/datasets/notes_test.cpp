#include "datasets/notes.h"

#include <doctest/doctest.h>

#include "datasets/byte_source.h"
#include "datasets/csv/csv.h"
#include "datasets/summary.h"

namespace cauce::datasets {
namespace {

using Texts = std::vector<std::string>;

// What the reader noticed while it read all of these bytes, in Spanish.
Texts noticed(const std::string& bytes) {
  auto table = csv::open_csv([&bytes] { return source_of(bytes); }, {});
  REQUIRE(table);
  REQUIRE(summarize(**table, 0));
  Texts spanish;
  for (const std::string& note : (*table)->report().notes) {
    CAPTURE(note);
    const auto said = note_in_spanish(note);
    REQUIRE(said);
    spanish.push_back(*said);
  }
  return spanish;
}

// A column of numbers that ends with these cells.
std::string numbers_and(const std::string& cells) {
  std::string rows = "zip\n";
  for (int row = 0; row < 200; ++row)
    rows += std::to_string(70'000 + row) + "\n";
  return rows + cells;
}

}  // namespace

TEST_CASE("each note of a reader is said in Spanish, with its names and numbers") {
  CHECK(noticed("a,a,\n1,2,3\n") ==
        Texts{"la columna 2 se llama a.1: la cabecera contiene a más de una vez",
              "la columna 3 no tiene nombre en la cabecera"});
  CHECK(noticed(numbers_and("02134\n")) ==
        Texts{"la columna zip es texto: 1 de sus celdas empieza con ceros, como los códigos"});
  CHECK(noticed(numbers_and("02134\n02135\n")) ==
        Texts{"la columna zip es texto: 2 de sus celdas empiezan con ceros, como los códigos"});
  CHECK(noticed("day\n01/02/2024\n03/04/2024\n") ==
        Texts{"la columna day es texto: ninguna fila dice si sus fechas empiezan por el día o por "
              "el mes"});
  CHECK(noticed("id\n9007199254740993\n9223372036854775808\n") ==
        Texts{"columna id: 2 de sus números enteros pasan de 2^53 y están redondeados; léalos "
              "como texto si son identificadores"});
  CHECK(noticed("a\n1\n-\n2\n") == Texts{"columna a: 1 celda contiene «-» y se leyó como ausente"});
  CHECK(noticed("a\n1\n-\n-\n2\n") ==
        Texts{"columna a: 2 celdas contienen «-» y se leyeron como ausentes"});
  CHECK(noticed("a,b\n1,2\n\n\n3,4\n") == Texts{"líneas en blanco que se saltaron: 2"});
  CHECK_FALSE(note_in_spanish("something else"));
}

}  // namespace cauce::datasets
