// Devices that send by CoAP with a shared key, through real DTLS.
#include <doctest/doctest.h>

#include "gateway/coap/house_test.h"
#include "gateway/coap/ingest.h"

namespace cauce::gateway {
namespace {

const std::string topic_1 = "devices/mote-1/telemetry";
using Texts = std::vector<std::string>;

const Bytes first_key = "the first key of mote-1";
const Bytes second_key = "the second key of mote-1";
const Bytes other_key = "the key of mote-2, another";

struct Sealed : CoapHouse {
  metrics::Metrics metrics;

  Sealed() {
    options.meters = Meters::in(metrics);
    give("mote-1", {{1, first_key}});
    give("mote-2", {{1, other_key}});
  }

  // The gateway counts until it goes.
  ~Sealed() { gateway.reset(); }

  void give(const std::string& name, const std::vector<business::SharedKey>& keys,
            bool enabled = true) {
    business::Device changed = device(name);
    changed.shared_keys = keys;
    changed.enabled = enabled;
    REQUIRE(business->update(changed));
  }
  TestDatagrams dial_sealed() { return TestDatagrams(*loop, coaps_address); }
  static net::TestDtls shows(const Bytes& key, const std::string& identity = "acme/mote-1") {
    return {identity, key};
  }
  // Without a token.
  static TestMessage bare(const Bytes& payload, std::uint16_t id = 1,
                          const std::string& device_name = "mote-1") {
    TestMessage message = post(payload, id, device_name);
    message.options.pop_back();
    return message;
  }
  // What is answered to it; what is taken becomes durable meanwhile.
  std::string ask(DtlsTestClient& client, const TestMessage& message) {
    client.send(message.bytes());
    settle_socket();
    sync();
    const Bytes answer = client.next();
    return answer.empty() ? "" : text_of(answer);
  }
  // Lets the loop take what was sent.
  void settle_socket() {
    for (int turn = 0; turn < 20; ++turn)
      loop->run_ready();
  }
  std::string page() const { return metrics.text(); }
};

}  // namespace

TEST_CASE_FIXTURE(Sealed, "a device with a shared key sends by CoAP without a token") {
  start();
  TestDatagrams raw_socket = dial_sealed();
  DtlsTestClient client(raw_socket, shows(first_key));
  REQUIRE(client.shake_hands());
  client.send(bare("{\"t\":21.5}", 7).bytes());
  await_in_flight(1);
  CHECK(client.next().empty());
  CHECK(messages().empty());
  sync();
  CHECK(text_of(client.next()) == "ACK 2.04 7 tk");
  CHECK(messages() == Texts{topic_1 + "={\"t\":21.5}"});
  CHECK(stored()[0].message.company == "acme");
  CHECK(stored()[0].message.device == "mote-1");
}

TEST_CASE_FIXTURE(Sealed, "a shared key opens its own device's path by CoAP and no other's") {
  start();
  TestDatagrams raw_socket = dial_sealed();
  DtlsTestClient client(raw_socket, shows(first_key));
  REQUIRE(client.shake_hands());
  CHECK(ask(client, bare("1", 1, "mote-2")).starts_with("ACK 4.01 1 tk"));
  CHECK(ask(client, bare("1", 2, "nobody")).starts_with("ACK 4.01 2 tk"));
  CHECK(ask(client, post("1", 3, "mote-1", "wrong")).starts_with("ACK 4.01 3 tk"));
  CHECK(messages().empty());
  CHECK(ask(client, post("1", 4)) == "ACK 2.04 4 tk");
  CHECK(ask(client, bare("2", 5)) == "ACK 2.04 5 tk");
}

TEST_CASE_FIXTURE(Sealed, "by DTLS, too, a message that comes again is stored once") {
  start();
  TestDatagrams raw_socket = dial_sealed();
  DtlsTestClient client(raw_socket, shows(first_key));
  REQUIRE(client.shake_hands());
  CHECK(ask(client, bare("1", 7)) == "ACK 2.04 7 tk");
  CHECK(ask(client, bare("1", 7)) == "ACK 2.04 7 tk");
  CHECK(messages().size() == 1);
}

TEST_CASE_FIXTURE(Sealed, "a session knows the messages of no other session and of no other door") {
  start();
  TestDatagrams raw_socket = dial_sealed();
  DtlsTestClient client(raw_socket, shows(first_key));
  REQUIRE(client.shake_hands());
  CHECK(ask(client, bare("1", 7)) == "ACK 2.04 7 tk");
  DtlsTestClient anew(raw_socket, shows(first_key));
  REQUIRE(anew.shake_hands());
  CHECK(ask(anew, bare("2", 7)) == "ACK 2.04 7 tk");
  CHECK(CoapHouse::ask(post("3", 7)) == "ACK 2.04 7 tk");
  CHECK(messages().size() == 3);
}

TEST_CASE_FIXTURE(Sealed, "a message in blocks comes by DTLS") {
  start();
  TestDatagrams raw_socket = dial_sealed();
  DtlsTestClient client(raw_socket, shows(first_key));
  REQUIRE(client.shake_hands());
  const Bytes payload(1024 + 5, 'p');
  CHECK(ask(client, with(bare(payload.substr(0, 1024), 1), 27, number_bytes(8 | 6))) ==
        "ACK 2.31 1 tk 27=14");
  CHECK(ask(client, with(bare(payload.substr(1024), 2), 27, number_bytes(16 | 6))) ==
        "ACK 2.04 2 tk 27=22");
  CHECK(messages() == Texts{topic_1 + "=" + payload});
}

TEST_CASE_FIXTURE(Sealed, "what is answered by DTLS leaves through its session or not at all") {
  start();
  TestDatagrams raw_socket = dial_sealed();
  DtlsTestClient client(raw_socket, shows(first_key));
  REQUIRE(client.shake_hands());
  client.send(bare("1", 7).bytes());
  await_in_flight(1);
  raw_socket.send(client.goodbye());
  client.exchange();
  CHECK(client.was_told_goodbye());
  sync();
  CHECK(messages().size() == 1);
  pass(seconds{3});
  CHECK(raw_socket.next(20).empty());
  // Nor through the one that came after it.
  DtlsTestClient slow(raw_socket, shows(first_key));
  REQUIRE(slow.shake_hands());
  slow.send(bare("2", 8).bytes());
  await_in_flight(1);
  DtlsTestClient anew(raw_socket, shows(first_key));
  REQUIRE(anew.shake_hands());
  sync();
  pass(seconds{3});
  CHECK(anew.next().empty());
  CHECK(raw_socket.next(20).empty());
  CHECK(messages().size() == 2);
}

TEST_CASE_FIXTURE(Sealed, "a session by DTLS ends within a second of its key, another's does not") {
  start();
  TestDatagrams raw_socket = dial_sealed();
  TestDatagrams other_socket = dial_sealed();
  DtlsTestClient client(raw_socket, shows(first_key));
  DtlsTestClient other(other_socket, shows(other_key, "acme/mote-2"));
  REQUIRE(client.shake_hands());
  REQUIRE(other.shake_hands());
  SUBCASE("which is changed") {
    give("mote-1", {{1, second_key}});
  }
  SUBCASE("which is taken away") {
    give("mote-1", {});
  }
  SUBCASE("whose device is disabled") {
    give("mote-1", {{1, first_key}}, false);
  }
  pass(std::chrono::milliseconds{100});
  CHECK(ask(client, bare("1")).empty());
  CHECK(client.was_told_goodbye());
  CHECK(messages().empty());
  CHECK(ask(other, bare("2", 1, "mote-2")) == "ACK 2.04 1 tk");
  DtlsTestClient anew(raw_socket, shows(first_key));
  CHECK_FALSE(anew.shake_hands());
}

TEST_CASE_FIXTURE(Sealed, "two keys admit a device by DTLS, each by its identity, until one ends") {
  give("mote-1", {{2, second_key}, {1, first_key}});
  start();
  TestDatagrams raw_socket = dial_sealed();
  TestDatagrams next_socket = dial_sealed();
  DtlsTestClient old(raw_socket, shows(first_key));
  DtlsTestClient next(next_socket, shows(second_key, "acme/mote-1/2"));
  REQUIRE(old.shake_hands());
  REQUIRE(next.shake_hands());
  give("mote-1", {{2, second_key}});
  pass(std::chrono::milliseconds{100});
  CHECK(ask(old, bare("1")).empty());
  CHECK(ask(next, bare("2")) == "ACK 2.04 1 tk");
}

TEST_CASE_FIXTURE(Sealed, "a handshake that ends after its key makes no session") {
  start();
  TestDatagrams raw_socket = dial_sealed();
  DtlsTestClient client(raw_socket, shows(first_key));
  raw_socket.send(client.step());
  raw_socket.send(client.step(raw_socket.next()));
  Bytes last;
  while (last.empty())
    last = client.step(raw_socket.next());
  // The flight is cut into its records: the key is named by the first of them.
  const std::size_t first_bytes =
      13 + std::size_t(std::uint8_t(last[11]) << 8 | std::uint8_t(last[12]));
  raw_socket.send(last.substr(0, first_bytes));
  settle_socket();
  give("mote-1", {{1, second_key}});
  pass(std::chrono::milliseconds{100});
  raw_socket.send(last.substr(first_bytes));
  client.exchange();
  CHECK(ask(client, bare("1")).empty());
  CHECK(client.was_told_goodbye());
  CHECK(page().find("cauce_gateway_dtls_handshakes_total{result=\"failed\"} 1") !=
        std::string::npos);
}

TEST_CASE_FIXTURE(Sealed, "a key that was given a moment ago admits by DTLS at once") {
  start();
  give("mote-2", {{1, second_key}});
  TestDatagrams raw_socket = dial_sealed();
  DtlsTestClient client(raw_socket, shows(second_key, "acme/mote-2/2"));
  CHECK_FALSE(client.shake_hands());
  give("mote-2", {{2, second_key}});
  DtlsTestClient again(raw_socket, shows(second_key, "acme/mote-2/2"));
  REQUIRE(again.shake_hands());
  CHECK(ask(again, bare("1", 1, "mote-2")) == "ACK 2.04 1 tk");
}

TEST_CASE_FIXTURE(Sealed, "sessions of DTLS and how handshakes ended are counted") {
  start();
  TestDatagrams raw_socket = dial_sealed();
  TestDatagrams wrong_socket = dial_sealed();
  DtlsTestClient client(raw_socket, shows(first_key));
  DtlsTestClient wrong(wrong_socket, shows(second_key));
  REQUIRE(client.shake_hands());
  CHECK_FALSE(wrong.shake_hands());
  pass(options.coap.dtls.handshake_span_max);
  CHECK(page().find("cauce_gateway_dtls_sessions 1") != std::string::npos);
  CHECK(page().find("cauce_gateway_dtls_handshakes_total{result=\"established\"} 1") !=
        std::string::npos);
  CHECK(page().find("cauce_gateway_dtls_handshakes_total{result=\"late\"} 1") != std::string::npos);
  CHECK(page().find("cauce_gateway_endings_total{reason=\"silent\"} 1") != std::string::npos);
}

}  // namespace cauce::gateway
