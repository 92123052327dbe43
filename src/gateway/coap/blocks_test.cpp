#include "gateway/coap/blocks.h"

#include <doctest/doctest.h>

#include "gateway/coap/test_message.h"

namespace cauce::gateway::coap {
namespace {

using std::chrono::seconds;

struct Story {
  BlockLimits limits;
  std::optional<Blocks> blocks;
  Duration now{0};
  std::uint16_t id = 0;
  std::string company = "acme";

  // The payload, or "code option=value".
  std::string put(std::uint32_t number, bool more, const Bytes& payload, const Peer& peer = "peer",
                  bool again = false, std::string_view name = "mote-1") {
    if (!blocks) blocks.emplace(limits);
    Message request;
    request.id = again ? id : ++id;
    request.payload = payload;
    const Block block{number, more, 0};  // of 16 bytes
    auto result = blocks->put(peer, company, name, request, block, 50, now);
    if (auto* whole = std::get_if<Blocks::Whole>(&result)) {
      CHECK(whole->content_format == 50);
      return whole->payload;
    }
    const auto& response = std::get<Response>(result);
    std::string text =
        std::to_string(int(response.code) >> 5) + "." + std::to_string(int(response.code) & 31);
    for (const NumberOption& option : response.options)
      text += " " + std::to_string(int(option.number)) + "=" + std::to_string(option.value);
    return text;
  }
};

const Bytes sixteen = "0123456789abcdef";

}  // namespace

TEST_CASE("a block option is read and written (RFC 7959 section 2.2)") {
  const auto block = Block::read("\x12\x3E");
  REQUIRE(block);
  CHECK(block->number == 0x123);
  CHECK(block->more);
  CHECK(block->bytes() == 1024);
  CHECK(block->value() == 0x123E);
  CHECK(Block::read("")->bytes() == 16);
  CHECK_FALSE(Block::read("\x0F"));
  CHECK_FALSE(Block::read("\x01\x02\x03\x04"));
}

TEST_CASE_FIXTURE(Story, "blocks in order become one payload (RFC 7959 section 2.5)") {
  CHECK(put(0, true, sixteen) == "2.31 27=8");
  CHECK(put(1, true, sixteen) == "2.31 27=24");
  CHECK(put(2, false, "end") == sixteen + sixteen + "end");
  CHECK(blocks->bytes() == 0);
}

TEST_CASE_FIXTURE(Story, "a block that comes again changes nothing") {
  CHECK(put(0, true, sixteen) == "2.31 27=8");
  CHECK(put(0, true, sixteen, "peer", true) == "2.31 27=8");
  CHECK(put(1, true, sixteen) == "2.31 27=24");
  CHECK(put(1, true, sixteen, "peer", true) == "2.31 27=24");
  CHECK(put(2, false, "end") == sixteen + sixteen + "end");
}

TEST_CASE_FIXTURE(Story,
                  "a block that is missing is named, and block 0 begins again (section 2.9.2)") {
  CHECK(put(1, true, sixteen) == "4.8");
  CHECK(put(0, true, sixteen) == "2.31 27=8");
  CHECK(put(2, true, sixteen) == "4.8");
  CHECK(put(0, true, Bytes(16, 'n')) == "2.31 27=8");
  CHECK(put(1, false, "w") == Bytes(16, 'n') + "w");
  CHECK(put(1, false, "w") == "4.8");
}

TEST_CASE_FIXTURE(Story, "payloads of two peers, or of two devices, do not mix") {
  CHECK(put(0, true, sixteen, "one") == "2.31 27=8");
  CHECK(put(1, false, "x", "two") == "4.8");
  CHECK(put(1, false, "x", "one", false, "mote-2") == "4.8");
  CHECK(put(1, false, "x", "one") == sixteen + "x");
}

TEST_CASE_FIXTURE(Story, "a block has the size that it says") {
  CHECK(put(0, true, sixteen + "x") == "4.0");
  CHECK(put(0, true, "short") == "4.0");
  CHECK(put(0, true, sixteen) == "2.31 27=8");
  CHECK(put(1, false, sixteen + "x") == "4.0");
  CHECK(put(1, false, "") == sixteen);
}

TEST_CASE_FIXTURE(Story, "a payload keeps its limit at the maximum and not one past it") {
  limits.payload_bytes_max = 40;
  CHECK(put(0, true, sixteen) == "2.31 27=8");
  CHECK(put(1, true, sixteen) == "2.31 27=24");
  CHECK(put(2, false, "12345678").size() == 40);
  CHECK(put(0, true, sixteen) == "2.31 27=8");
  CHECK(put(1, true, sixteen) == "2.31 27=24");
  CHECK(put(2, false, "123456789") == "4.13 60=40");
  CHECK(blocks->bytes() == 0);
}

TEST_CASE_FIXTURE(Story, "what all peers have under way is bounded") {
  limits.bytes_max = 5 * (256 + 16) / 2;  // a company alone has four fifths
  CHECK(put(0, true, sixteen, "one") == "2.31 27=8");
  CHECK(put(0, true, sixteen, "two") == "2.31 27=8");
  CHECK(put(0, true, sixteen, "three") == "5.3 14=10");
  CHECK(put(1, true, sixteen, "one") == "5.3 14=10");
  CHECK(put(1, true, sixteen, "two") == "2.31 27=24");
}

TEST_CASE_FIXTURE(Story, "what a company has under way leaves room for another's") {
  limits.bytes_max = 10 * (256 + 16);
  for (int number = 0; number < 8; ++number)
    CHECK(put(0, true, sixteen, "peer-" + std::to_string(number)) == "2.31 27=8");
  CHECK(put(0, true, sixteen, "one more") == "5.3 14=10");
  company = "other";
  CHECK(put(0, true, sixteen, "other") == "2.31 27=8");
  CHECK(put(1, false, "x", "other") == sixteen + "x");
  // One that goes on beyond the share begins again, and what it had is free.
  company = "acme";
  CHECK(put(1, false, "x", "peer-0") == "5.3 14=10");
  CHECK(put(1, false, "x", "peer-1") == sixteen + "x");
  CHECK(put(0, true, sixteen, "one more") == "2.31 27=8");
}

TEST_CASE_FIXTURE(Story, "what does not go on is forgotten") {
  CHECK(put(0, true, sixteen) == "2.31 27=8");
  now += limits.span_max - Duration{1};
  blocks->look_around(now);
  CHECK(put(1, true, sixteen) == "2.31 27=24");
  now += limits.span_max;
  blocks->look_around(now);
  CHECK(blocks->bytes() == 0);
  CHECK(put(2, false, "x") == "4.8");
}

}  // namespace cauce::gateway::coap
