#include "warehouse/answer_text.h"

#include <doctest/doctest.h>

#include <sstream>

namespace cauce::warehouse {
namespace {

table::Answer sample() {
  return {.columns = {{"device", table::Type::text},
                      {"value", table::Type::real64},
                      {"on", table::Type::boolean}},
          .rows = {{"mote, \"ñ\"", "21.5", "true"}, {"", "nan", ""}, {"", "", "false"}},
          .nulls = {{false, false, false}, {false, false, true}, {true, true, false}},
          .cut = false};
}

std::string printed(const table::Answer& answer, AnswerFormat format) {
  std::ostringstream target;
  print_answer(answer, format, target);
  return target.str();
}

}  // namespace

TEST_CASE("a table is aligned by characters, numbers to the right") {
  CHECK(printed(sample(), AnswerFormat::table) ==
        "device     value  on\n"
        "---------  -----  -----\n"
        "mote, \"ñ\"   21.5  true\n"
        "             nan\n"
        "                  false\n");
}

TEST_CASE("CSV tells NULL from an empty text and quotes what must be quoted") {
  CHECK(printed(sample(), AnswerFormat::csv) ==
        "device,value,on\r\n"
        "\"mote, \"\"ñ\"\"\",21.5,true\r\n"
        "\"\",nan,\r\n"
        ",,false\r\n");
}

TEST_CASE("JSON has numbers, booleans and null as such") {
  CHECK(printed(sample(), AnswerFormat::json) ==
        "[\n"
        "{\"device\": \"mote, \\\"ñ\\\"\", \"value\": 21.5, \"on\": true},\n"
        "{\"device\": \"\", \"value\": \"nan\", \"on\": null},\n"
        "{\"device\": null, \"value\": null, \"on\": false}\n"
        "]\n");
  CHECK(printed({}, AnswerFormat::json) == "[\n]\n");
}

TEST_CASE("no control character of a device reaches the terminal") {
  table::Answer answer{.columns = {{"x", table::Type::text}},
                       .rows = {{"a\x1b[31m\nb\x7f\xc2\x9b"}},
                       .nulls = {{false}},
                       .cut = false};
  CHECK(printed(answer, AnswerFormat::table) ==
        "x\n------------------------------\na\\u001b[31m\\u000ab\\u007f\\u009b\n");
  CHECK(printed(answer, AnswerFormat::json) ==
        "[\n{\"x\": \"a\\u001b[31m\\u000ab\\u007f\xc2\x9b\"}\n]\n");
}

TEST_CASE("a long value is cut in a table alone, at a character") {
  std::string longest;
  for (int count = 0; count < 80; ++count) {
    longest += "ñ";
  }
  table::Answer answer{.columns = {{"x", table::Type::text}},
                       .rows = {{longest}, {longest + "ñ"}},
                       .nulls = {{false}, {false}},
                       .cut = false};
  const std::string text = printed(answer, AnswerFormat::table);
  CHECK(text.find("\n" + longest + "\n") != std::string::npos);
  CHECK(text.find("\n" + longest + "…\n") != std::string::npos);
  CHECK(printed(answer, AnswerFormat::csv).find(longest + "ñ\r\n") != std::string::npos);
}

TEST_CASE("a cut answer says so, a whole one does not") {
  table::Answer answer = sample();
  CHECK_FALSE(cut_notice(answer).has_value());
  answer.cut = true;
  REQUIRE(cut_notice(answer).has_value());
  CHECK(cut_notice(answer)->find("after 3 rows") != std::string::npos);
}

TEST_CASE("a format has a name") {
  CHECK(*parse_answer_format("table") == AnswerFormat::table);
  CHECK(*parse_answer_format("csv") == AnswerFormat::csv);
  CHECK(*parse_answer_format("json") == AnswerFormat::json);
  CHECK(parse_answer_format("xml").error().outcome == Outcome::invalid);
}

}  // namespace cauce::warehouse
