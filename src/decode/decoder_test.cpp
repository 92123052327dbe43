#include "decode/decoder.h"

#include <doctest/doctest.h>

#include "crypto/compact.h"
#include "decode/decryptor.h"
#include "decode/fixed_registry.h"
#include "record/reason.h"

namespace cauce::decode {
namespace {

using business::Encryption;
using record::Message;
using record::Origin;
using record::Reading;
using record::Undecodable;

const Time received = *parse_time("2026-11-21T23:48:40Z");
const Origin origin{.partition = 2, .position = 70, .index = 5, .replay = 1};

Bytes key(char fill) {
  return Bytes(crypto::key_bytes, fill);
}

struct Fixture {
  FixedRegistry registry;
  Decoder decoder{registry};
  PayloadDecryptor decryptor{registry};

  Fixture() {
    add_type("acme", "plain", Encryption::none);
    add_type("acme", "secret", Encryption::aes256gcm);
    add_type("rival", "secret", Encryption::aes256gcm);
    add("acme", "mote", "plain", {});
    add("acme", "vault", "secret", {{3, key('a')}});
    add("rival", "vault", "secret", {{3, key('r')}, {9, key('s')}});
    CHECK(registry.refresh());
  }

  void add_type(const std::string& company, const std::string& name, Encryption encryption,
                business::Format format = business::Format::json) {
    business::DeviceType type;
    type.company = company;
    type.name = name;
    type.encryption = encryption;
    type.format = format;
    registry.put(type);
  }

  void add(const std::string& company, const std::string& name, const std::string& type,
           std::vector<business::DeviceKey> keys) {
    business::Device device;
    device.company = company;
    device.name = name;
    device.type = type;
    device.keys = std::move(keys);
    registry.put(device);
    CHECK(registry.refresh());
  }

  std::vector<Reading> readings(const Message& message) {
    const Decoded decoded = decoder.decode(message, origin);
    if (const auto* undecodable = std::get_if<Undecodable>(&decoded)) FAIL(undecodable->reason);
    return std::get<std::vector<Reading>>(decoded);
  }

  Undecodable refusal(const Message& message) {
    const Decoded decoded = decoder.decode(message, origin);
    REQUIRE(std::holds_alternative<Undecodable>(decoded));
    CHECK(record::reason_in_spanish(std::get<Undecodable>(decoded).reason));
    return std::get<Undecodable>(decoded);
  }
};

Message telemetry(std::string company, std::string device, Bytes payload) {
  return {.company = std::move(company),
          .device = device,
          .topic = record::telemetry_topic(device),
          .received_at = received,
          .content_type = {},
          .payload = std::move(payload)};
}

Message sealed(const std::string& company, const std::string& device, std::uint32_t key_id,
               const Bytes& secret, std::string_view plaintext) {
  Message message = telemetry(company, device, {});
  message.payload =
      crypto::seal_compact(key_id, secret, Bytes(crypto::nonce_bytes, 'n'),
                           {message.company, message.device, message.topic}, plaintext);
  return message;
}

const std::string tag_reason =
    "the tag does not match: wrong key, or company, device or topic differ";

}  // namespace

TEST_CASE_FIXTURE(Fixture, "plain values become readings with names, times and origin") {
  const Message message =
      telemetry("acme", "mote", R"([{"t":21.5,"time":1795304919},{"on":true,"t":22}])");
  Reading expected{.company = "acme",
                   .device = "mote",
                   .metric = "t",
                   .time = received - std::chrono::seconds{1},
                   .received_at = received,
                   .value = 21.5,
                   .unit = "",
                   .quality = record::Quality::good,
                   .origin = {2, 70, 0, 1}};
  const auto readings_given = readings(message);
  REQUIRE(readings_given.size() == 3);
  CHECK(readings_given[0] == expected);
  expected.metric = "on";
  expected.time = received;
  expected.value = true;
  expected.origin.index = 1;
  CHECK(readings_given[1] == expected);
  CHECK(readings_given[2].origin.index == 2);
  CHECK(decoder.decode(message, origin) == decoder.decode(message, origin));
}

TEST_CASE_FIXTURE(Fixture, "an encrypted payload is opened with the key it names") {
  CHECK(readings(sealed("acme", "vault", 3, key('a'), R"({"t":4})")).at(0).value ==
        record::Value{4.0});
  add("acme", "vault", "secret", {{3, key('a')}, {4, key('b')}});
  CHECK(readings(sealed("acme", "vault", 4, key('b'), R"({"t":5})")).at(0).value ==
        record::Value{5.0});
}

TEST_CASE_FIXTURE(Fixture, "a device type of SenML is read as SenML, with its units") {
  add_type("acme", "lists", Encryption::none, business::Format::senml);
  add("acme", "lister", "lists", {});
  const auto message = telemetry(
      "acme", "lister", R"([{"bn":"lister:","n":"t","u":"Cel","v":21.5},{"n":"h","v":4}])");
  const auto read = readings(message);
  REQUIRE(read.size() == 2);
  CHECK(read[0].metric == "t");
  CHECK(read[0].unit == "Cel");
  CHECK(read[0].value == record::Value(21.5));
  CHECK(read[0].time == received);
  CHECK(read[1].metric == "h");
  CHECK(read[1].unit.empty());
  CHECK(read[1].origin.index == 1);
  CHECK(refusal(telemetry("acme", "lister", R"({"t":1})")).stage == "parse");
}

TEST_CASE_FIXTURE(Fixture, "a content type that names SenML wins, one that names JSON does not") {
  add_type("acme", "lists", Encryption::none, business::Format::senml);
  add("acme", "lister", "lists", {});
  const std::string pack = R"([{"n":"t","v":21.5}])";
  const auto sent = [](const char* device, Bytes payload, const char* content_type) {
    Message message = telemetry("acme", device, std::move(payload));
    message.content_type = content_type;
    return message;
  };
  for (const char* senml : {"application/senml+json", "Application/SenML+JSON; charset=utf-8"}) {
    CHECK(readings(sent("mote", pack, senml))[0].metric == "t");
  }
  for (const char* other : {"", "application/json", "application/senml+jsonx", "text/plain"}) {
    CHECK(readings(sent("mote", R"({"t":1})", other))[0].metric == "t");
    CHECK(readings(sent("lister", pack, other))[0].metric == "t");
  }
  Message encrypted = sealed("acme", "vault", 3, key('a'), pack);
  encrypted.content_type = "application/senml+json";
  CHECK(readings(encrypted)[0].metric == "t");
}

TEST_CASE_FIXTURE(Fixture, "topics other than telemetry are stored and not decoded") {
  Message message = telemetry("acme", "mote", R"({"t":1})");
  for (const char* topic : {"devices/mote/other", "devices/other/telemetry", "telemetry", "",
                            "devices/mote/telemetry/", "x/devices/mote/telemetry"}) {
    message.topic = topic;
    CHECK(readings(message).empty());
  }
  Message unknown = telemetry("acme", "nobody", "x");
  unknown.topic = "devices/nobody/other";
  CHECK(readings(unknown).empty());
}

TEST_CASE_FIXTURE(Fixture, "what --open admits is decoded only when the device exists") {
  CHECK(readings(telemetry("open", "client-7", "anything")).empty());
  add_type("open", "plain", Encryption::none);
  add("open", "client-7", "plain", {});
  CHECK(readings(telemetry("open", "client-7", R"({"t":1})")).size() == 1);
  CHECK(refusal(telemetry("open", "client-7", "anything")).stage == "parse");
}

TEST_CASE_FIXTURE(Fixture, "an unknown device or type is told at once") {
  const Undecodable unknown = refusal(telemetry("acme", "nobody", R"({"t":1})"));
  CHECK(unknown == Undecodable{"acme",
                               "nobody",
                               received,
                               {2, 70, 0, 1},
                               "identify",
                               "company \"acme\" has no device \"nobody\""});
  CHECK(refusal(telemetry("rival", "mote", R"({"t":1})")).reason ==
        "company \"rival\" has no device \"mote\"");
  add("acme", "odd", "gone", {});
  const Undecodable typeless = refusal(telemetry("acme", "odd", R"({"t":1})"));
  CHECK(typeless.stage == "identify");
  CHECK(typeless.reason ==
        "device \"odd\" is of type \"gone\", which company \"acme\" does not have");
}

TEST_CASE_FIXTURE(Fixture, "a disabled device's acknowledged messages are decoded") {
  business::Device device = *registry.device("acme", "mote");
  device.enabled = false;
  registry.put(device);
  CHECK(registry.refresh());
  CHECK(readings(telemetry("acme", "mote", R"({"t":1})")).size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "an unknown key is named with those on record") {
  const Undecodable one = refusal(sealed("acme", "vault", 7, key('a'), R"({"t":4})"));
  CHECK(one.stage == "decrypt");
  CHECK(one.reason == "key 7 sent, key 3 on record");
  add("acme", "vault", "secret", {});
  CHECK(refusal(sealed("acme", "vault", 7, key('a'), "{}")).reason ==
        "key 7 sent, no key on record");
  add("acme", "vault", "secret", {{9, key('b')}, {3, key('a')}});
  CHECK(refusal(sealed("acme", "vault", 7, key('a'), "{}")).reason ==
        "key 7 sent, keys 3, 9 on record");
  std::vector<business::DeviceKey> many;
  for (std::uint32_t id = 10; id < 18; ++id)
    many.push_back({id, key('k')});
  add("acme", "vault", "secret", many);
  CHECK(refusal(sealed("acme", "vault", 7, key('a'), "{}")).reason ==
        "key 7 sent, keys 10, 11, 12, 13, 14, 15, 16, 17 on record");
  many.push_back({18, key('k')});
  many.push_back({19, key('k')});
  add("acme", "vault", "secret", many);
  CHECK(refusal(sealed("acme", "vault", 7, key('a'), "{}")).reason ==
        "key 7 sent, keys 10, 11, 12, 13, 14, 15, 16, 17 and 2 more on record");
}

TEST_CASE_FIXTURE(Fixture, "a wrong key, name or byte fails the tag") {
  CHECK(refusal(sealed("acme", "vault", 3, key('x'), R"({"t":4})")).reason == tag_reason);

  Message moved = sealed("acme", "vault", 3, key('a'), R"({"t":4})");
  add("acme", "other", "secret", {{3, key('a')}});
  moved.device = "other";
  moved.topic = record::telemetry_topic("other");
  CHECK(refusal(moved).reason == tag_reason);

  Message changed = sealed("acme", "vault", 3, key('a'), R"({"t":4})");
  for (std::size_t index = crypto::compact_header_bytes; index < changed.payload.size(); ++index) {
    changed.payload[index] = char(changed.payload[index] ^ 1);
    CHECK(refusal(changed).reason == tag_reason);
    changed.payload[index] = char(changed.payload[index] ^ 1);
  }
  CHECK(readings(changed).size() == 1);
}

TEST_CASE_FIXTURE(Fixture, "a foreign company's key is never used") {
  // Sealed with the key that the rival's device of the same name has under the same id …
  CHECK(refusal(sealed("acme", "vault", 3, key('r'), R"({"t":4})")).reason == tag_reason);
  // … or under an id that only the rival's device has.
  CHECK(refusal(sealed("acme", "vault", 9, key('s'), R"({"t":4})")).reason ==
        "key 9 sent, key 3 on record");
  // A payload of the rival's, replayed under our name.
  Message stolen = sealed("rival", "vault", 3, key('r'), R"({"t":4})");
  CHECK(readings(stolen).size() == 1);
  stolen.company = "acme";
  CHECK(refusal(stolen).reason == tag_reason);
  CHECK_FALSE(decryptor.decrypt(stolen));
}

TEST_CASE_FIXTURE(Fixture, "plaintext where ciphertext is due is refused") {
  for (const char* payload : {R"({"t":4})", " \n[{\"t\":4}]", "{"}) {
    Message message = telemetry("acme", "vault", payload);
    message.payload += std::string(40, ' ');
    CHECK(refusal(message).stage == "decrypt");
    CHECK(refusal(message).reason == "plaintext from a device whose type says aes256gcm");
  }
  CHECK(refusal(telemetry("acme", "vault", R"({"t":4})")).reason ==
        "plaintext from a device whose type says aes256gcm");
  CHECK(refusal(telemetry("acme", "vault", "")).reason ==
        "an encrypted payload of 0 bytes is too short: version, key id, nonce and tag alone are 33 "
        "bytes");
  CHECK(refusal(telemetry("acme", "vault", std::string(50, 'x'))).reason ==
        "the payload begins with 120, not with 1, the only version of the compact encrypted form; "
        "is it encrypted at all?");
}

TEST_CASE_FIXTURE(Fixture, "what a payload says wrongly is told, plain or encrypted") {
  CHECK(refusal(telemetry("acme", "mote", R"({"t":[1]})")).stage == "parse");
  CHECK(refusal(sealed("acme", "vault", 3, key('a'), R"({"t":[1]})")).reason ==
        "member \"t\": an array is not a value; send one object for each point in time");
  CHECK(refusal(sealed("acme", "vault", 3, key('a'), "")).stage == "parse");
}

TEST_CASE_FIXTURE(Fixture, "no reason holds a secret") {
  const std::string secret(crypto::key_bytes, 'Z');
  add("acme", "vault", "secret", {{3, secret}});
  for (const Message& message :
       {sealed("acme", "vault", 3, key('x'), "{}"), sealed("acme", "vault", 7, secret, "{}"),
        sealed("acme", "vault", 3, secret, "no json")}) {
    const std::string reason = refusal(message).reason;
    CHECK(reason.find("ZZZZ") == std::string::npos);
    CHECK(reason.find(to_hex(secret).substr(0, 8)) == std::string::npos);
    CHECK(reason.size() <= record::reason_bytes_max);
  }
  add("acme", "vault", "secret", {{3, "ZZZZ"}});
  CHECK(refusal(sealed("acme", "vault", 3, key('x'), "{}")).reason ==
        "key 3 on record has 4 bytes, not 32: give the device a new one");
}

TEST_CASE_FIXTURE(Fixture, "the lake gets what was encrypted and nothing else") {
  CHECK(decryptor.decrypt(sealed("acme", "vault", 3, key('a'), "no json")) == Bytes("no json"));
  CHECK(decryptor.decrypt(sealed("acme", "vault", 3, key('a'), "")) == Bytes());
  CHECK_FALSE(decryptor.decrypt(sealed("acme", "vault", 3, key('x'), "{}")));
  CHECK_FALSE(decryptor.decrypt(telemetry("acme", "mote", "{}")));
  CHECK_FALSE(decryptor.decrypt(telemetry("acme", "vault", "{}")));
  CHECK_FALSE(decryptor.decrypt(telemetry("acme", "nobody", "{}")));

  business::Device device = *registry.device("acme", "vault");
  device.keys = {{8, key('q')}};
  registry.put(device);
  CHECK_FALSE(decryptor.decrypt(sealed("acme", "vault", 8, key('q'), "{}")));
  CHECK(decryptor.refresh());
  CHECK(decryptor.decrypt(sealed("acme", "vault", 8, key('q'), "{}")) == Bytes("{}"));
}

}  // namespace cauce::decode
