#include "base/json.h"

#include <doctest/doctest.h>

#include <cstdint>
#include <limits>

namespace cauce {

TEST_CASE("a JSON string holds what a line of the log may hold, and nothing breaks out of it") {
  CHECK(json_string("") == R"("")");
  CHECK(json_string("device mote-1: \"t\" \\ ñ €") == R"("device mote-1: \"t\" \\ ñ €")");
  CHECK(json_string("a\nb\tc\x01\x7f") == R"("a\u000ab\u0009c\u0001\u007f")");
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

TEST_CASE("an object is written as it was put together") {
  Json device = {{"name", "freezer-7"}, {"limit", 21.5}, {"count", 3u}, {"silent", true}};
  device.set("ñ\"", Json());
  device.set("nested", {{"a", {{"b", "c"}}}});
  device.add_members({{"x", 1}, {"y", 2}});
  device.add_members(Json::object());
  CHECK(device.text() == R"({"name":"freezer-7","limit":21.5,"count":3,"silent":true,"ñ\"":null,)"
                         R"("nested":{"a":{"b":"c"}},"x":1,"y":2})");
  CHECK(Json({{"a", "b"}, {"c", "d"}}).text() == R"({"a":"b","c":"d"})");
}

TEST_CASE("an array is written as it was put together") {
  Json items = Json::array();
  CHECK(items.empty());
  CHECK(items.text() == "[]");
  items.push_back("one");
  items.push_back(Json::array());
  items.push_back({{"two", Json::written("[2, 2]")}});
  CHECK_FALSE(items.empty());
  CHECK(items.text() == R"(["one",[],{"two":[2, 2]}])");
}

TEST_CASE("a number is written with the digits that give it again, or as null") {
  CHECK(Json(0.1).text() == "0.1");
  CHECK(Json(18.0).text() == "18");
  CHECK(Json(1e300).text() == "1e+300");
  CHECK(Json(-0.0).text() == "-0");
  CHECK(Json(std::numeric_limits<double>::quiet_NaN()).text() == "null");
  CHECK(Json(-std::numeric_limits<double>::infinity()).text() == "null");
  CHECK(Json(std::numeric_limits<std::uint64_t>::max()).text() == "18446744073709551615");
  CHECK(Json(std::numeric_limits<std::int64_t>::min()).text() == "-9223372036854775808");
}

}  // namespace cauce
