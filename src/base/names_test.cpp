#include "base/names.h"

#include <doctest/doctest.h>

#include <string>

namespace cauce {

TEST_CASE("a name is safe in a path, a topic and a URL") {
  for (const char* text : {"mote-1", "A", "0", "cold.room_7", "a..b"}) {
    CAPTURE(text);
    CHECK(is_name(text));
  }
  for (const char* text : {"", "-a", ".", "..", "a/b", "a b", "a+", "#", "ñ", "a\n"}) {
    CAPTURE(text);
    CHECK_FALSE(is_name(text));
  }
  CHECK(is_name(std::string(name_bytes_max, 'a')));
  CHECK_FALSE(is_name(std::string(name_bytes_max + 1, 'a')));
}

TEST_CASE("a metric may have levels") {
  CHECK(is_metric("motor/temperature"));
  CHECK_FALSE(is_metric("/motor"));
  CHECK(is_metric(std::string(metric_bytes_max, 'a')));
  CHECK_FALSE(is_metric(std::string(metric_bytes_max + 1, 'a')));
}

}  // namespace cauce
