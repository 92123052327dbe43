#include "base/phrases.h"

#include <doctest/doctest.h>

#include <array>

namespace cauce {
namespace {

constexpr std::array phrases{
    Phrase{"{} has {} rows and {kind}", "{} tiene {} filas y {}"},
    Phrase{"{} has {} rows", "{} tiene {} filas"},
    Phrase{"{} is wrong: {}", "{} está mal"},
    Phrase{"nothing", "nada"},
};

std::optional<std::string> spanish(std::string_view english) {
  return said_by(phrases, english,
                 [](std::string_view name, std::string_view text) -> std::optional<std::string> {
                   if (name != "kind") return std::string(text);
                   return text == "a bar" ? std::optional<std::string>{"una barra"} : std::nullopt;
                 });
}

TEST_CASE("what stands in the gaps stands in the same order in the other language") {
  CHECK(*spanish("the file has 7 rows") == "the file tiene 7 filas");
  CHECK(*spanish("the file has 7 rows and a bar") == "the file tiene 7 filas y una barra");
  CHECK(*spanish("nothing") == "nada");
}

TEST_CASE("a gap may hold nothing, and text like a gap") {
  CHECK(*spanish(" has  rows") == " tiene  filas");
  CHECK(*spanish("{} has {kind} rows") == "{} tiene {kind} filas");
}

TEST_CASE("a word that cannot stand in its gap makes it another phrase") {
  CHECK(*spanish("x has a bar rows") == "x tiene a bar filas");
  CHECK_FALSE(spanish("x has 7 rows and a line"));
}

TEST_CASE("gaps that the other language does not have are left out, and no other phrase fits") {
  CHECK(*spanish("x is wrong: it is so") == "x está mal");
  CHECK_FALSE(spanish("x is wrong"));
  CHECK_FALSE(spanish("nothing at all"));
  CHECK_FALSE(spanish(""));
}

}  // namespace
}  // namespace cauce
