#include <doctest/doctest.h>

#include "api/installation_test.h"
#include "business/shared_key.h"

namespace cauce::api {
namespace {

const std::string place = "/api/v1/devices/pump-1/shared-key";

Reply give(Installation& world, const std::string& body = "") {
  return world.ask("PUT", place, {.token = "acme-operator", .body = body});
}

Reply end(Installation& world, std::map<std::string, std::string> query = {}) {
  return world.ask("DELETE", place, {.token = "acme-operator", .query = std::move(query)});
}

std::vector<business::SharedKey> kept(Installation& world) {
  world.refresh();
  return world.registry->device("acme", "pump-1")->shared_keys;
}

std::string shown(Installation& world) {
  return world.ask("GET", "/api/v1/devices/pump-1", {.token = "acme-viewer"}).text;
}

std::string hex_of(char letter, std::size_t bytes) {
  return to_hex(Bytes(bytes, letter));
}

}  // namespace

TEST_CASE("a key that is made is shown once, as text and as digits, with its identity") {
  Installation world;
  const Reply given = give(world);
  REQUIRE(given.status == 200);
  CHECK(given.body["identity"] == "acme/pump-1");
  const std::string text = given.body["key_text"];
  CHECK(text.size() == 32);
  CHECK(given.body["key"] == to_hex(text));
  CHECK(kept(world) == std::vector{business::SharedKey{1, text}});
  CHECK(given.text.find("--psk " + to_hex(text)) != std::string::npos);
  CHECK(shown(world).find(R"("shared_keys":["acme/pump-1"])") != std::string::npos);
  CHECK(shown(world).find(to_hex(text)) == std::string::npos);
  CHECK(give(world).body["key"] != given.body["key"]);
}

TEST_CASE("a key may be given, of 16 to 64 bytes") {
  Installation world;
  for (const std::size_t bytes : {16, 64}) {
    const std::string hex = hex_of('\xab', bytes);
    const Reply given = give(world, R"({"key":")" + hex + R"("})");
    CHECK(given.status == 200);
    CHECK(given.body["key"] == hex);
    CHECK(given.body["key_text"].is_null());
    CHECK(kept(world) == std::vector{business::SharedKey{1, Bytes(bytes, '\xab')}});
  }
  for (const std::string& wrong : {hex_of('a', 15), hex_of('a', 65), std::string("zz"),
                                   hex_of('a', 16) + "a", std::string()}) {
    const Reply refused = give(world, R"({"key":")" + wrong + R"("})");
    CHECK(refused.status == 400);
    CHECK(refused.text.find("16 to 64 bytes as hexadecimal digits") != std::string::npos);
  }
  CHECK(kept(world).front().secret == Bytes(64, '\xab'));
}

TEST_CASE("a key that is kept goes on beside the next, and no third does") {
  Installation world;
  const std::string first = give(world).body["key_text"];
  const Reply next = give(world, R"({"keep_earlier":true})");
  CHECK(next.body["identity"] == "acme/pump-1/2");
  const std::string second = next.body["key_text"];
  using business::SharedKey;
  CHECK(kept(world) == std::vector{SharedKey{2, second}, SharedKey{1, first}});
  const Reply third = give(world, R"({"keep_earlier":true})");
  CHECK(third.body["identity"] == "acme/pump-1");
  const std::string text = third.body["key_text"];
  CHECK(kept(world) == std::vector{SharedKey{1, text}, SharedKey{2, second}});
  // The one that it has is no other.
  const std::string same = R"({"keep_earlier":true,"key":")" + to_hex(text) + R"("})";
  CHECK(give(world, same).status == 400);
  CHECK(give(world).body["identity"] == "acme/pump-1");
  CHECK(kept(world).size() == 1);
}

TEST_CASE("keys are ended by their identity, or all together") {
  Installation world;
  CHECK(end(world).status == 404);
  give(world);
  give(world, R"({"keep_earlier":true})");
  CHECK(end(world, {{"identity", "acme/pump-1/1"}}).status == 404);
  CHECK(end(world, {{"identity", "acme/pump-1"}}).status == 204);
  REQUIRE(kept(world).size() == 1);
  CHECK(kept(world).front().place == 2);
  give(world, R"({"keep_earlier":true})");
  CHECK(end(world).status == 204);
  CHECK(kept(world).empty());
  CHECK(shown(world).find(R"("shared_keys":[])") != std::string::npos);
}

TEST_CASE("a viewer gives and ends no key") {
  Installation world;
  CHECK(world.ask("PUT", place, {.token = "acme-viewer"}).status == 403);
  CHECK(world.ask("DELETE", place, {.token = "acme-viewer"}).status == 403);
  CHECK(kept(world).empty());
}

}  // namespace cauce::api
