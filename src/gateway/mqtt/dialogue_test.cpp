#include "gateway/mqtt/dialogue.h"

#include <doctest/doctest.h>

#include <utility>

#include "gateway/mqtt/dialogue_story.h"
#include "gateway/mqtt/test_packets.h"
#include "gateway/mqtt/utf8.h"

namespace cauce::gateway::mqtt {
namespace {

using std::chrono::seconds;

Bytes with_flags(std::uint8_t flags) {
  return raw_connect(4, flags, 60, text_field("c") + text_field("w") + text_field("gone"));
}

}  // namespace

TEST_CASE("1.5.3: strings are well-formed UTF-8 without NUL") {
  for (const std::string_view text : {"", "plain", "ñandú", "€", "\U0001F321", "\xEF\xBB\xBF"}) {
    CAPTURE(text);
    CHECK(is_utf8_string(text));
  }
  using namespace std::string_view_literals;
  for (const std::string_view text :
       {"\0"sv, "a\0b"sv, "\x80"sv, "\xC3"sv, "\xC0\x80"sv, "\xC1\xBF"sv, "\xED\xA0\x80"sv,
        "\xED\xBF\xBF"sv, "\xE0\x80\xAF"sv, "\xF4\x90\x80\x80"sv, "\xF8\x88\x80\x80\x80"sv,
        "\xF0\x80\x80\x80"sv, "\xE2\x82"sv, "\xFF"sv}) {
    CAPTURE(to_hex(text));
    CHECK_FALSE(is_utf8_string(text));
  }
}

TEST_CASE_FIXTURE(Story, "2.2.3: a remaining length has four bytes at most") {
  start_connected();
  send("\x30\xFF\xFF\xFF\xFF");
  CHECK(closed_for(CloseKind::violation, "remaining length"));
}

TEST_CASE_FIXTURE(Story, "2.2.2-2: reserved flags must be as the standard says") {
  for (const int first : {0xC1, 0xE8, 0x80, 0xA0, 0x41}) {
    CAPTURE(first);
    start_connected();
    send(packet(std::uint8_t(first), id_field(1) + text_field("mine") + Bytes(1, '\0')));
    CHECK(closed_for(CloseKind::violation, "2.2.2-2"));
  }
}

TEST_CASE_FIXTURE(Story, "2.2.1: packets that only a server sends close the connection") {
  for (const int first : {0x00, 0x20, 0x90, 0xB0, 0xD0, 0xF0}) {
    CAPTURE(first);
    start_connected();
    send(packet(std::uint8_t(first), id_field(1)));
    CHECK(closed_for(CloseKind::violation, "2.2.1"));
  }
}

TEST_CASE_FIXTURE(Story, "2.3.1: packet id 0 closes the connection") {
  for (const Bytes& bytes : {packet(0x32, text_field("t") + id_field(0)), subscribe(0, "mine", 0),
                             unsubscribe(0, "mine"), puback(0)}) {
    start_connected();
    send(bytes);
    CHECK(closed_for(CloseKind::violation, "2.3.1-1"));
  }
}

TEST_CASE_FIXTURE(Story, "3.1.0-1: the first packet is CONNECT") {
  for (const Bytes& bytes : {publish("t", "x"), pingreq, Bytes("GET / HTTP/1.1\r\n\r\n"),
                             Bytes("\x26"), packet(0xF0, "")}) {
    start();
    send(bytes);
    CHECK(closed_for(CloseKind::violation, "first packet"));
    CHECK(sent().empty());
    CHECK(told.empty());
  }
}

TEST_CASE_FIXTURE(Story, "3.1.0-2: a second CONNECT closes the connection") {
  start_connected();
  send(connect("c"));
  CHECK(closed_for(CloseKind::violation, "second CONNECT"));
  CHECK(told.empty());
}

TEST_CASE_FIXTURE(Story, "3.1.2-1: another protocol name closes the connection") {
  start();
  send(raw_connect(4, 2, 60, text_field("c"), "MQTTX"));
  CHECK(closed_for(CloseKind::violation, "3.1.2-1"));
  CHECK(sent().empty());
}

TEST_CASE_FIXTURE(Story, "3.1.2-2: another protocol level gets return code 1") {
  for (const auto& [level, name] : {std::pair{3, "MQIsdp"}, {6, "MQTT"}, {0x84, "MQTT"}}) {
    CAPTURE(level);
    start();
    send(raw_connect(std::uint8_t(level), 2, 60, Bytes("\x05\x11\x00\x00\x00\x00", 6), name));
    CHECK(sent() == connack(ConnectReturn::unacceptable_protocol));
    CHECK(closed_for(CloseKind::refused, "level"));
    CHECK(told.empty());
  }
}

TEST_CASE_FIXTURE(Story, "3.1.2: flags that contradict each other close the connection") {
  start();
  send(with_flags(0x03));
  CHECK(closed_for(CloseKind::violation, "3.1.2-3"));
  start();
  send(with_flags(0x0A));
  CHECK(closed_for(CloseKind::violation, "3.1.2-13"));
  start();
  send(with_flags(0x22));
  CHECK(closed_for(CloseKind::violation, "3.1.2-15"));
  start();
  send(with_flags(0x1E));
  CHECK(closed_for(CloseKind::violation, "3.1.2-14"));
  start();
  send(with_flags(0x42));
  CHECK(closed_for(CloseKind::violation, "3.1.2-22"));
  CHECK(told.empty());
}

TEST_CASE_FIXTURE(Story, "3.1.3: CONNECT has all its fields and nothing else") {
  start();
  send(with_flags(0x2E));
  CHECK(told == "connect c will w=gone");
  CHECK(sent() == connack(ConnectReturn::accepted));
  const Bytes fields = text_field("c") + text_field("u") + text_field("p");
  for (std::size_t length = 0; length < fields.size(); ++length) {
    start();
    send(raw_connect(4, 0xC2, 60, fields.substr(0, length)));
    CHECK(closed_for(CloseKind::violation, "shorter"));
  }
  start();
  send(raw_connect(4, 0xC2, 60, fields + "x"));
  CHECK(closed_for(CloseKind::violation, "longer"));
  told.clear();
  start();
  send(raw_connect(4, 0xC2, 60, fields));
  CHECK(told == "connect c user u password p");
}

TEST_CASE_FIXTURE(Story, "3.1.3: texts of CONNECT are UTF-8, the will's topic is a topic") {
  for (const Bytes& payload :
       {text_field("\xFF") + text_field("w") + text_field("") + text_field("u"),
        text_field("c") + text_field("w/#") + text_field("") + text_field("u"),
        text_field("c") + text_field("") + text_field("") + text_field("u"),
        text_field("c") + text_field("w") + text_field("") + text_field("\xC0")}) {
    start();
    send(raw_connect(4, 0x86, 60, payload));
    CHECK(dialogue->close_kind() == CloseKind::violation);
    CHECK(dialogue->closed());
  }
}

TEST_CASE_FIXTURE(Story, "3.1.3-7: an empty client id needs a clean session") {
  start();
  send(raw_connect(4, 0x02, 60, text_field("")));
  CHECK(sent() == connack(ConnectReturn::accepted));
  start();
  send(raw_connect(4, 0x00, 60, text_field("")));
  CHECK(sent() == connack(ConnectReturn::identifier_rejected));
  CHECK(closed_for(CloseKind::refused, "3.1.3-8"));
}

TEST_CASE_FIXTURE(Story, "3.1.3-9: a client id at the limit is taken, one byte more gets code 2") {
  start();
  send(connect(std::string(limits.client_id_bytes_max, 'c')));
  CHECK(sent() == connack(ConnectReturn::accepted));
  start();
  send(connect(std::string(limits.client_id_bytes_max + 1, 'c')));
  CHECK(sent() == connack(ConnectReturn::identifier_rejected));
  CHECK(closed_for(CloseKind::refused, "is over the limit of 256"));
}

TEST_CASE_FIXTURE(Story, "3.1.4: CONNECT must arrive within ten seconds") {
  Dialogue& late = start();
  now = seconds{10} - Duration{1};
  late.receive("\x10", now);
  late.done();
  late.check_time(now);
  CHECK_FALSE(late.closed());
  now = seconds{10};
  late.check_time(now);
  CHECK(closed_for(CloseKind::silent, "no CONNECT within 10 s"));
}

TEST_CASE_FIXTURE(Story, "3.1.4-5: what is not admitted gets its code, and later packets nothing") {
  start();
  answer.reason = Reason::not_authorized;
  send(connect("c") + publish("t", "x", 1));
  CHECK(sent() == connack(ConnectReturn::not_authorized));
  CHECK(told == "connect c");
  CHECK(closed_for(CloseKind::refused, "not admitted"));
}

TEST_CASE_FIXTURE(Story, "3.1.2.10: one and a half keep-alives of silence close the connection") {
  start();
  send(connect("c", "", "", 10));
  now = seconds{15};
  dialogue->check_time(now);
  CHECK_FALSE(dialogue->closed());
  send(pingreq);
  now += seconds{15} + Duration{1};
  dialogue->check_time(now);
  CHECK(closed_for(CloseKind::silent, "keep-alive of 10 s"));
}

TEST_CASE_FIXTURE(Story, "3.1.2.10: a keep-alive of 0 allows any silence, and so does our own") {
  start();
  send(connect("c", "", "", 0));
  now = std::chrono::hours{100};
  dialogue->check_time(now);
  CHECK_FALSE(dialogue->closed());
  start();
  send(connect("c", "", "", 10));
  now += std::chrono::hours{1};
  dialogue->excuse_silence(now);
  dialogue->check_time(now);
  CHECK_FALSE(dialogue->closed());
}

TEST_CASE_FIXTURE(Story, "3.3: publishes arrive in order, whole, however they are cut") {
  const Bytes bytes = publish("a", "1") + publish("b/c", "22", 7) +
                      packet(0x3B, text_field("d") + id_field(8) + "333") + publish("e", "");
  const std::string expected = "[a=1 q0 #0][b/c=22 q1 #7][d=333 q1 #8][e= q0 #0]";
  for (std::size_t piece = 1; piece <= bytes.size(); ++piece) {
    start_connected();
    for (std::size_t from = 0; from < bytes.size(); from += piece) {
      send(BytesView(bytes).substr(from, piece));
    }
    CHECK(told == expected);
    CHECK_FALSE(dialogue->closed());
  }
}

TEST_CASE_FIXTURE(Story, "3.3.1: QoS 3 and a duplicate of QoS 0 close the connection") {
  start_connected();
  send(packet(0x36, text_field("t") + id_field(1)));
  CHECK(closed_for(CloseKind::violation, "3.3.1-4"));
  start_connected();
  send(packet(0x38, text_field("t")));
  CHECK(closed_for(CloseKind::violation, "3.3.1-2"));
}

TEST_CASE_FIXTURE(Story, "4.3.3: PUBREL releases and is answered by PUBCOMP, known or not") {
  start_connected();
  send(packet(0x34, text_field("t") + id_field(9) + "x") + pubrel(9) + pubrel(1000));
  CHECK(told == "[t=x q2 #9]release 9release 1000");
  CHECK(sent() == pubcomp(9) + pubcomp(1000));
}

TEST_CASE_FIXTURE(Story, "3.4 to 3.7: what the client acknowledges is told") {
  start_connected();
  send(puback(1) + pubrec(2) + pubcomp(2));
  CHECK(told == "PUBACK 1PUBREC 2PUBCOMP 2");
  CHECK(sent().empty());
  dialogue->send_release(2);
  CHECK(sent() == pubrel(2));
}

TEST_CASE_FIXTURE(Story, "who releases no message of QoS 2 is closed") {
  start_connected();
  send(packet(0x34, text_field("overfull") + id_field(9)));
  CHECK(closed_for(CloseKind::violation, "does not release"));
}

TEST_CASE_FIXTURE(Story, "3.3.2-2: topics are text, not empty, without wildcards") {
  for (const std::string_view topic : {"", "a/#", "+/b", "\xFF"}) {
    CAPTURE(topic);
    start_connected();
    send(publish(topic, "x"));
    CHECK(dialogue->closed());
    CHECK(dialogue->close_kind() == CloseKind::violation);
    CHECK(told.empty());
  }
}

TEST_CASE_FIXTURE(Story, "3.3.2: PUBLISH shorter than its topic closes the connection") {
  for (const Bytes& body : {Bytes(), Bytes("\0", 1), Bytes("\0\x05tops", 6)}) {
    start_connected();
    send(packet(0x30, body));
    CHECK(closed_for(CloseKind::violation, "shorter"));
  }
}

TEST_CASE_FIXTURE(Story, "a payload and a topic at their limits pass, one byte more is refused") {
  limits.payload_bytes_max = 1000;
  limits.topic_bytes_max = 10;
  start_connected();
  send(publish("0123456789", std::string(1000, 'p'), 1));
  CHECK_FALSE(dialogue->closed());
  CHECK(told.starts_with("[0123456789=ppp"));
  send(publish("t", std::string(1001, 'p'), 2));
  CHECK(closed_for(CloseKind::oversized, "payload of 1001 bytes is over the limit of 1000"));
  start_connected();
  send(publish("0123456789x", "p"));
  CHECK(closed_for(CloseKind::oversized, "topic of 11 bytes is over the limit of 10"));
}

TEST_CASE_FIXTURE(Story, "a packet over its limit is refused before it arrives") {
  limits.payload_bytes_max = 1000;
  start_connected();
  send("\x30\xFF\xFF\xFF\x7F");
  CHECK(closed_for(CloseKind::oversized, "PUBLISH of 268435455 bytes: the payload may have 1000"));
  start_connected();
  send("\x82\x81\x80\x01");
  CHECK(closed_for(CloseKind::oversized, "SUBSCRIBE of 16385 bytes is over the limit of 16384"));
  start();
  send({"\x10\x81\x80\x01\0\4MQTT\4", 11});
  CHECK(closed_for(CloseKind::oversized, "CONNECT of 16385 bytes is over the limit of 16384"));
}

TEST_CASE_FIXTURE(Story, "a topic that is not the client's closes the connection by name") {
  start_connected();
  send(publish("allowed", "1", 1) + publish("forbidden", "2", 2) + publish("allowed", "3", 3));
  CHECK(told == "[allowed=1 q1 #1][forbidden=2 q1 #2]");
  CHECK(closed_for(CloseKind::forbidden, "\"forbidden\""));
}

TEST_CASE_FIXTURE(Story, "3.8: SUBSCRIBE is answered by a code for each filter, in order") {
  start_connected();
  send(packet(0x82, id_field(0x0102) + text_field("mine") + Bytes(1, '\2') + text_field("a/#") +
                        Bytes(1, '\1') + text_field("mine") + Bytes(1, '\0')));
  CHECK(sent() == Bytes("\x90\x05\x01\x02\x01\x80\x00", 7));
  CHECK(told == "subscribe minesubscribe a/#subscribe mine");
}

TEST_CASE_FIXTURE(Story, "3.8.3, 3.10.3: a list of filters is well-formed and not empty") {
  for (const Bytes& bytes :
       {packet(0x82, id_field(1)), packet(0xA2, id_field(1)), subscribe(1, "mine", 3),
        subscribe(1, "mine", 0x40), subscribe(1, "", 0), subscribe(1, "a#", 0),
        subscribe(1, "a/#/b", 0), subscribe(1, "a+/b", 0), subscribe(1, "\xED\xA0\x80", 0),
        unsubscribe(1, "a#"), packet(0x82, id_field(1) + text_field("mine")), packet(0x82, "\1")}) {
    CAPTURE(to_hex(bytes));
    start_connected();
    send(bytes);
    CHECK(dialogue->closed());
    CHECK(dialogue->close_kind() == CloseKind::violation);
    CHECK(sent().empty());
  }
  for (const char* filter : {"#", "+", "a/+/b", "+/+/#", "/", "a//b"}) {
    CAPTURE(filter);
    start_connected();
    send(subscribe(1, filter, 0));
    CHECK_FALSE(dialogue->closed());
  }
}

TEST_CASE_FIXTURE(Story, "3.10, 3.12, 3.14: UNSUBSCRIBE, PINGREQ and DISCONNECT") {
  start_connected();
  send(unsubscribe(9, "mine") + pingreq);
  CHECK(sent() == Bytes("\xB0\x02\x00\x09\xD0\x00", 6));
  CHECK(told == "unsubscribe mine");
  send(disconnect + publish("t", "after"));
  CHECK(closed_for(CloseKind::disconnected, "disconnected"));
  CHECK(told == "unsubscribe minegoodbye 0");
  start_connected();
  send(packet(0xC0, "x"));
  CHECK(closed_for(CloseKind::violation, "has a body"));
  start_connected();
  send(packet(0xE0, "x"));
  CHECK(closed_for(CloseKind::violation, "longer"));
}

TEST_CASE_FIXTURE(Story, "3.3: a message to the client has its flags") {
  start_connected();
  CHECK(send_out("mine", "a") == publish("mine", "a"));
  CHECK(send_out("mine", "b", 1, 7) == publish("mine", "b", 7));
  Outgoing message;
  message.topic = "t";
  message.payload = "x";
  message.qos = 2;
  message.packet_id = 9;
  message.retain = true;
  message.duplicate = true;
  // What only 5.0 has is left out.
  message.properties = "\x01\x01";
  message.expiry_s = 5;
  dialogue->send(message);
  CHECK(sent() == packet(0x3D, text_field("t") + id_field(9) + "x"));
}

TEST_CASE_FIXTURE(Story, "3.2.2-2: CONNACK says whether there was a session") {
  answer.session_present = true;
  start();
  send(connect("c"));
  CHECK(sent() == Bytes("\x20\2\1\0", 4));
  answer.reason = Reason::not_authorized;
  start();
  send(connect("c"));
  CHECK(sent() == connack(ConnectReturn::not_authorized));
}

}  // namespace cauce::gateway::mqtt
