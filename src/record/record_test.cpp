#include <doctest/doctest.h>

#include <cmath>
#include <fstream>
#include <functional>
#include <limits>

#include "base/names.h"
#include "record/fact.h"
#include "record/message.h"
#include "record/reading.h"

namespace cauce::record {
namespace {

// The values of contract/golden/*.json.
Message golden_message() {
  return {"acme",
          "mote-1",
          "devices/mote-1/telemetry",
          from_microseconds(1'795'304'920'250'000),
          "application/json",
          R"({"t":21.5})"};
}

Reading golden_reading() {
  return {"acme",
          "mote-1",
          "t",
          from_microseconds(1'795'304'919'000'000),
          from_microseconds(1'795'304'920'250'000),
          21.5,
          "Cel",
          Quality::good,
          {3, 72'623'859'790'382'856, 2, 1}};
}

Undecodable golden_undecodable() {
  return {"acme",        "mote-1",  from_microseconds(1'795'304'920'250'000),
          {0, 41, 0, 0}, "decrypt", "no key 7 for this device"};
}

Fact golden_fact() {
  return {"acme",
          "madrid",
          "cold room",
          "mote-1",
          "thermometer",
          "temperature",
          from_microseconds(1'795'304'919'000'000),
          from_microseconds(1'795'304'920'250'000),
          -40.25,
          "Cel",
          Quality::uncertain,
          {3, 72'623'859'790'382'856, 2, 1}};
}

Bytes golden(const std::string& name) {
  std::ifstream file{GOLDEN_DIRECTORY "/" + name + ".hex"};
  std::string line;
  REQUIRE(std::getline(file, line));
  Bytes bytes;
  REQUIRE(from_hex(line, bytes));
  return bytes;
}

Bytes with_byte(Bytes bytes, std::size_t offset, int value) {
  bytes.at(offset) = char(value);
  return bytes;
}

template <class Decode>
void refuses_every_cut_and_tail(const Bytes& bytes, Decode decode) {
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    const auto cut = decode(BytesView{bytes}.substr(0, size));
    REQUIRE_FALSE(cut);
    CHECK(cut.error().outcome == Outcome::invalid);
  }
  CHECK(decode(bytes + '\0').error().outcome == Outcome::invalid);
}

}  // namespace

TEST_CASE("records are written as the golden files and read back from them") {
  CHECK(to_hex(encode(golden_message())) == to_hex(golden("message")));
  CHECK(decode_raw(golden("message"))->message == golden_message());
  CHECK(to_hex(encode(Tick{from_microseconds(1'795'304'921'000'000)})) == to_hex(golden("tick")));
  CHECK(decode_raw(golden("tick"))->kind == RawKind::tick);
  CHECK(to_hex(encode(golden_reading())) == to_hex(golden("reading")));
  CHECK(std::get<Reading>(*decode_reading(golden("reading"))) == golden_reading());
  CHECK(to_hex(encode(golden_undecodable())) == to_hex(golden("undecodable")));
  CHECK(std::get<Undecodable>(*decode_reading(golden("undecodable"))) == golden_undecodable());
  CHECK(to_hex(encode(golden_fact())) == to_hex(golden("fact")));
  CHECK(*decode_fact(golden("fact")) == golden_fact());
}

TEST_CASE("a tick is the same in raw and in readings") {
  const auto tick = decode_reading(golden("tick"));
  REQUIRE(tick);
  CHECK(std::get<Tick>(*tick).at == from_microseconds(1'795'304'921'000'000));
}

TEST_CASE("a record that is cut anywhere or has a tail is refused") {
  refuses_every_cut_and_tail(golden("message"), decode_raw);
  refuses_every_cut_and_tail(golden("tick"), decode_raw);
  refuses_every_cut_and_tail(golden("reading"), decode_reading);
  refuses_every_cut_and_tail(golden("undecodable"), decode_reading);
  refuses_every_cut_and_tail(golden("fact"), decode_fact);
}

TEST_CASE("an unknown kind or version is refused and named") {
  for (const char* name : {"message", "tick", "reading", "undecodable", "fact"}) {
    const Bytes newer = with_byte(golden(name), 1, 2);
    CHECK_FALSE(decode_raw(newer));
    CHECK_FALSE(decode_reading(newer));
    CHECK_FALSE(decode_fact(newer));
  }
  CHECK(decode_raw(with_byte(golden("message"), 1, 2)).error().message.find("version 2") !=
        std::string::npos);
  CHECK_FALSE(decode_raw(golden("reading")));
  CHECK_FALSE(decode_raw(golden("fact")));
  CHECK_FALSE(decode_reading(golden("message")));
  CHECK_FALSE(decode_fact(golden("reading")));
  CHECK(decode_raw(with_byte(golden("message"), 0, 99)).error().message.find("kind 99") !=
        std::string::npos);
}

TEST_CASE("a message of the largest size goes both ways and one byte more is refused") {
  Message message = golden_message();
  const auto limited = {std::pair{&message.device, name_bytes_max},
                        {&message.topic, topic_bytes_max},
                        {&message.content_type, content_type_bytes_max},
                        {&message.payload, payload_bytes_max}};
  for (const auto& [field, bytes_max] : limited)
    field->assign(bytes_max, '\xff');
  REQUIRE(check(message));
  CHECK(decode_raw(encode(message))->message == message);
  for (const auto& [field, bytes_max] : limited) {
    field->push_back('x');
    const auto refused = check(message);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.find(std::to_string(bytes_max)) != std::string::npos);
    field->pop_back();
  }
}

TEST_CASE("a message may be empty in all that is not its company") {
  const Message message{"open", "", "", from_microseconds(0), "", ""};
  REQUIRE(check(message));
  CHECK(decode_raw(encode(message))->message == message);
}

TEST_CASE("a topic is any bytes: no UTF-8 a device may send is lost") {
  Message message = golden_message();
  message.topic = "sensores/año/日本/\xf0\x9f\x8c\x8a";
  message.device = "paho/5 'x'";
  message.payload = Bytes("\0\xff\0{", 4);
  CHECK(decode_raw(encode(message))->message == message);
}

TEST_CASE("a length over its limit is refused by name although the bytes are there") {
  Message message = golden_message();
  Bytes bytes = encode(message);
  // The device's length stands behind head, time and company; 65 bytes follow it in any case.
  const std::size_t device_length = 2 + 8 + 1 + 4;
  const auto refused = decode_raw(with_byte(bytes, device_length, 65));
  REQUIRE_FALSE(refused);
  CHECK(refused.error().outcome == Outcome::invalid);

  Bytes payload_too_long = bytes.substr(0, bytes.size() - message.payload.size() - 4);
  put_sized(payload_too_long, Bytes(payload_bytes_max + 1, 'x'));
  const auto too_long = decode_raw(payload_too_long);
  REQUIRE_FALSE(too_long);
  CHECK(too_long.error().message.find("payload has 1048577 bytes") != std::string::npos);
}

TEST_CASE("every kind of value goes both ways") {
  for (const Value& value :
       {Value{0.0}, Value{-1e308}, Value{5e-324}, Value{true}, Value{false}, Value{std::string{}},
        Value{std::string("abierta")}, Value{std::string(text_value_bytes_max, '\xff')}}) {
    Reading reading = golden_reading();
    reading.value = value;
    REQUIRE(check(reading));
    CHECK(std::get<Reading>(*decode_reading(encode(reading))) == reading);
    Fact fact = golden_fact();
    fact.value = value;
    CHECK(*decode_fact(encode(fact)) == fact);
  }
}

TEST_CASE("what a payload may have chosen is checked by field") {
  struct Case {
    const char* named;
    std::function<void(Reading&)> change;
  };
  const Case cases[] = {
      {"value", [](Reading& r) { r.value = std::nan(""); }},
      {"value", [](Reading& r) { r.value = std::numeric_limits<double>::infinity(); }},
      {"value", [](Reading& r) { r.value = std::string(text_value_bytes_max + 1, 'x'); }},
      {"metric", [](Reading& r) { r.metric = ""; }},
      {"metric", [](Reading& r) { r.metric = "/t"; }},
      {"metric", [](Reading& r) { r.metric = std::string(metric_bytes_max + 1, 'x'); }},
      {"unit", [](Reading& r) { r.unit = std::string(unit_bytes_max + 1, 'x'); }},
      {"time", [](Reading& r) { r.time = time_max; }},
      {"time", [](Reading& r) { r.time = from_microseconds(-1); }},
      {"quality", [](Reading& r) { r.quality = Quality{3}; }},
      {"company", [](Reading& r) { r.company = "../etc"; }},
      {"device", [](Reading& r) { r.device = "a/b"; }},
  };
  for (const Case& one : cases) {
    CAPTURE(one.named);
    Reading reading = golden_reading();
    one.change(reading);
    const auto refused = check(reading);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().outcome == Outcome::invalid);
    CHECK(refused.error().message.find(one.named) != std::string::npos);
  }
}

TEST_CASE("stored values that no encoder writes are refused") {
  const Bytes reading = golden("reading");
  const std::size_t quality = 2 + 8 + 8 + 20;
  CHECK_FALSE(decode_reading(with_byte(reading, quality, 3)));
  CHECK_FALSE(decode_reading(with_byte(reading, quality + 1, 3)));  // an unknown type of value
  // The highest bytes of the double: an infinity.
  const Bytes infinite = with_byte(with_byte(reading, quality + 9, 0x7f), quality + 8, 0xf0);
  CHECK_FALSE(decode_reading(infinite));
  Reading truth = golden_reading();
  truth.value = true;
  CHECK_FALSE(decode_reading(with_byte(encode(truth), quality + 2, 2)));
  // The highest byte of the time: before 1970.
  CHECK_FALSE(decode_reading(with_byte(reading, 9, 0x80)));
}

TEST_CASE("a reason is cut, never refused") {
  Undecodable undecodable = golden_undecodable();
  undecodable.reason.assign(reason_bytes_max + 5000, 'x');
  const auto decoded = decode_reading(encode(undecodable));
  REQUIRE(decoded);
  CHECK(std::get<Undecodable>(*decoded).reason == std::string(reason_bytes_max, 'x'));
}

TEST_CASE("a fact may belong to no site, area or type") {
  Fact fact = golden_fact();
  fact.site = fact.area = fact.device_type = fact.unit = "";
  REQUIRE(check(fact));
  CHECK(*decode_fact(encode(fact)) == fact);
  fact.site = "no/name";
  CHECK_FALSE(check(fact));
  fact.site = "";
  fact.area.assign(area_bytes_max + 1, 'x');
  CHECK_FALSE(check(fact));
}

TEST_CASE("encoding takes one allocation") {
  Message message = golden_message();
  message.payload.assign(1000, 'x');
  const Bytes bytes = encode(message);
  CHECK(bytes.capacity() == bytes.size());
  const Bytes reading = encode(golden_reading());
  CHECK(reading.capacity() == reading.size());
  const Bytes fact = encode(golden_fact());
  CHECK(fact.capacity() == fact.size());
}

TEST_CASE("origins are ordered by partition, position, index and replay") {
  CHECK(Origin{0, 9, 9, 9} < Origin{1, 0, 0, 0});
  CHECK(Origin{0, 1, 9, 9} < Origin{0, 2, 0, 0});
  CHECK(Origin{0, 1, 1, 9} < Origin{0, 1, 2, 0});
  CHECK(Origin{0, 1, 1, 0} < Origin{0, 1, 1, 1});
}

TEST_CASE("a series is read back from its text, levels of the metric included") {
  for (const Series& series :
       {Series{"acme", "mote-1", "temperature"}, Series{"a", "b", "motor/left/speed"}}) {
    const auto back = parse_series(to_text(series));
    REQUIRE(back);
    CHECK(*back == series);
  }
  CHECK(to_text(series_of(golden_fact())) == "acme/mote-1/temperature");
  CHECK(to_text(series_of(golden_reading())) == "acme/mote-1/t");
  const Series longest{std::string(name_bytes_max, 'a'), std::string(name_bytes_max, 'b'),
                       std::string(metric_bytes_max, 'c')};
  CHECK(to_text(longest).size() == series_bytes_max);
  for (const char* text : {"", "acme", "acme/mote-1", "acme/mote-1/", "/mote-1/t", "acme//t",
                           "acme/mote-1//t", "acme/mo te/t"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_series(text));
  }
}

TEST_CASE("a device has one topic up and one down") {
  CHECK(telemetry_topic("mote-1") == "devices/mote-1/telemetry");
  CHECK(commands_topic("mote-1") == "devices/mote-1/commands");
}

}  // namespace cauce::record
