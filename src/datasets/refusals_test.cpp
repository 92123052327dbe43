#include "datasets/refusals.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "datasets/open_table.h"
#include "datasets/summary.h"

namespace cauce::datasets {
namespace {

// What is said of a file of these bytes.
std::string refused(const std::string& bytes) {
  std::string name = (std::filesystem::temp_directory_path() / "refusalXXXXXX").string();
  const int file = ::mkstemp(name.data());
  REQUIRE(file >= 0);
  ::close(file);
  std::ofstream(name, std::ios::binary) << bytes;
  auto table = open_table(name, {});
  Error error;
  if (!table) {
    error = table.error();
  } else {
    const auto summary = summarize(**table, 10);
    REQUIRE_FALSE(summary);
    error = summary.error();
  }
  std::filesystem::remove(name);
  return error.message;
}

std::string numbers_but(const std::string& cells) {
  std::string rows = "v,w\n";
  for (int row = 0; row < 100; ++row)
    rows += std::to_string(row) + ",1\n";
  return rows + cells;
}

}  // namespace

TEST_CASE("why a file is no table is said in Spanish, with its places and values") {
  const std::string one = refused(numbers_but("abc,2\n"));
  CAPTURE(one);
  CHECK(*refusal_in_spanish(one) ==
        "línea 102, columna v: «abc» no es un número, como el resto de la columna; márquelo como "
        "ausente, o lea la columna como texto");
  const std::string several = refused(numbers_but("abc,2\ndef,2\n"));
  CAPTURE(several);
  CHECK(*refusal_in_spanish(several) ==
        "línea 102, columna v: «abc» no es un número, como el resto de la columna; es la primera "
        "de 2 celdas así: márquelas como ausentes, o lea la columna como texto");
  CHECK(*refusal_in_spanish(refused("a,b\n1,2\n3,4,5\n")) ==
        "la fila 2 (línea 3) tiene 3 campos; se esperaban 2");
}

TEST_CASE("each way in which a small file can be wrong is said in Spanish") {
  for (const std::string& bytes :
       {std::string(), std::string("a,b\n1\n"), std::string("a,b\n\"1,2\n"),
        std::string("a,b\n\"1\"x,2\n"), std::string("a,b\n1,\0\n", 8),
        std::string("a,b\n\xC3\xA9,2\n\xE9,3\n"), std::string("{\"v\":1}\n{\"v\":}\n"),
        std::string("{\"v\":1}\n[1]\n"), std::string("{\"v\":1} {\"v\":2}\n"),
        std::string("{\"v\":\n1}\n"), std::string("[{\"v\":1},{\"v\":2}"),
        std::string("[{\"v\":1},]"), std::string("\x1F\x8B\x08\0\0\0\0\0\0\x03K", 11),
        std::string("\x1F\x8B\x08\0\0\0\0\0\0\x03\xFF\xFF\xFF\xFF", 14),
        std::string(5'000, 'x') + ",b\n1,2\n", "{\"v\":" + std::string(600, '[') + "}"}) {
    const std::string said = refused(bytes);
    CAPTURE(said);
    CHECK(refusal_in_spanish(said));
  }
  CHECK_FALSE(refusal_in_spanish("something else"));
}

}  // namespace cauce::datasets
