#include "api/fair_queue.h"

#include <doctest/doctest.h>

#include <string>

namespace cauce::api {

TEST_CASE("companies take turns, each in its own order") {
  FairQueue<std::string> queue(100, 100);
  for (const char* item : {"a1", "a2", "a3", "a4", "b1", "c1", "c2"}) {
    CHECK(queue.put(std::string(1, item[0]), item));
  }
  std::string order;
  while (const auto item = queue.take()) {
    order += *item + ' ';
  }
  CHECK(order == "a1 b1 c1 a2 c2 a3 a4 ");
  CHECK(queue.put("a", "a5"));
  CHECK(queue.put("b", "b2"));
  CHECK(*queue.take() == "b2");
}

TEST_CASE("so many items wait, and so many of one company") {
  FairQueue<int> queue(4, 3);
  CHECK(queue.put("a", 1));
  CHECK(queue.put("a", 2));
  CHECK(queue.put("a", 3));
  CHECK_FALSE(queue.put("a", 4));
  CHECK(queue.put("b", 5));
  CHECK_FALSE(queue.put("b", 6));
  CHECK(*queue.take() == 1);
  CHECK(queue.put("b", 6));
}

}  // namespace cauce::api
