// Devices that show a certificate, through real TLS; and two tokens at a time.
#include "gateway/certificates.h"

#include <doctest/doctest.h>

#include "gateway/doors_house_test.h"

namespace cauce::gateway {
namespace {

using net::make_certificate;
using net::TestCertificate;

const Bytes accepted = mqtt::connack(ConnectReturn::accepted);
const Bytes refused = mqtt::connack(ConnectReturn::not_authorized);
const Bytes nameless = mqtt::connect("c");

struct Gate : Doors {
  TestCertificate authority = make_certificate("Acme Devices", {.is_authority = true});
  TestCertificate mote = make_certificate("mote-1", {}, &authority);

  Gate() { trust(authority.der()); }
  void trust(const Bytes& der, const std::string& company = "acme") {
    REQUIRE(business->update(business::Company{company, company, der}));
    pass(std::chrono::milliseconds{100});
  }
  void change(const business::Device& device) {
    REQUIRE(business->update(device));
    pass(std::chrono::milliseconds{100});
  }
  net::TlsTestClient dial(const TestCertificate& shown) {
    net::TlsTestClient client(*loop, mqtt_tls, {.certificate = &shown});
    REQUIRE(client.shake_hands());
    return client;
  }
  // What CONNECT is answered.
  Bytes answer(const TestCertificate& shown, const Bytes& connect = nameless) {
    net::TlsTestClient client = dial(shown);
    client.send(connect);
    CHECK(client.run_until_received(accepted.size()));
    return client.received();
  }
  net::TlsTestClient admitted(const TestCertificate& shown) {
    net::TlsTestClient client = dial(shown);
    client.send(nameless);
    CHECK(client.run_until_received(accepted.size()));
    CHECK(client.take_received() == accepted);
    return client;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Gate, "a device is admitted by what its company's authority signed") {
  net::TlsTestClient client = admitted(mote);
  client.send(mqtt::publish("devices/mote-1/telemetry", "21.5", 7));
  CHECK(client.run_until([&] {
    sync();
    return client.received() == mqtt::puback(7);
  }));
  const auto records = stored();
  REQUIRE(records.size() == 1);
  CHECK(records[0].message.company == "acme");
  CHECK(records[0].message.device == "mote-1");
}

TEST_CASE_FIXTURE(Gate, "a certificate opens its own device's topics and no other's") {
  net::TlsTestClient client = admitted(mote);
  client.send(mqtt::publish("devices/mote-2/telemetry", "21.5", 7));
  CHECK(client.run_until_closed());
  CHECK(stored().empty());
}

TEST_CASE_FIXTURE(Gate, "the user name of a certificate is its device, or none") {
  const auto named = [](const std::string& user) {
    return mqtt::raw_connect(4, 0x82, 60, mqtt::text_field("c") + mqtt::text_field(user));
  };
  CHECK(answer(mote, named("mote-1")) == accepted);
  CHECK(answer(mote, named("mote-2")) == refused);
}

TEST_CASE_FIXTURE(Gate, "who sends a password is admitted by that alone") {
  CHECK(answer(mote, mqtt::connect("c", "mote-2", "token of mote-2")) == accepted);
  CHECK(answer(mote, mqtt::connect("c", "mote-1", "wrong")) == refused);
}

TEST_CASE_FIXTURE(Gate, "what another authority signed, and what none did, is refused") {
  const TestCertificate impostor = make_certificate("Acme Devices", {.is_authority = true});
  CHECK(answer(make_certificate("mote-1", {}, &impostor)) == refused);
  CHECK(answer(make_certificate("mote-1")) == refused);
  CHECK(answer(authority) == refused);
  CHECK(answer(make_certificate("unknown", {}, &authority)) == refused);
}

TEST_CASE_FIXTURE(Gate, "an authority vouches for the devices of its own company alone") {
  const TestCertificate theirs = make_certificate("Other Devices", {.is_authority = true});
  trust(theirs.der(), "other");
  // The other company has no device of this name.
  CHECK(answer(make_certificate("mote-1", {}, &theirs)) == refused);
  CHECK(answer(mote) == accepted);
}

TEST_CASE_FIXTURE(Gate, "a certificate is judged by the clock at each connect") {
  CHECK(answer(mote) == accepted);
  clock.advance(std::chrono::seconds{3600});
  CHECK(answer(mote) == refused);
}

TEST_CASE_FIXTURE(Gate, "a disabled device is refused, and its connection closed") {
  net::TlsTestClient client = admitted(mote);
  business::Device disabled = device("mote-1");
  disabled.enabled = false;
  change(disabled);
  CHECK(client.run_until_closed());
  CHECK(answer(mote) == refused);
}

TEST_CASE_FIXTURE(Gate, "revoked certificates lose their connections, later ones do not") {
  net::TlsTestClient client = admitted(mote);
  net::TestTerms later;
  later.from_s += 60;
  const TestCertificate renewed = make_certificate("mote-1", later, &authority);
  net::TlsTestClient other(*loop, mqtt_tls, {.certificate = &renewed});
  REQUIRE(other.shake_hands());
  other.send(mqtt::connect("another id"));
  CHECK(other.run_until_received(accepted.size()));
  business::Device revoked = device("mote-1");
  revoked.certificates_since = from_microseconds(later.from_s * 1'000'000);
  change(revoked);
  CHECK(client.run_until_closed());
  CHECK(answer(mote) == refused);
  CHECK_FALSE(other.closed());
  CHECK(answer(renewed) == accepted);
}

TEST_CASE_FIXTURE(Gate, "who the old authority admitted goes when there is another one") {
  net::TlsTestClient client = admitted(mote);
  const TestCertificate next = make_certificate("Acme Devices", {.is_authority = true});
  trust(next.der());
  CHECK(client.run_until_closed());
  CHECK(answer(mote) == refused);
  CHECK(answer(make_certificate("mote-1", {}, &next)) == accepted);
}

TEST_CASE_FIXTURE(Gate, "a certificate admits by HTTP, when there is no other authorization") {
  const auto post = [&](const TestCertificate& shown, const std::string& device_name,
                        const std::string& header) {
    net::TlsTestClient client(*loop, http_tls, {.certificate = &shown});
    REQUIRE(client.shake_hands());
    client.send("POST /api/v1/devices/" + device_name +
                "/messages HTTP/1.1\r\nHost: cauce\r\nContent-Length: 4\r\n" + header + "\r\n21.5");
    CHECK(client.run_until([&] {
      sync();
      return client.received().find("\r\n\r\n") != Bytes::npos;
    }));
    return client.received().substr(9, 3);
  };
  CHECK(post(mote, "mote-1", "") == "200");
  CHECK(post(mote, "mote-2", "") == "401");
  CHECK(post(mote, "mote-1", "Authorization: Bearer wrong\r\n") == "401");
  CHECK(post(make_certificate("mote-1"), "mote-1", "") == "401");
}

TEST_CASE_FIXTURE(House, "two tokens admit a device until the earlier one is ended") {
  start();
  TestClient old = connect("mote-1", "old");
  business::Device rolled = device("mote-1");
  rolled.earlier_token_hash = rolled.token_hash;
  rolled.token_hash = crypto::sha256("next");
  REQUIRE(business->update(rolled));
  pass(std::chrono::milliseconds{100});
  CHECK_FALSE(old.closed());
  TestClient again = connect("mote-1", "again");
  TestClient next = dial();
  next.send(mqtt::connect("next", "mote-1", "next"));
  CHECK(next.run_until_received(accepted.size()));
  CHECK(next.received() == accepted);
  rolled.earlier_token_hash.clear();
  REQUIRE(business->update(rolled));
  pass(std::chrono::milliseconds{100});
  CHECK(old.run_until_closed());
  CHECK(again.run_until_closed());
  CHECK_FALSE(next.closed());
}

}  // namespace cauce::gateway
