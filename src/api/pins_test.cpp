#include "api/pins.h"

#include <doctest/doctest.h>

#include "objects/memory/memory.h"
#include "objects/scratch.h"

namespace cauce::api {
namespace {

struct Board {
  objects::Scratch scratch;
  std::unique_ptr<objects::Objects> objects = objects::memory_objects(scratch.path);
  std::unique_ptr<Pins> pins;

  explicit Board(std::size_t pins_max = 3) { reopen(pins_max); }
  void reopen(std::size_t pins_max = 3) {
    pins = std::make_unique<Pins>(*objects, pins_max);
    REQUIRE(pins->open());
  }
  static Pin pin(const std::string& id, int second = 0) {
    Pin made;
    made.id = id;
    made.company = "acme";
    made.kind = "bar";
    made.options = {{"where", "a > 1"}, {"where", "b = \"ñ\""}, {"x", "a"}};
    made.data_set = "set";
    made.version = 2;
    made.figures_key = "key";
    made.alternative_text = "Bars.";
    made.created_at = from_microseconds(second * 1'000'000);
    return made;
  }
};

}  // namespace

TEST_CASE("an address is found again after a restart, by its company alone") {
  Board board;
  REQUIRE(board.pins->keep(Board::pin("a1"), {}));
  REQUIRE(board.pins->keep(Board::pin("a2"), "figures"));
  board.reopen();
  CHECK(board.pins->find("acme", "a1") == Board::pin("a1"));
  CHECK(*board.pins->figures(Board::pin("a2")) == "figures");
  CHECK_FALSE(board.pins->find("rival", "a1"));
  CHECK_FALSE(board.pins->find("acme", "a3"));
}

TEST_CASE("the oldest addresses go, and with a data set its own") {
  Board board;
  for (int number = 0; number < 4; ++number) {
    REQUIRE(board.pins->keep(Board::pin(std::to_string(number), number), "f"));
  }
  CHECK_FALSE(board.pins->find("acme", "0"));
  CHECK(board.pins->find("acme", "3"));
  Pin other = Board::pin("9", 9);
  other.data_set = "other";
  REQUIRE(board.pins->keep(other, {}));
  REQUIRE(board.pins->remove_of("acme", "set"));
  CHECK_FALSE(board.pins->find("acme", "3"));
  CHECK(board.pins->find("acme", "9"));
  CHECK(board.objects->list("")->size() == 1);
}

TEST_CASE("what a crash left half or damage made is removed") {
  Board board;
  REQUIRE(board.pins->keep(Board::pin("a1"), "figures"));
  REQUIRE(board.objects->put("charts/pins/acme/a2.figures", "without a note"));
  REQUIRE(board.objects->put("charts/pins/acme/a3.json", "{"));
  board.reopen();
  CHECK(board.objects->list("charts/pins/")->size() == 2);
  CHECK(board.pins->find("acme", "a1"));
}

}  // namespace cauce::api
