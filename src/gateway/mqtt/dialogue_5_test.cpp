// What MQTT 5.0 has beside 3.1.1; section numbers and statements are those of mqtt-v5.0.
#include <doctest/doctest.h>

#include "gateway/mqtt/dialogue.h"
#include "gateway/mqtt/dialogue_story.h"
#include "gateway/mqtt/test_packets.h"

namespace cauce::gateway::mqtt {
namespace {

using namespace std::string_literals;
using namespace std::string_view_literals;
using std::chrono::seconds;

const Bytes wants_reasons = "\x17\x01";

// A CONNACK that refuses.
Bytes refusal(Reason reason, std::string_view properties = {}) {
  return packet(0x20, Bytes{0x00, char(reason)} + properties_field(properties));
}

struct Story5 : Story {
  // The properties of the CONNACK that answers these of CONNECT.
  Bytes connack_properties(std::string_view properties, std::uint16_t keep_alive_s = 60,
                           std::string_view client_id = "c") {
    start();
    send(connect_5(client_id, properties, 0x02, "", keep_alive_s));
    const Bytes bytes = sent();
    CHECK(dialogue->connected());
    return bytes.substr(5);
  }
  bool refused_with(std::string_view bytes, Reason reason) {
    start();
    send(bytes);
    const Bytes answered = sent();
    CAPTURE(to_hex(answered));
    CHECK(answered == refusal(reason));
    return dialogue->closed() && told.empty();
  }
};

bool holds(const Bytes& properties, std::string_view part) {
  return properties.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE_FIXTURE(Story5, "3.2.2.3: CONNACK tells the limits") {
  const Bytes properties = connack_properties("");
  CHECK(holds(properties, "\x21\0\x14"s));
  CHECK(holds(properties, "\x22\0\x0A"s));
  Bytes packet_size = "\x27";
  put_big_u32(packet_size, limits.packet_bytes_max(limits.payload_bytes_max));
  CHECK(holds(properties, packet_size));
  CHECK_FALSE(holds(properties, "\x13\0\x3C"s));
  CHECK_FALSE(holds(properties, "\x12"));
}

TEST_CASE_FIXTURE(Story5, "3.2.2.3.2: a session that ends earlier than asked for is told so") {
  answer.session_expiry_s = 60;
  CHECK_FALSE(holds(connack_properties("\x11\0\0\0\x3C"s), "\x11"));
  CHECK(holds(connack_properties("\x11\0\0\0\x3D"s), "\x11\0\0\0\x3C"s));
}

TEST_CASE_FIXTURE(Story5, "3.2.2.3.14: a keep-alive of more than 60 s, or none, becomes 60 s") {
  CHECK_FALSE(holds(connack_properties("", 60), "\x13"));
  CHECK(holds(connack_properties("", 61), "\x13\0\x3C"s));
  CHECK(holds(connack_properties("", 0), "\x13\0\x3C"s));
  now += seconds{90};
  dialogue->check_time(now);
  CHECK_FALSE(dialogue->closed());
  now += Duration{1};
  dialogue->check_time(now);
  CHECK(closed_for(CloseKind::silent, "keep-alive of 60 s"));
  CHECK(said_goodbye(Reason::keep_alive_timeout));
}

TEST_CASE_FIXTURE(Story5, "3.2.2-16: a client without an id is told the one it got") {
  answer.assigned_client_id = "auto-1";
  CHECK(holds(connack_properties("", 60, ""), "\x12" + text_field("auto-1")));
}

TEST_CASE_FIXTURE(Story5, "3.1.3-6: an empty client id needs no clean start") {
  start();
  send(connect_5("", "", 0x00));
  CHECK(dialogue->connected());
}

TEST_CASE_FIXTURE(Story5, "3.1.4-2: a CONNECT that is malformed gets its code") {
  CHECK(refused_with(connect_5("c", "", 0x03), Reason::malformed_packet));
  CHECK(refused_with(connect_5("c", "", 0x1E), Reason::malformed_packet));
  CHECK(refused_with(connect_5("c", "\x21\0\0"s), Reason::protocol_error));
  CHECK(refused_with(connect_5("c", "\x23\0\1"s), Reason::protocol_error));
  CHECK(refused_with(connect_5("\xFF"), Reason::invalid_client_id));
  CHECK(refused_with(connect_5("c", "", 0x02, "more"), Reason::malformed_packet));
  CHECK(refused_with(connect_5("c", "", 0x82), Reason::malformed_packet));
  CHECK(refused_with(connect_5(std::string(257, 'c')), Reason::invalid_client_id));
}

TEST_CASE_FIXTURE(Story5, "3.1.2-22 of 3.1.1 is gone: a password needs no user name") {
  start();
  send(connect_5("c", "", 0x42, text_field("secret")));
  CHECK(told == "connect c password secret");
  CHECK(dialogue->connected());
}

TEST_CASE_FIXTURE(Story5, "4.12.0-1: enhanced authentication is refused, and AUTH is an error") {
  CHECK(refused_with(connect_5("c", "\x15" + text_field("SCRAM")),
                     Reason::bad_authentication_method));
  CHECK(refused_with(connect_5("c", "\x16" + text_field("x")), Reason::protocol_error));
  start_connected_5();
  send(packet(0xF0, ""));
  CHECK(said_goodbye(Reason::protocol_error));
  start();
  send(packet(0xF0, ""));
  CHECK(dialogue->closed());
  CHECK(sent().empty());
}

TEST_CASE_FIXTURE(Story5, "3.1.4-5: who is not admitted is told so") {
  answer.reason = Reason::not_authorized;
  start();
  send(connect_5("c") + publish_5("t", "x", 1, 1));
  CHECK(sent() == refusal(Reason::not_authorized));
  CHECK(told == "connect c");
}

TEST_CASE_FIXTURE(Story5, "3.2.2.3.9: who is not admitted is told why when it asks for words") {
  answer.reason = Reason::not_authorized;
  answer.why = "nobody knows it";
  const Bytes words = "\x1F" + text_field("not admitted: nobody knows it");
  start();
  send(connect_5("c", wants_reasons));
  CHECK(sent() == refusal(Reason::not_authorized, words));
  for (const Bytes& unasked : {Bytes{}, Bytes{"\x17\0"s}}) {
    start();
    send(connect_5("c", unasked));
    CHECK(sent() == refusal(Reason::not_authorized));
  }
}

TEST_CASE_FIXTURE(Story5, "3.2.2.3.9: what is wrong with a CONNECT is told in words, too") {
  start();
  send(connect_5("c", wants_reasons + "\x15" + text_field("SCRAM")));
  CHECK(sent() ==
        refusal(Reason::bad_authentication_method,
                "\x1F" + text_field("it asks for an authentication method, and none is known "
                                    "(section 4.12)")));
}

TEST_CASE_FIXTURE(Story5,
                  "3.2.2-19: words of a refusal that the client has no room for are left out") {
  answer.reason = Reason::not_authorized;
  answer.why = std::string(40, 'x');
  const Bytes whole =
      refusal(Reason::not_authorized, "\x1F" + text_field("not admitted: " + answer.why));
  const auto at_most = [](std::size_t bytes) { return "\x27\0\0\0"s + char(bytes); };
  start();
  send(connect_5("c", wants_reasons + at_most(whole.size())));
  CHECK(sent() == whole);
  start();
  send(connect_5("c", wants_reasons + at_most(whole.size() - 1)));
  CHECK(sent() == refusal(Reason::not_authorized));
  start();
  send(connect_5("c", wants_reasons + at_most(4)));
  CHECK(sent().empty());
  CHECK(dialogue->closed());
}

TEST_CASE_FIXTURE(Story5, "3.1.3.2: a will has properties of its own") {
  start();
  const Bytes will = properties_field("\x18\0\0\0\5"s) + text_field("w") + text_field("gone");
  send(connect_5("c", "", 0x06, will));
  CHECK(told == "connect c will w=gone");
  told.clear();
  CHECK(
      refused_with(connect_5("c", "", 0x06,
                             properties_field("\x23\0\1"s) + text_field("w") + text_field("gone")),
                   Reason::protocol_error));
}

TEST_CASE_FIXTURE(Story5, "4.8.0, 4.13: a breach after CONNECT is told before the close") {
  const std::vector<std::pair<Bytes, Reason>> breaches = {
      {connect_5("c"), Reason::protocol_error},
      {packet(0x36, text_field("t") + id_field(1) + "\0"s), Reason::malformed_packet},
      {publish_5("t/#", ""), Reason::malformed_packet},
      {publish_5("", ""), Reason::protocol_error},
      {publish_5("t", "", 1, 0), Reason::protocol_error},
      {publish_5("t", "", 0, 0, "\x0B\1"), Reason::protocol_error},
      {packet(0x20, ""), Reason::protocol_error},
      {packet(0x83, ""), Reason::malformed_packet},
      {packet(0xC0, "x"), Reason::malformed_packet},
      {subscribe_5(1, "mine", 0x03), Reason::malformed_packet},
      {subscribe_5(1, "mine", 0x40), Reason::malformed_packet},
      {subscribe_5(1, "mine", 0x30), Reason::protocol_error},
      {subscribe_5(1, "mine", 0, "\x0B\0"s), Reason::protocol_error},
      {packet(0x82, id_field(1) + "\0"s), Reason::malformed_packet},
      {packet(0x40, id_field(1) + "\x01"), Reason::protocol_error},
      {packet(0x62, id_field(1) + "\x87"), Reason::protocol_error},
      {packet(0xE0, "\0\5\x11\0\0\0\1"s), Reason::protocol_error},
  };
  for (const auto& [bytes, reason] : breaches) {
    CAPTURE(to_hex(bytes));
    start_connected_5();
    send(bytes);
    CHECK(said_goodbye(reason));
    CHECK(told.empty());
  }
}

TEST_CASE_FIXTURE(Story5, "3.1.2.11.7: the reason is given in words to who asks for them") {
  start_connected_5(wants_reasons);
  send(packet(0xC0, "x"));
  const Bytes words = text_field("PINGREQ has a body (section 3.12)");
  CHECK(sent() == packet(0xE0, "\x81" + properties_field("\x1F" + words)));
}

TEST_CASE_FIXTURE(Story5, "3.14.2-3: words that are too long for the client are left out") {
  start_connected_5(wants_reasons + "\x27\0\0\0\x20"s);
  send(packet(0xC0, "x"));
  CHECK(said_goodbye(Reason::malformed_packet));
}

TEST_CASE_FIXTURE(Story5, "3.3.4-9: one message over the Receive Maximum ends the connection") {
  start_connected_5();
  Bytes window;
  for (std::uint16_t id = 1; id <= limits.receive_maximum; ++id)
    window += publish_5("t", "x", id % 2 == 0 ? 1 : 2, id);
  send(window);
  CHECK_FALSE(dialogue->closed());
  send(publish_5("t", "free", 0));
  CHECK_FALSE(dialogue->closed());
  dialogue->answered(1);
  send(publish_5("t", "x", 1, 30));
  CHECK_FALSE(dialogue->closed());
  send(pubrel(1));
  CHECK(sent() == pubcomp(1));
  send(publish_5("t", "x", 1, 31));
  CHECK_FALSE(dialogue->closed());
  send(publish_5("t", "x", 1, 32));
  CHECK(said_goodbye(Reason::receive_maximum_exceeded));
}

TEST_CASE_FIXTURE(Story5, "4.3.3: what is sent again under its id is not counted again") {
  limits.receive_maximum = 1;
  start_connected_5();
  send(publish_5("t", "x", 2, 1));
  Bytes again = publish_5("repeated", "x", 2, 1);
  again[0] = char(again[0] | 8);
  send(again + again);
  CHECK_FALSE(dialogue->closed());
}

TEST_CASE_FIXTURE(Story5, "3.3.2.3.4: a topic alias stands for its topic until it gets another") {
  start_connected_5();
  send(publish_5("a", "1", 0, 0, "\x23\0\1"s) + publish_5("", "2", 0, 0, "\x23\0\1"s) +
       publish_5("b", "3", 0, 0, "\x23\0\1"s) + publish_5("", "4", 0, 0, "\x23\0\1"s) +
       publish_5("c", "5", 0, 0, "\x23\0\x0A"s) + publish_5("", "6", 0, 0, "\x23\0\x0A"s));
  CHECK(told == "[a=1 q0 #0][a=2 q0 #0][b=3 q0 #0][b=4 q0 #0][c=5 q0 #0][c=6 q0 #0]");
  CHECK_FALSE(dialogue->closed());
}

TEST_CASE_FIXTURE(Story5,
                  "3.3.2-8: an alias of 0, past the maximum, or unset ends the connection") {
  for (const auto& [alias, reason] : {std::pair{"\x23\0\0"s, Reason::topic_alias_invalid},
                                      {"\x23\0\x0B"s, Reason::topic_alias_invalid},
                                      {"\x23\0\2"s, Reason::protocol_error}}) {
    start_connected_5();
    send(publish_5("", "x", 0, 0, alias));
    CHECK(said_goodbye(reason));
    CHECK(told.empty());
  }
}

TEST_CASE_FIXTURE(Story5, "3.3.2.3.9: the content type of a message is handed on") {
  start_connected_5();
  send(publish_5("t", "x", 1, 1, "\x03" + text_field("application/json")));
  CHECK(told == "[t=x q1 #1] as application/json");
}

TEST_CASE_FIXTURE(Story5, "a content type at its limit passes, one byte more is refused") {
  start_connected_5();
  const auto with_type = [](std::size_t bytes) {
    const Bytes type = "\x03" + text_field(Bytes(bytes, 'c'));
    Bytes body = text_field("t");
    put_variable_number(body, std::uint32_t(type.size()));
    return packet(0x30, body + type);
  };
  send(with_type(256));
  CHECK_FALSE(dialogue->closed());
  send(with_type(257));
  CHECK(closed_for(CloseKind::oversized, "is over the limit of 256"));
}

TEST_CASE_FIXTURE(Story5, "3.2.2.3.6: a packet at our maximum passes, one byte more is refused") {
  limits.payload_bytes_max = 100;
  limits.properties_bytes_max = 50;
  start_connected_5();
  const Bytes properties = "\x09" + text_field(Bytes(47, 'c'));
  send(publish_5("t", Bytes(100, 'p'), 0, 0, properties));
  CHECK_FALSE(dialogue->closed());
  told.clear();
  send(publish_5("t", Bytes(101, 'p'), 1, 1));  // the packet is not too long: its answer refuses it
  CHECK_FALSE(dialogue->closed());
  CHECK(told.starts_with("[t=ppp"));
  send(publish_5("t", Bytes(101, 'p')));
  CHECK(said_goodbye(Reason::packet_too_large));
  start_connected_5();
  send(publish_5("t", "", 0, 0, properties + "\x01\x01"));
  CHECK(said_goodbye(Reason::packet_too_large));
  start_connected_5();
  send("\x30\xFF\xFF\xFF\x7F");
  CHECK(said_goodbye(Reason::packet_too_large));
}

TEST_CASE_FIXTURE(Story5, "3.1.2-24: what is longer than the client's maximum is not sent") {
  start_connected_5("\x27\0\0\0\x20"s);
  CHECK(send_out("mine", Bytes(22, 'p'), 1, 1).empty());
  CHECK(send_out("mine", Bytes(21, 'p'), 1, 1).size() == 32);
}

TEST_CASE_FIXTURE(Story5, "3.1.2-24: a client that cannot take CONNACK is refused") {
  start();
  send(connect_5("c", "\x27\0\0\0\x10"s));
  CHECK(sent().size() == 16);
  CHECK(dialogue->connected());
  start();
  send(connect_5("c", "\x27\0\0\0\x0F"s));
  CHECK(sent() == refusal(Reason::packet_too_large));
  CHECK(closed_for(CloseKind::refused, "CONNACK has 16 bytes; the client takes 15"));
  CHECK(told == "connect cconnect cgoodbye 0");
  start();
  send(connect_5("c", "\x27\0\0\0\x04"s));
  CHECK(sent().empty());
}

TEST_CASE_FIXTURE(Story5, "3.2.2.2: a CONNECT that is too long is refused before it is read") {
  const Bytes long_5 = connect_5(std::string(16 << 10, 'c'));
  const std::size_t begin_bytes = long_5.find("MQTT") + 5;
  start();
  send(long_5.substr(0, begin_bytes - 1));
  CHECK(sent().empty());
  CHECK_FALSE(dialogue->closed());
  send(long_5.substr(begin_bytes - 1, 1));
  CHECK(sent() == refusal(Reason::packet_too_large));
  CHECK(closed_for(CloseKind::oversized, "CONNECT of 16397 bytes is over the limit of 16384"));
  CHECK(told.empty());
  start();
  send(connect(std::string(16 << 10, 'c')));
  CHECK(sent().empty());
  CHECK(closed_for(CloseKind::oversized, "CONNECT of 16396 bytes is over the limit of 16384"));
}

TEST_CASE_FIXTURE(Story5, "3.1.2-24: who asks for a longer answer than it takes is closed") {
  std::string filters;
  for (int count = 0; count < 11; ++count)
    filters += text_field("mine") + Bytes(1, '\0');
  const Bytes fits = packet(0x82, "\0\7\0"s + filters);
  start_connected_5("\x27\0\0\0\x10"s);
  send(fits);
  CHECK(sent().size() == 16);
  send(packet(0x82, "\0\7\0"s + filters + text_field("mine") + Bytes(1, '\0')));
  CHECK(said_goodbye(Reason::packet_too_large));
  CHECK(closed_for(CloseKind::oversized, "SUBACK has 17 bytes; the client takes 16"));
  start_connected_5("\x27\0\0\0\x10"s);
  std::string twelve;
  for (int count = 0; count < 12; ++count)
    twelve += text_field("mine");
  send(packet(0xA2, "\0\7\0"s + twelve));
  CHECK(said_goodbye(Reason::packet_too_large));
}

TEST_CASE_FIXTURE(Story5, "3.8.3.1, 3.9.3: subscription options, and a reason for each filter") {
  start_connected_5();
  send(packet(0x82, id_field(7) + "\0"s + text_field("mine") + "\x2D" + text_field("a/#") + "\1"));
  CHECK(told == "subscribe mine not local retain as published handling 2subscribe a/#");
  CHECK(sent() == packet(0x90, id_field(7) + "\0\1\x87"s));
}

TEST_CASE_FIXTURE(Story5, "3.8.2.1.2: an identifier is for all filters of its SUBSCRIBE") {
  start_connected_5();
  send(subscribe_5(1, "mine", 1, "\x0B\x80\x01"));
  CHECK(told == "subscribe mine as 128");
}

TEST_CASE_FIXTURE(Story5, "3.8.3-4: no local on a shared subscription is an error") {
  start_connected_5();
  send(subscribe_5(1, "$share/g/t", 0x05));
  CHECK(said_goodbye(Reason::protocol_error));
}

TEST_CASE_FIXTURE(Story5, "3.3.2.3: a message to the client has its properties") {
  start_connected_5();
  const std::vector<std::uint32_t> identifiers{1, 128};
  Outgoing message;
  message.topic = "t";
  message.payload = "x";
  message.properties = "\x01\x01";
  message.expiry_s = 5;
  message.identifiers = identifiers;
  CHECK(dialogue->send(message));
  CHECK(sent() == publish_5("t", "x", 0, 0, "\x01\x01\x02\0\0\0\x05\x0B\x01\x0B\x80\x01"s));
}

TEST_CASE_FIXTURE(Story5,
                  "3.1.2-26: topic aliases are used when the client allows them, and no more") {
  start_connected_5("\x22\0\2"s);
  CHECK(send_out("a", "1") == publish_5("a", "1", 0, 0, "\x23\0\1"s));
  CHECK(send_out("b", "2") == publish_5("b", "2", 0, 0, "\x23\0\2"s));
  CHECK(send_out("c", "3") == publish_5("c", "3"));
  CHECK(send_out("a", "4") == publish_5("", "4", 0, 0, "\x23\0\1"s));
  CHECK(send_out("b", "5", 1, 7) == publish_5("", "5", 1, 7, "\x23\0\2"s));
  start_connected_5("\x22\0\0"s);
  CHECK(send_out("a", "1") == publish_5("a", "1"));
}

TEST_CASE_FIXTURE(Story5, "an alias that was told in a packet too long to send was not told") {
  start_connected_5("\x22\0\2\x27\0\0\0\x20"s);
  CHECK(send_out("mine", Bytes(30, 'p')).empty());
  CHECK(send_out("mine", "x") == publish_5("mine", "x", 0, 0, "\x23\0\1"s));
}

TEST_CASE_FIXTURE(Story5, "3.11.3: UNSUBACK has a reason for each filter") {
  start_connected_5();
  send(packet(0xA2, id_field(3) + "\0"s + text_field("mine") + text_field("other")));
  CHECK(sent() == packet(0xB0, id_field(3) + "\0\0\x11"s));
}

TEST_CASE_FIXTURE(Story5, "3.7.2.1: PUBCOMP says when nothing waited for its release") {
  start_connected_5();
  send(pubrel(5) + pubrel(1000) + packet(0x62, id_field(6) + "\x92"));
  CHECK(sent() == pubcomp(5) + packet(0x70, id_field(1000) + "\x92") + pubcomp(6));
}

TEST_CASE_FIXTURE(Story5, "3.4.2.1, 3.5.2.1: reasons of acknowledgements are told") {
  start_connected_5();
  send(packet(0x40, id_field(1) + "\x10") + packet(0x50, id_field(2) + "\x97\0"s));
  CHECK(told == "PUBACK 1 for 16PUBREC 2 for 151");
}

TEST_CASE_FIXTURE(Story5, "3.14: DISCONNECT ends it without an answer") {
  for (const auto& [body, expected] : {std::pair{""s, "goodbye 0"},
                                       {"\0"s, "goodbye 0"},
                                       {"\4"s, "goodbye 4"},
                                       {"\0\0"s, "goodbye 0"},
                                       {"\0\5\x11\0\0\0\0"s, "goodbye 0 0"}}) {
    CAPTURE(to_hex(body));
    start_connected_5("\x11\0\0\0\1"s);
    send(packet(0xE0, body) + publish_5("t", "after"));
    CHECK(closed_for(CloseKind::disconnected, "disconnected"));
    CHECK(sent().empty());
    CHECK(told == expected);
  }
}

TEST_CASE_FIXTURE(Story5, "4.3: an answer that a message does not wait for is an error") {
  start_connected_5();
  send(packet(0x40, id_field(100)));
  CHECK(said_goodbye(Reason::protocol_error));
}

TEST_CASE_FIXTURE(Story5, "who cannot be understood or has left is not told why") {
  for (const Bytes& bytes : {"\x30\xFF\xFF\xFF\xFF"s, packet(0xE0, "\x8D")}) {
    start_connected_5();
    send(bytes);
    CHECK(dialogue->closed());
    CHECK(dialogue->close_kind() == CloseKind::violation);
    CHECK(sent().empty());
  }
}

TEST_CASE_FIXTURE(Story5, "3.14.4: a client that we end is told why, once") {
  start_connected_5();
  dialogue->dismiss(Reason::session_taken_over);
  CHECK(said_goodbye(Reason::session_taken_over));
  dialogue->dismiss(Reason::administrative_action);
  CHECK(sent().empty());
  start_connected();
  dialogue->dismiss(Reason::session_taken_over);
  CHECK(sent().empty());
}

TEST_CASE_FIXTURE(Story5, "1.5.4: topics, filters and names have no control characters") {
  for (const std::string_view text : {"a\x01"s, "a\x1F"s, "a\x7F"s, "a\xC2\x80"s, "a\xC2\x9F"s}) {
    CAPTURE(to_hex(text));
    start_connected_5();
    send(publish_5(text, "x"));
    CHECK(said_goodbye(Reason::malformed_packet));
    start_connected_5();
    send(subscribe_5(1, text, 0));
    CHECK(said_goodbye(Reason::malformed_packet));
  }
  start_connected_5();
  send(publish_5("a\xC2\xA0", "x", 0, 0, "\x26" + text_field("k") + text_field("line\nline")));
  CHECK_FALSE(dialogue->closed());
}

}  // namespace cauce::gateway::mqtt
