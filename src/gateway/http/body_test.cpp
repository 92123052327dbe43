#include "gateway/http/body.h"

#include <doctest/doctest.h>

#include "gateway/http/json_scan.h"

namespace cauce::gateway::http {
namespace {

constexpr std::string_view batch_type = "application/vnd.cauce.batch+json";

// "payload (content type)" of each message, or the refusal.
std::vector<std::string> read(std::string_view content_type, std::string_view body,
                              const BodyLimits& limits = {}) {
  const auto taken = Body::read(content_type, body, "topic", limits);
  if (const auto* refused = std::get_if<Refusal>(&taken)) {
    return {std::to_string(refused->status) + " " + refused->detail};
  }
  std::vector<std::string> texts;
  for (const Incoming& message : std::get<Body>(taken).messages()) {
    CHECK(message.topic == "topic");
    texts.push_back(std::string(message.payload) + " (" + std::string(message.content_type) + ")");
  }
  return texts;
}

std::string refusal(std::string_view body) {
  const auto texts = read(batch_type, body);
  REQUIRE(texts.size() == 1);
  return texts[0];
}

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("a body of any type is one message, byte for byte") {
  CHECK(read("", "a\nb") == Texts{"a\nb ()"});
  CHECK(read("application/json", " {} ") == Texts{" {}  (application/json)"});
  CHECK(read("application/senml+json", "[]") == Texts{"[] (application/senml+json)"});
  CHECK(read("application/octet-stream", std::string_view("\0\xff", 2)) ==
        Texts{std::string("\0\xff", 2) + " (application/octet-stream)"});
}

TEST_CASE("a batch keeps the exact bytes of each payload") {
  CHECK(read(batch_type,
             " { \"messages\" : [ {\"payload\": { \"t\" : 1.50, \"x\": [null, true] } } ,"
             "{\"payload\":\"te\\u0041t\"}, {\"content_type\": \"a\\/b\", \"payload\": -0.1e+5 },"
             "{\"payload_base64\": \"\\/\\/\\/\\/\"}, {\"payload_base64\": \"YQ==\"}] } ") ==
        Texts{"{ \"t\" : 1.50, \"x\": [null, true] } (application/json)",
              "\"te\\u0041t\" (application/json)", "-0.1e+5 (a/b)", "\xff\xff\xff ()", "a ()"});
}

TEST_CASE("what is wrong in a batch is named with its place") {
  CHECK(refusal("[]").starts_with("400 A batch is {\"messages\": ["));
  CHECK(refusal("{\"payload\": 1}").starts_with("400 A batch is {\"messages\": ["));
  CHECK(refusal("{\"messages\": []}") == "400 The batch has no messages.");
  CHECK(refusal("{\"messages\": [{\"payload\": 1}, 2]}") ==
        "400 messages[1]: it is not an object.");
  const std::string either = "needs either \"payload\" or \"payload_base64\".";
  CHECK(refusal("{\"messages\": [{}]}") == "400 messages[0]: it " + either);
  CHECK(refusal("{\"messages\": [{\"payload\": 1, \"payload_base64\": \"\"}]}") ==
        "400 messages[0]: it " + either);
  CHECK(refusal("{\"messages\": [{\"payload\": 1, \"payload\": 2}]}") ==
        "400 messages[0]: \"payload\" stands there twice.");
  CHECK(refusal("{\"messages\": [{\"pay\": 1}]}")
            .starts_with("400 messages[0]: \"pay\" is not known"));
  CHECK(refusal("{\"messages\": [{\"payload_base64\": \"YQ\"}]}")
            .starts_with("400 messages[0]: payload_base64: 2 characters are not base64"));
  CHECK(refusal("{\"messages\": [{\"payload\": 1, \"content_type\": \"\\n\"}]}") ==
        "400 messages[0]: content_type: it holds something other than printable ASCII.");
  CHECK(refusal("{\"messages\": [{\"payload\": 1, \"content_type\": \"" + std::string(257, 'c') +
                "\"}]}") == "400 messages[0]: content_type has 257 bytes, the limit is 256.");
  CHECK(refusal("{\"messages\": [{\"payload\": \"\xff\"}]}") == "400 The body is not UTF-8.");
  CHECK(refusal("{\"messages\": [{\"payload\": 1}], \"more\": 1}")
            .ends_with("\"messages\" is its only member."));
  CHECK(refusal("{\"messages\": [{\"payload\": 1}]} x")
            .ends_with("something follows after its end."));
}

TEST_CASE("a payload inside a batch is JSON, however deep") {
  for (const char* wrong : {"",
                            "{",
                            "[1",
                            "[1,]",
                            "{\"a\"}",
                            "{\"a\":}",
                            "{\"a\":1,}",
                            "{a:1}",
                            "01",
                            "-",
                            "1.",
                            "1e",
                            ".5",
                            "+1",
                            "tru",
                            "nul",
                            "\"",
                            "\"\\x\"",
                            "\"\\u12\"",
                            "\"\\ud800\"",
                            "\"\\udc00\"",
                            "\"\\ud800\\u0041\"",
                            "\"a\nb\"",
                            "[1 2]",
                            "'a'",
                            "NaN"}) {
    CAPTURE(wrong);
    CHECK(
        refusal("{\"messages\": [{\"payload\": " + std::string(wrong) + "}]}").starts_with("400 "));
  }
  const auto nested = [](int depth) {
    return "{\"messages\": [{\"payload\": " + std::string(depth, '[') + std::string(depth, ']') +
           "}]}";
  };
  CHECK(read(batch_type, nested(JsonScan::depth_max + 1)).front().starts_with("[["));
  CHECK(refusal(nested(JsonScan::depth_max + 2)).find("deeper than 64") != std::string::npos);
  CHECK(read(batch_type, "{\"messages\": [{\"payload\": \"\\ud83d\\ude00\"}]}").size() == 1);
}

}  // namespace cauce::gateway::http
