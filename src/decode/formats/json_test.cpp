#include "decode/formats/json.h"

#include <doctest/doctest.h>

#include <limits>

#include "base/names.h"
#include "decode/quote.h"
#include "record/reason.h"

namespace cauce::decode {
namespace {

const Time received = *parse_time("2026-11-21T23:48:40Z");

std::vector<Measurement> read(std::string_view payload) {
  JsonParser parser;
  auto measurements = parser.parse(payload, received);
  CAPTURE(payload);
  if (!measurements) FAIL(measurements.error().message);
  return *std::move(measurements);
}

std::string refusal(std::string_view payload, JsonLimits limits = {}) {
  JsonParser parser(limits);
  const auto measurements = parser.parse(payload, received);
  CAPTURE(payload);
  REQUIRE_FALSE(measurements);
  CHECK(measurements.error().outcome == Outcome::invalid);
  CHECK(record::reason_in_spanish(measurements.error().message));
  return measurements.error().message;
}

std::string repeated(std::size_t count, std::string_view text) {
  std::string whole;
  for (std::size_t index = 0; index < count; ++index)
    whole += text;
  return whole;
}

}  // namespace

TEST_CASE("an object gives its members at its time") {
  const Time time = *parse_time("2026-11-21T23:00:00.25Z");
  const std::vector<Measurement> expected = {
      {"t", time, 21.5}, {"h", time, 40.0}, {"on", time, true}, {"state", time, "ready"}};
  CHECK(read(R"({"t":21.5,"h":40,"on":true,"state":"ready","time":"2026-11-21T23:00:00.25Z"})") ==
        expected);
  CHECK(
      read(R"({"ts":"2026-11-22T00:00:00.25+01:00","t":21.5,"h":40,"on":true,"state":"ready"})") ==
      expected);
}

TEST_CASE("without a time the reading is as old as its arrival") {
  CHECK(read(R"({"t":1})") == std::vector<Measurement>{{"t", received, 1.0}});
  CHECK(read(R"({"t":1,"time":null})") == std::vector<Measurement>{{"t", received, 1.0}});
}

TEST_CASE("each object of an array has its own time") {
  const std::vector<Measurement> expected = {
      {"t", from_microseconds(10'000'000), 1.0}, {"t", received, 2.0}, {"t", received, 2.0}};
  CHECK(read(R"([{"t":1,"time":10},{"t":2}, {"t":2}])") == expected);
}

TEST_CASE("nested objects become metrics with levels") {
  const std::vector<Measurement> expected = {
      {"motor/rpm", received, 1450.0}, {"motor/gear/time", received, 3.0}, {"t", received, 1.0}};
  CHECK(read(R"({"motor":{"rpm":1450,"gear":{"time":3}},"t":1})") == expected);
}

TEST_CASE("nothing measured is no error") {
  for (const char* payload :
       {"{}", "[]", "[{},{}]", R"({"t":null})", R"({"time":5})", " { } ", R"({"a":{"b":null}})"}) {
    CHECK(read(payload).empty());
  }
}

TEST_CASE("escapes and numbers are read as JSON says") {
  CHECK(read(R"({"s":"a\"b\u00f1\n","temp":-1.5e-3})") ==
        std::vector<Measurement>{{"s", received, "a\"bñ\n"}, {"temp", received, -0.0015}});
  CHECK(read(R"({"a":9007199254740993})").at(0).value == record::Value{9007199254740992.0});
  CHECK(read(R"({"a":123456789012345678901234567890})").at(0).value ==
        record::Value{1.2345678901234568e29});
  CHECK(read(R"({"a":-0.0,"b":1e-400})").size() == 2);
  CHECK(read(R"({"t":1})").size() == 1);
}

TEST_CASE("a number is a time by its size") {
  CHECK(*time_of_number(0) == time_min);
  CHECK(*time_of_number(1795304920) == received);
  CHECK(*time_of_number(1795304920.25) == received + Duration{250'000});
  CHECK(*time_of_number(1795304920000.0) == received);
  CHECK(*time_of_number(1795304920000.5) == received + Duration{500});
  CHECK(*time_of_number(1795304920000000.0) == received);
  CHECK(*time_of_number(4102444799.0) == time_max - std::chrono::seconds{1});
  CHECK(*time_of_number(4102444800.0) == from_microseconds(4102444800000));
  CHECK(*time_of_number(4102444799999.0) == time_max - std::chrono::milliseconds{1});
  CHECK(*time_of_number(4102444800000.0) == from_microseconds(4102444800000));
  CHECK(*time_of_number(4102444799999999.0) == time_max - Duration{1});
  for (const double number :
       {-1.0, -0.001, 4102444800000000.0, 4102444799999999.5, 1e300,
        std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    CAPTURE(number);
    CHECK_FALSE(time_of_number(number));
  }
}

TEST_CASE("a fraction of a second just under the next scale does not jump") {
  // 4102444799.9999999 is the double next below the first millisecond value.
  CHECK_FALSE(time_of_number(4102444799.9999995));
  CHECK(*time_of_number(4102444799.5) == time_max - Duration{500'000});
}

TEST_CASE("a bad time is refused with member and value") {
  const std::string advice =
      " is not a time from 1970 to 2099; write 2026-11-21T23:48:40Z, or seconds, milliseconds or "
      "microseconds since 1970";
  CHECK(refusal(R"({"t":1,"time":"yesterday"})") == "member \"time\": \"yesterday\"" + advice);
  CHECK(refusal(R"({"ts":-5})") == "member \"ts\": \"-5\"" + advice);
  CHECK(refusal(R"({"ts":"2100-01-01T00:00:00Z"})") ==
        "member \"ts\": \"2100-01-01T00:00:00Z\"" + advice);
  CHECK(refusal(R"([{"t":1},{"time": 1795304920000000000 }])") ==
        "object 2, member \"time\": \"1795304920000000000\"" + advice);
  CHECK(refusal(R"({"time":1e999})") == "member \"time\": \"1e999\"" + advice);
  CHECK(refusal(R"({"time":true})") == "member \"time\": a time is text or a number");
  CHECK(refusal(R"({"time":1,"ts":1})") ==
        "member \"ts\": \"time\" stands before it; one time is enough");
  CHECK(refusal(R"({"time":1,"time":1})") ==
        "member \"time\": \"time\" stands before it; one time is enough");
  CHECK(refusal(R"({"t\u0069me":"x"})") == "member \"time\": \"x\"" + advice);
}

TEST_CASE("what is not a value is refused by name") {
  CHECK(refusal(R"({"t":[1,2]})") ==
        "member \"t\": an array is not a value; send one object for each point in time");
  CHECK(refusal(R"({"t":1e999})") == "member \"t\": \"1e999\" is not a number that a double holds");
  CHECK(refusal(R"({"t":1,"a":{"t":2,"t":3}})") == "member \"a/t\": it stands there twice");
  CHECK(refusal(R"({"a":{"t":2},"a/t":3})") == "member \"a/t\": it stands there twice");
  CHECK(refusal(R"({"a":null,"a":3})") == "member \"a\": it stands there twice");
  CHECK(refusal("21.5") == "the payload is a single value; send an object such as {\"t\": 21.5}");
  CHECK(refusal("null") == "the payload is a single value; send an object such as {\"t\": 21.5}");
  CHECK(refusal(R"([{"t":1},5])") == "element 2 of the array is not an object");
  CHECK(refusal(R"([[{"t":1}]])") == "element 1 of the array is not an object");
}

TEST_CASE("a name that cannot be a metric is refused") {
  const std::string why =
      ": its name does not begin with a letter or a digit, or holds something other than "
      "A-Z a-z 0-9 _ - . /";
  CHECK(refusal(R"({"":1})") == "member \"\"" + why);
  CHECK(refusal(R"({"temp °C":1})") == "member \"temp °C\"" + why);
  CHECK(refusal(R"({"a":{"_b":1}})") == "member \"a/_b\"" + why);
  CHECK(refusal(R"({"a\u0000":1})") == "member \"a?\"" + why);
  const std::string longest(metric_bytes_max, 'a');
  CHECK(read("{\"" + longest + "\":1}").size() == 1);
  CHECK(refusal("{\"" + longest + "a\":1}") == "member \"" + std::string(quoted_bytes_max, 'a') +
                                                   "…\": its name has 129 bytes, at most 128 are "
                                                   "allowed");
  CHECK(refusal("{\"aa\":{\"" + longest.substr(2) + "\":1}}").find("129 bytes") !=
        std::string::npos);
}

TEST_CASE("what is not JSON is refused with the place") {
  CHECK(refusal("") == "the payload is not JSON: there is nothing in it");
  CHECK(refusal("  ") == "the payload is not JSON: there is nothing in it");
  CHECK(refusal("{\"a\":\"\xFF\"}") == "the payload is not JSON: it is not UTF-8");
  CHECK(refusal("{\"a\":\"x}") == "the payload is not JSON: a string has no end");
  CHECK(refusal(R"({"t":1} {"t":2})") ==
        "the payload is not JSON near byte 8 of 15: something follows after its end");
  CHECK(refusal(R"({"t":)") ==
        "the payload is not JSON near byte 5 of 5: its end is no closing bracket");
  CHECK(refusal(R"({"t":1}x)") ==
        "the payload is not JSON near byte 8 of 8: its end is no closing bracket");
  CHECK(refusal(R"({"t":"\q"})").find("a string has an escape that does not exist") !=
        std::string::npos);
  for (const char* payload : {"{",
                              "}",
                              "[",
                              "{\"a\"}",
                              "{\"a\":}",
                              "{\"a\":1,}",
                              "{\"a\":1",
                              "[{\"a\":1}",
                              "[{\"a\":1]}",
                              "{\"a\" 1}",
                              "{\"a\":1 \"b\":2}",
                              "{a:1}",
                              "{'a':1}",
                              "[{}{}]",
                              "[,]",
                              "{\"a\":tru}",
                              "{\"a\":nul}",
                              "{\"a\":nulll}",
                              "{\"a\":NaN}",
                              "{\"a\":Infinity}",
                              "{\"a\":1}x",
                              "hello",
                              "{\"time\":nul}",
                              "{\"a\":{\"b\":1}",
                              "{1:2}",
                              "\x01\x02"}) {
    CAPTURE(payload);
    CHECK(refusal(payload).size() > 10);
  }
  for (const char* number : {"01", "1.", ".5", "+1", "1e", "0x10", "--1", "1_000", "1e5x"}) {
    CAPTURE(number);
    CHECK(refusal(std::string("{\"a\":") + number + "}").size() > 10);
  }
}

TEST_CASE("every limit holds at its maximum and not one past it") {
  SUBCASE("members") {
    const JsonLimits limits{.members_max = 3};
    JsonParser parser(limits);
    CHECK(parser.parse(R"([{"a":1,"b":2},{"a":{}}])", received));
    CHECK(refusal(R"([{"a":1,"b":2},{"a":{"b":1}}])", limits) ==
          "more than 3 members in one message: send it in parts");
    const std::string most = repeated(4095, "{\"a\":1},");
    CHECK(read("[" + most + "{\"a\":1}]").size() == 4096);
    CHECK(refusal("[" + most + "{\"a\":1,\"b\":null}]") ==
          "more than 4096 members in one message: send it in parts");
  }
  SUBCASE("depth") {
    CHECK(read(repeated(8, "{\"a\":") + "1" + repeated(8, "}")).at(0).metric == "a/a/a/a/a/a/a/a");
    CHECK(refusal(repeated(9, "{\"a\":") + "1" + repeated(9, "}")) ==
          "member \"a/a/a/a/a/a/a/a\": objects inside objects, deeper than 8");
    CHECK(refusal(repeated(100'000, "{\"a\":")).size() > 10);
    CHECK(refusal(repeated(100'000, "[")).size() > 10);
  }
  SUBCASE("text") {
    const std::string longest(record::text_value_bytes_max, 'x');
    CHECK(read("{\"a\":\"" + longest + "\"}").size() == 1);
    CHECK(refusal("{\"a\":\"" + longest + "x\"}") ==
          "member \"a\": its text has 4097 bytes, at most 4096 are allowed");
  }
  SUBCASE("payload") {
    const std::string padding(record::payload_bytes_max - 7, ' ');
    CHECK(read("{\"a\":1}" + padding).size() == 1);
    CHECK(refusal("{\"a\":1} " + padding) ==
          "the payload has 1048577 bytes, at most 1048576 are allowed");
  }
}

TEST_CASE("a parser forgets the message before") {
  JsonParser parser;
  CHECK(parser.parse(R"({"a":1,"time":5})", received));
  CHECK_FALSE(parser.parse("{\"a\":", received));
  const auto again = parser.parse(R"({"a":1})", received);
  REQUIRE(again);
  CHECK(*again == std::vector<Measurement>{{"a", received, 1.0}});
}

}  // namespace cauce::decode
