#include "gateway/mqtt/property.h"

#include <doctest/doctest.h>

#include <vector>

#include "gateway/mqtt/test_packets.h"

namespace cauce::gateway::mqtt {
namespace {

using namespace std::string_literals;

// One of each property, with a value that is allowed.
struct Sample {
  Property property;
  Bytes bytes;
};

std::vector<Sample> samples() {
  return {
      {Property::payload_format, "\x01\x01"},
      {Property::message_expiry, "\x02\0\0\0\x3C"s},
      {Property::content_type, "\x03" + text_field("text/plain")},
      {Property::response_topic, "\x08" + text_field("r")},
      {Property::correlation, "\x09" + text_field("\xFF")},
      {Property::subscription_identifier, "\x0B\x80\x01"},
      {Property::session_expiry, "\x11\0\0\0\x01"s},
      {Property::assigned_client_id, "\x12" + text_field("c")},
      {Property::server_keep_alive, "\x13\0\x3C"s},
      {Property::authentication_method, "\x15" + text_field("m")},
      {Property::authentication, "\x16" + text_field("\xFF")},
      {Property::request_problem_information, "\x17\x01"},
      {Property::will_delay, "\x18\0\0\0\x05"s},
      {Property::request_response_information, "\x19\x01"},
      {Property::response_information, "\x1A" + text_field("r")},
      {Property::server_reference, "\x1C" + text_field("s")},
      {Property::reason_string, "\x1F" + text_field("why")},
      {Property::receive_maximum, "\x21\0\x02"s},
      {Property::topic_alias_maximum, "\x22\0\x02"s},
      {Property::topic_alias, "\x23\0\x02"s},
      {Property::maximum_qos, "\x24\x01"},
      {Property::retain_available, "\x25\x01"},
      {Property::user, "\x26" + text_field("k") + text_field("v")},
      {Property::maximum_packet_size, "\x27\0\0\1\0"s},
      {Property::wildcards_available, "\x28\x01"},
      {Property::identifiers_available, "\x29\x01"},
      {Property::shared_available, "\x2A\x01"},
  };
}

std::optional<Reason> breach_of(std::string_view properties, Bearer bearer) {
  const Bytes bytes = properties_field(properties);
  PacketReader reader{bytes};
  take_properties(reader, bearer);
  if (!reader.breach()) return std::nullopt;
  return reader.breach()->reason;
}

// Who may bear it, as letters: Connect, Will, Publish, Acknowledgement, Subscribe, Unsubscribe,
// Disconnect, aUth.
Bytes bearers_of(const Sample& sample) {
  Bytes letters;
  const std::string_view all = "CWPASUDX";
  for (std::size_t index = 0; index < all.size(); ++index) {
    const auto breach = breach_of(sample.bytes, Bearer(index));
    if (!breach) letters += all[index];
    const bool lists_filters = all[index] == 'S' || all[index] == 'U';
    if (breach) {
      CHECK(*breach == (lists_filters ? Reason::malformed_packet : Reason::protocol_error));
    }
  }
  return letters;
}

}  // namespace

TEST_CASE("2.2.2.2: each property may stand in the packets of table 2-4 and in no other") {
  const std::vector<std::string_view> expected = {
      "WP", "WP", "WP",  "WP", "WP", "S", "CD", "", "",         "CX", "CX", "C", "W", "C",
      "",   "",   "ADX", "C",  "C",  "P", "",   "", "CWPASUDX", "C",  "",   "",  ""};
  const std::vector<Sample> all = samples();
  REQUIRE(all.size() == expected.size());
  for (std::size_t index = 0; index < all.size(); ++index) {
    CAPTURE(int(all[index].property));
    CHECK(bearers_of(all[index]) == expected[index]);
  }
}

TEST_CASE("2.2.2.2: every property but the user's stands once") {
  for (const Sample& sample : samples()) {
    CAPTURE(int(sample.property));
    const Bytes letters = bearers_of(sample);
    if (letters.empty()) continue;
    const auto bearer = Bearer(std::string_view("CWPASUDX").find(letters[0]));
    const auto breach = breach_of(sample.bytes + sample.bytes, bearer);
    CHECK(breach.has_value() == (sample.property != Property::user));
    if (breach) CHECK(*breach == Reason::protocol_error);
  }
}

TEST_CASE("2.2.2.2: a property that ends early or does not exist is malformed") {
  for (const Sample& sample : samples()) {
    CAPTURE(int(sample.property));
    for (std::size_t length = 1; length < sample.bytes.size(); ++length) {
      for (std::uint8_t bearer = 0; bearer < 8; ++bearer) {
        CHECK(breach_of(sample.bytes.substr(0, length), Bearer(bearer)) ==
              Reason::malformed_packet);
      }
    }
  }
  for (const Bytes& unknown : {"\0\x01"s, "\x04\x01"s, "\x7F\x01"s, "\x80\x01"s, "\xFF\x7F\x01"s,
                               "\x81\x02\x01"s, "\xFF\xFF\xFF\xFF\x01"s}) {
    CAPTURE(to_hex(unknown));
    CHECK(breach_of(unknown, Bearer::publish) == Reason::malformed_packet);
  }
}

TEST_CASE("3.1.2.11, 3.3.2.3, 3.8.2.1.2: values at their limits pass, those past them do not") {
  const auto allowed = [](std::string_view bytes, Bearer bearer) {
    return !breach_of(bytes, bearer).has_value();
  };
  CHECK(allowed("\x21\0\1"s, Bearer::connect));
  CHECK(breach_of("\x21\0\0"s, Bearer::connect) == Reason::protocol_error);
  CHECK(allowed("\x27\0\0\0\1"s, Bearer::connect));
  CHECK(breach_of("\x27\0\0\0\0"s, Bearer::connect) == Reason::protocol_error);
  CHECK(allowed("\x22\0\0"s, Bearer::connect));
  CHECK(breach_of("\x17\2"s, Bearer::connect) == Reason::protocol_error);
  CHECK(breach_of("\x19\2"s, Bearer::connect) == Reason::protocol_error);
  CHECK(breach_of("\1\2"s, Bearer::publish) == Reason::protocol_error);
  CHECK(allowed("\x23\xFF\xFF"s, Bearer::publish));
  CHECK(breach_of("\x23\0\0"s, Bearer::publish) == Reason::topic_alias_invalid);
  CHECK(allowed("\x0B\xFF\xFF\xFF\x7F"s, Bearer::subscribe));
  CHECK(breach_of("\x0B\0"s, Bearer::subscribe) == Reason::protocol_error);
  CHECK(breach_of("\x08" + text_field("a/+"), Bearer::publish) == Reason::protocol_error);
  CHECK(breach_of("\x08" + text_field("a/#"), Bearer::will) == Reason::protocol_error);
  CHECK(breach_of("\x03" + text_field("\xC0\x80"), Bearer::publish) == Reason::malformed_packet);
  CHECK(breach_of("\x26" + text_field("k") + text_field("\xFF"), Bearer::publish) ==
        Reason::malformed_packet);
}

TEST_CASE("2.2.2.1: the length of the properties is theirs") {
  PacketReader reader{"\x02\x01\x01rest"};
  const Properties properties = take_properties(reader, Bearer::publish);
  CHECK(properties.payload_format == 1);
  CHECK(properties.all == "\x01\x01");
  CHECK(reader.rest() == "rest");
  PacketReader longer{"\x03\x01\x01"};
  take_properties(longer, Bearer::publish);
  CHECK(longer.breach()->reason == Reason::malformed_packet);
  PacketReader endless{"\xFF\xFF\xFF\xFF\x01"};
  take_properties(endless, Bearer::publish);
  CHECK(endless.breach()->reason == Reason::malformed_packet);
}

TEST_CASE("3.3.2.3: a receiver gets the sender's properties in order, but for alias and expiry") {
  const Bytes user_a = "\x26" + text_field("a") + text_field("1");
  const Bytes user_b = "\x26" + text_field("a") + text_field("2");
  const Bytes format = "\x01\x01";
  const Bytes response = "\x08" + text_field("r");
  CHECK(forwarded_properties(user_b + "\x23\0\1"s + format + user_a + "\2\0\0\0\1"s + response) ==
        user_b + format + user_a + response);
  CHECK(forwarded_properties("").empty());
}

TEST_CASE("1.5.5: numbers of variable length take as few bytes as they need") {
  for (const auto& [value, hex] : {std::pair{0U, "00"},
                                   {127U, "7f"},
                                   {128U, "8001"},
                                   {16'383U, "ff7f"},
                                   {16'384U, "808001"},
                                   {2'097'152U, "80808001"},
                                   {variable_number_max, "ffffff7f"}}) {
    Bytes bytes;
    put_variable_number(bytes, value);
    CHECK(to_hex(bytes) == hex);
    CHECK(variable_number_bytes(value) == bytes.size());
    PacketReader reader{bytes};
    CHECK(reader.variable_number() == value);
    CHECK(reader.empty());
  }
}

}  // namespace cauce::gateway::mqtt
