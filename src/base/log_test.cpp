#include "base/log.h"

#include <doctest/doctest.h>

namespace cauce::log {

TEST_CASE("a JSON string holds what a line of the log may hold, and nothing breaks out of it") {
  CHECK(json_string("") == R"("")");
  CHECK(json_string("device mote-1: \"t\" \\ ñ €") == R"("device mote-1: \"t\" \\ ñ €")");
  CHECK(json_string("a\nb\tc\x01") == R"("a\u000ab\u0009c\u0001")");
  CHECK(json_string(std::string_view("\0", 1)) == R"("\u0000")");
  CHECK(json_string("\xF0\x9F\x98\x80") == "\"\xF0\x9F\x98\x80\"");
}

TEST_CASE("bytes that are not UTF-8 become the character that says so") {
  const std::string replaced = "\"\xEF\xBF\xBD\"";
  const std::string twice = "\"\xEF\xBF\xBD\xEF\xBF\xBD\"";
  CHECK(json_string("\xff") == replaced);
  CHECK(json_string("\xC3") == replaced);
  CHECK(json_string("\xC0\x80") == twice);
  CHECK(json_string("\xED\xA0\x80") == "\"\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\"");
  CHECK(json_string("\xF4\x90\x80\x80").size() == 2 + 4 * 3);
}

}  // namespace cauce::log
