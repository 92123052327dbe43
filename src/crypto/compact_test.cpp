#include "crypto/compact.h"

#include <doctest/doctest.h>

#include <fstream>

namespace cauce::crypto {
namespace {

constexpr CompactContext mote{"acme", "mote-1", "devices/mote-1/telemetry"};

Bytes counting(std::size_t count, int first) {
  Bytes bytes;
  for (std::size_t index = 0; index < count; ++index)
    bytes += char(first + int(index));
  return bytes;
}

const Bytes key = counting(key_bytes, 0x00);
const Bytes nonce = counting(nonce_bytes, 0xa0);

Bytes golden() {
  std::ifstream file{GOLDEN_DIRECTORY "/compact.hex"};
  std::string line;
  REQUIRE(std::getline(file, line));
  Bytes bytes;
  REQUIRE(from_hex(line, bytes));
  return bytes;
}

}  // namespace

TEST_CASE("the compact form is that of the golden file") {
  const Bytes payload = seal_compact(0x01020304, key, nonce, mote, R"({"temperature":21.5})");
  CHECK(to_hex(payload) == to_hex(golden()));
}

TEST_CASE("the golden payload is parsed without the key and opened with it") {
  const Bytes payload = golden();
  const auto compact = parse_compact(payload);
  REQUIRE(compact);
  CHECK(compact->key_id == 0x01020304);
  const auto plaintext = open_compact(*compact, key, mote);
  REQUIRE(plaintext);
  CHECK(*plaintext == R"({"temperature":21.5})");
}

TEST_CASE("a payload does not open under another name, topic or key") {
  const Bytes payload = golden();
  const Compact compact = *parse_compact(payload);
  for (const CompactContext& context :
       {CompactContext{"acmf", mote.device, mote.topic},
        CompactContext{mote.company, "mote-2", mote.topic},
        CompactContext{mote.company, mote.device, "devices/mote-1/other"},
        // The same bytes cut elsewhere: the lengths are covered too.
        CompactContext{"acmem", "ote-1", mote.topic}}) {
    CHECK(open_compact(compact, key, context).error().outcome == Outcome::denied);
  }
  const auto wrong_key = open_compact(compact, counting(key_bytes, 0x01), mote);
  CHECK(wrong_key.error().outcome == Outcome::denied);
  CHECK(open_compact(compact, "short", mote).error().outcome == Outcome::invalid);
}

TEST_CASE("every changed byte after the header's version is refused") {
  const Bytes payload = golden();
  for (std::size_t index = 5; index < payload.size(); ++index) {
    Bytes changed = payload;
    changed[index] = char(changed[index] ^ 0x40);
    CHECK(open_compact(*parse_compact(changed), key, mote).error().outcome == Outcome::denied);
  }
}

TEST_CASE("a payload may be empty and may not be cut") {
  const Bytes payload = seal_compact(7, key, nonce, mote, "");
  CHECK(payload.size() == compact_extra_bytes);
  CHECK(open_compact(*parse_compact(payload), key, mote)->empty());
  const auto cut = parse_compact(BytesView{payload}.substr(0, payload.size() - 1));
  CHECK(cut.error().outcome == Outcome::invalid);
  CHECK(parse_compact("").error().outcome == Outcome::invalid);
}

TEST_CASE("plain text is told apart by its version") {
  const Bytes plain = R"({"temperature":21.5,"humidity":40,"battery":3.1})";
  CHECK(parse_compact(plain).error().outcome == Outcome::unsupported);
}

}  // namespace cauce::crypto
