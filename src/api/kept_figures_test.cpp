#include "api/kept_figures.h"

#include <doctest/doctest.h>

#include "objects/memory/memory.h"
#include "objects/scratch.h"

namespace cauce::api {
namespace {

struct Shelf {
  objects::Scratch scratch;
  VirtualClock clock{from_microseconds(1'800'000'000'000'000)};
  std::unique_ptr<objects::Objects> objects = objects::memory_objects(scratch.path);
  KeptFiguresLimits limits;
  std::unique_ptr<KeptFigures> kept;

  void reopen() {
    kept = std::make_unique<KeptFigures>(*objects, clock, limits);
    REQUIRE(kept->open());
  }
  void keep(const std::string& key, std::uint64_t rows) {
    clock.advance(std::chrono::seconds{1});
    kept->keep(key, figures(rows));
  }
  static charts::Figures figures(std::uint64_t rows) {
    charts::Figures made;
    made.rows = rows;
    made.of = charts::HistogramFigures{};
    return made;
  }
  std::uint64_t rows(const std::string& key) {
    const auto found = kept->find(key);
    return found ? found->rows : 0;
  }
};

}  // namespace

TEST_CASE("figures are kept across a restart, from memory and from the store") {
  Shelf shelf;
  shelf.reopen();
  shelf.keep("ab12", 7);
  CHECK(shelf.rows("ab12") == 7);
  shelf.reopen();
  CHECK(shelf.rows("ab12") == 7);
  CHECK(shelf.rows("none") == 0);
}

TEST_CASE("the oldest figures go when there are more than may be") {
  Shelf shelf;
  shelf.limits.files_max = 2;
  shelf.limits.memory_bytes_max = 0;
  shelf.reopen();
  for (const std::uint64_t number : {1, 2, 3}) {
    shelf.keep(std::to_string(number), number);
  }
  CHECK(shelf.rows("1") == 0);
  CHECK(shelf.rows("2") == 2);
  CHECK(shelf.rows("3") == 3);
  CHECK(shelf.objects->list("charts/figures/")->size() == 2);
  const std::uint64_t bytes = shelf.objects->list("charts/figures/")->at(0).bytes;
  shelf.limits.bytes_max = bytes;
  shelf.reopen();
  CHECK(shelf.rows("2") == 0);
  CHECK(shelf.rows("3") == 3);
  shelf.limits.one_bytes_max = bytes - 1;
  shelf.reopen();
  shelf.keep("4", 4);
  CHECK(shelf.rows("4") == 0);
}

TEST_CASE("figures of another version are forgotten and computed again") {
  Shelf shelf;
  REQUIRE(shelf.objects->put("charts/figures/0000000000000001-ab", "another version"));
  shelf.reopen();
  CHECK(shelf.rows("ab") == 0);
  CHECK(shelf.objects->list("charts/figures/")->empty());
  shelf.keep("ab", 5);
  CHECK(shelf.rows("ab") == 5);
}

}  // namespace cauce::api
