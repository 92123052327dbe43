#include "gateway/coap/message.h"

#include <doctest/doctest.h>

#include "gateway/coap/test_message.h"

namespace cauce::gateway::coap {
namespace {

using std::string_literals::operator""s;

Verdict verdict(const Bytes& datagram) {
  Message message;
  return read(datagram, message);
}

}  // namespace

TEST_CASE("a message is read as it was written (RFC 7252 section 3)") {
  TestMessage sent;
  sent.type = Type::non_confirmable;
  sent.id = 0xABCD;
  sent.token = "12345678";
  sent.options = {{11, "devices"},       {11, Bytes(12, 'a')},   {11, Bytes(13, 'b')}, {12, "\x32"},
                  {60, Bytes(268, 'c')}, {600, Bytes(269, 'd')}, {65'000, ""}};
  sent.payload = "{\"t\":1}";
  const Bytes bytes = sent.bytes();
  Message message;
  REQUIRE(read(bytes, message) == Verdict::good);
  CHECK(message.type == Type::non_confirmable);
  CHECK(message.code == Code::post);
  CHECK(message.id == 0xABCD);
  CHECK(message.token == "12345678");
  CHECK(message.payload == "{\"t\":1}");
  REQUIRE(message.options.size() == sent.options.size());
  for (std::size_t index = 0; index < sent.options.size(); ++index) {
    CHECK(int(message.options[index].number) == sent.options[index].first);
    CHECK(message.options[index].value == sent.options[index].second);
  }
}

TEST_CASE("what is not CoAP of version 1 is not of this protocol (section 3)") {
  for (const Bytes& bytes : {""s, "\x40"s, "\x40\x02\x01"s, "\x00\x02\x01\x01"s,
                             "\x80\x02\x01\x01"s, "\xC0\x02\x01\x01"s}) {
    CHECK(verdict(bytes) == Verdict::foreign);
  }
}

TEST_CASE("what does not follow the format is malformed (sections 3, 3.1 and 4.1)") {
  const Bytes head = "\x40\x02\x00\x01"s;
  CHECK(verdict(head) == Verdict::good);
  CHECK(verdict(head + "\xFF"s) == Verdict::malformed);  // a marker and no payload
  CHECK(verdict(head + "\xF0"s) == Verdict::malformed);  // a reserved delta
  CHECK(verdict(head + "\x0F"s) == Verdict::malformed);  // a reserved length
  CHECK(verdict(head + "\xB1"s) == Verdict::malformed);  // an option that is cut off
  CHECK(verdict(head + "\xD0"s) == Verdict::malformed);  // and its delta
  CHECK(verdict(head + "\xE0\x01"s) == Verdict::malformed);
  CHECK(verdict(head + "\xE0\xFF\xFF"s) == Verdict::malformed);  // a number beyond 16 bits
  CHECK(verdict(head + "\xE0\xFE\xF2\x10"s) == Verdict::malformed);
  CHECK(verdict(head + "\xE0\xFE\xF2"s) == Verdict::good);
  CHECK(verdict("\x49\x02\x00\x01"s + Bytes(9, 't')) == Verdict::malformed);
  CHECK(verdict("\x48\x02\x00\x01"s + Bytes(7, 't')) == Verdict::malformed);
  CHECK(verdict("\x40\x00\x00\x01"s) == Verdict::good);
  CHECK(verdict("\x40\x00\x00\x01x"s) == Verdict::malformed);  // an empty message that is not
  CHECK(verdict("\x41\x00\x00\x01x"s) == Verdict::malformed);
}

TEST_CASE("a message has so many options and not one more") {
  const Bytes head = "\x40\x02\x00\x01"s;
  CHECK(verdict(head + Bytes(options_max, '\x10')) == Verdict::good);
  CHECK(verdict(head + Bytes(options_max + 1, '\x10')) == Verdict::malformed);
}

TEST_CASE("a number of an option has no more bytes than it may (section 3.2)") {
  CHECK(number_of("", 2) == 0u);
  CHECK(number_of("\x01\x02", 2) == 0x0102u);
  CHECK(number_of("\xFF\xFF\xFF\xFF", 4) == 0xFFFF'FFFFu);
  CHECK_FALSE(number_of("\x01\x02\x03", 2));
}

TEST_CASE("a response is written as it can be read") {
  const Response response{Code::too_large,
                          {{Number::max_age, 300}, {Number::block1, 0}, {Number::size1, 1 << 20}},
                          "too large"};
  CHECK(text_of(write(Type::acknowledgement, 7, "tk", response)) ==
        "ACK 4.13 7 tk 14=300 27=0 60=1048576 too large");
  CHECK(text_of(write_empty(Type::reset, 65'535)) == "RST 0.00 65535 ");
}

}  // namespace cauce::gateway::coap
