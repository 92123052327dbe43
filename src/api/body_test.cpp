#include "api/body.h"

#include <doctest/doctest.h>

namespace cauce::api {
namespace {

std::string fault_of(Body& body) {
  const auto fault = body.fault();
  if (!fault) return {};
  CHECK(fault->outcome == Outcome::invalid);
  return fault->message;
}

std::string nested(int levels) {
  std::string text = R"({"a":)";
  for (int level = 1; level < levels; ++level) {
    text += '[';
  }
  text += '1';
  for (int level = 1; level < levels; ++level) {
    text += ']';
  }
  return text + '}';
}

}  // namespace

TEST_CASE("members are read as what they are") {
  Body body(R"({"name":"a","on":true,"x":1.5,"n":7,"list":[{"k":"v"}]})");
  CHECK(body.text("name") == "a");
  CHECK(body.optional_boolean("on") == true);
  CHECK(body.number("x") == 1.5);
  CHECK(body.count_or("n", 0) == 7);
  auto list = body.objects("list", 1);
  REQUIRE(list.size() == 1);
  CHECK(list[0].text("k") == "v");
  CHECK(fault_of(list[0]).empty());
  CHECK(body.text_or("absent", "else") == "else");
  CHECK_FALSE(body.optional_boolean("absent too").has_value());
  CHECK(fault_of(body).empty());
}

TEST_CASE("a count is replaced, taken away or left as it is") {
  Body body(R"({"limits":{"a":1,"b":null,"d":10}})");
  auto limits = body.optional_object("limits");
  REQUIRE(limits);
  std::optional<std::uint64_t> a = 5, b = 5, c = 5, d;
  limits->change_count("a", a, 10);
  limits->change_count("b", b, 10);
  limits->change_count("c", c, 10);
  limits->change_count("d", d, 10);
  CHECK(a == 1);
  CHECK_FALSE(b);
  CHECK(c == 5);
  CHECK(d == 10);
  body.take(limits->fault());
  CHECK(fault_of(body).empty());
  for (const char* wrong : {"0", "11", "-1", "1.5", "\"1\"", "[]"}) {
    Body refused(std::string(R"({"limits":{"a":)") + wrong + "}}");
    auto inner = refused.optional_object("limits");
    inner->change_count("a", a, 10);
    refused.take(inner->fault());
    CHECK(fault_of(refused) == "\"limits.a\" must be an integer from 1 to 10, or null.");
  }
  Body none(R"({"limits":null})");
  CHECK(none.is_null("limits"));
  CHECK_FALSE(none.optional_object("limits"));
  CHECK(fault_of(none).empty());
  Body text(R"({"limits":"a"})");
  CHECK_FALSE(text.optional_object("limits"));
  CHECK(fault_of(text) == "\"limits\" must be an object or null.");
}

TEST_CASE("an unknown member is refused by its name") {
  Body body(R"({"name":"a","colour":"red"})");
  CHECK(body.text("name") == "a");
  CHECK(fault_of(body) == "\"colour\" is not known here.");
}

TEST_CASE("a fault in a list says where") {
  Body body(R"({"metrics":[{"source":"t"},{"source":5}]})");
  for (Body& metric : body.objects("metrics", 2)) {
    metric.text("source");
    body.take(metric.fault());
  }
  CHECK(fault_of(body) == "\"metrics[1].source\" must be a string.");
}

TEST_CASE("missing, repeated and wrong members are refused") {
  Body missing("{}");
  missing.text("name");
  CHECK(fault_of(missing) == "\"name\" is missing.");
  Body repeated(R"({"name":"a","name":"b"})");
  repeated.text("name");
  CHECK(fault_of(repeated) == "The member \"name\" appears twice.");
  Body boolean(R"({"on":"yes"})");
  boolean.optional_boolean("on");
  CHECK(fault_of(boolean) == "\"on\" must be true or false.");
  Body huge(R"({"n":4294967296})");
  huge.count_or("n", 0);
  CHECK(fault_of(huge) == "\"n\" must be an integer from 0 to 4294967295.");
  Body most(R"({"n":4294967295})");
  CHECK(most.count_or("n", 0) == 4294967295u);
  CHECK(fault_of(most).empty());
  Body infinite(R"({"x":1e999})");
  infinite.number("x");
  CHECK_FALSE(fault_of(infinite).empty());
  Body many(R"({"list":[{},{}]})");
  CHECK(many.objects("list", 1).empty());
  CHECK(fault_of(many) == "\"list\" must be an array of at most 1 objects.");
}

TEST_CASE("what is no JSON object is refused") {
  for (const char* text :
       {"", "{", "[]", "5", "null", "{\"a\":1}x", "{\"a\":\"\xff\"}", "\xef\xbb"}) {
    CAPTURE(text);
    Body body(text);
    CHECK(fault_of(body) == "The body must be one JSON object.");
  }
}

TEST_CASE("nesting has a limit") {
  bool is_json = false;
  Body most(nested(Body::depth_max));
  most.payload("a", is_json);
  CHECK(fault_of(most).empty());
  Body more(nested(Body::depth_max + 1));
  more.payload("a", is_json);
  CHECK(fault_of(more) == "The JSON body is nested deeper than 16 levels.");
  Body bomb(nested(100'000));
  CHECK_FALSE(fault_of(bomb).empty());
}

TEST_CASE("a payload is a string as it is, or compact JSON") {
  bool is_json = true;
  Body text(R"({"payload":"on\n"})");
  CHECK(text.payload("payload", is_json) == "on\n");
  CHECK_FALSE(is_json);
  Body json(R"({"payload": {"b": 1, "a": [true]}})");
  CHECK(json.payload("payload", is_json) == R"({"a":[true],"b":1})");
  CHECK(is_json);
}

}  // namespace cauce::api
