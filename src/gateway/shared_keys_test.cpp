// Devices that show a shared key, through real TLS.
#include "gateway/shared_keys.h"

#include <doctest/doctest.h>

#include "gateway/doors_house_test.h"

namespace cauce::gateway {
namespace {

const Bytes accepted = mqtt::connack(ConnectReturn::accepted);
const Bytes refused = mqtt::connack(ConnectReturn::not_authorized);
const Bytes nameless = mqtt::connect("c");
const Bytes first_key = "the first key of mote-1";
const Bytes second_key = "the second key of mote-1";

struct Gate : Doors {
  Gate() { give({{1, first_key}}); }

  void give(const std::vector<business::SharedKey>& keys, bool enabled = true) {
    business::Device changed = device("mote-1");
    changed.shared_keys = keys;
    changed.enabled = enabled;
    REQUIRE(business->update(changed));
    pass(std::chrono::milliseconds{100});
  }
  static net::TestTls shows(const Bytes& key, const std::string& identity = "acme/mote-1",
                            int version = TLS1_3_VERSION) {
    net::TestTls shown{version};
    shown.identity = identity;
    shown.key = key;
    return shown;
  }
  net::TlsTestClient dial(const net::TestTls& shown) {
    net::TlsTestClient client(*loop, mqtt_tls, shown);
    REQUIRE(client.shake_hands());
    return client;
  }
  bool shakes_hands(const net::TestTls& shown) {
    net::TlsTestClient client(*loop, mqtt_tls, shown);
    client.shake_hands();
    client.send(nameless);
    client.run_until([&] { return client.closed() || !client.received().empty(); });
    return !client.received().empty();
  }
  // What CONNECT is answered.
  Bytes answer(const net::TestTls& shown, const Bytes& connect = nameless) {
    net::TlsTestClient client = dial(shown);
    client.send(connect);
    CHECK(client.run_until_received(accepted.size()));
    return client.received();
  }
  net::TlsTestClient admitted(const net::TestTls& shown, const std::string& id = "c") {
    net::TlsTestClient client = dial(shown);
    client.send(mqtt::connect(id));
    CHECK(client.run_until_received(accepted.size()));
    CHECK(client.take_received() == accepted);
    return client;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Gate, "a device is admitted by a key that it shares, and by no password") {
  for (const int version : {TLS1_3_VERSION, TLS1_2_VERSION}) {
    net::TlsTestClient client = admitted(shows(first_key, "acme/mote-1", version));
    client.send(mqtt::publish("devices/mote-1/telemetry", "21.5", 7));
    CHECK(client.run_until([&] {
      sync();
      return client.received() == mqtt::puback(7);
    }));
  }
  const auto records = stored();
  REQUIRE(records.size() == 2);
  CHECK(records[0].message.company == "acme");
  CHECK(records[0].message.device == "mote-1");
}

TEST_CASE_FIXTURE(Gate, "a shared key opens its own device's topics and no other's") {
  net::TlsTestClient client = admitted(shows(first_key));
  client.send(mqtt::publish("devices/mote-2/telemetry", "21.5", 7));
  CHECK(client.run_until_closed());
  CHECK(stored().empty());
}

TEST_CASE_FIXTURE(Gate, "the user name of a shared key is its device, or none") {
  const auto named = [](const std::string& user) {
    return mqtt::raw_connect(4, 0x82, 60, mqtt::text_field("c") + mqtt::text_field(user));
  };
  CHECK(answer(shows(first_key), named("mote-1")) == accepted);
  CHECK(answer(shows(first_key), named("mote-2")) == refused);
  const auto why = identify_by_shared_key(
      *registry, SharedKeys(*registry, random).find("acme/mote-1")->holder, "mote-2");
  CHECK(why.error().message ==
        "its shared key (acme/mote-1) is not admitted: the user name is another: give \"mote-1\" "
        "or none");
}

TEST_CASE_FIXTURE(Gate, "who sends a password beside the key is admitted by that alone") {
  CHECK(answer(shows(first_key), mqtt::connect("c", "mote-2", "token of mote-2")) == accepted);
  CHECK(answer(shows(first_key), mqtt::connect("c", "mote-1", "wrong")) == refused);
}

TEST_CASE_FIXTURE(Gate, "another key, another company and another place end the handshake") {
  for (const int version : {TLS1_3_VERSION, TLS1_2_VERSION}) {
    CHECK(shakes_hands(shows(first_key, "acme/mote-1", version)));
    CHECK_FALSE(shakes_hands(shows(second_key, "acme/mote-1", version)));
    CHECK_FALSE(shakes_hands(shows(first_key, "other/mote-1", version)));
    CHECK_FALSE(shakes_hands(shows(first_key, "acme/mote-2", version)));
    CHECK_FALSE(shakes_hands(shows(first_key, "acme/mote-1/2", version)));
  }
}

TEST_CASE_FIXTURE(Gate, "two keys admit a device, each by its identity, until one is ended") {
  net::TlsTestClient old = admitted(shows(first_key), "old");
  give({{2, second_key}, {1, first_key}});
  net::TlsTestClient next = admitted(shows(second_key, "acme/mote-1/2"), "next");
  CHECK(answer(shows(first_key)) == accepted);
  CHECK_FALSE(old.closed());
  give({{2, second_key}});
  CHECK(old.run_until_closed());
  CHECK_FALSE(next.closed());
  CHECK_FALSE(shakes_hands(shows(first_key)));
  CHECK(answer(shows(second_key, "acme/mote-1/2")) == accepted);
}

TEST_CASE_FIXTURE(Gate, "a key that is replaced loses its connection, also in the same place") {
  net::TlsTestClient client = admitted(shows(first_key));
  net::TlsTestClient silent = dial(shows(first_key));
  give({{1, second_key}});
  CHECK(client.run_until_closed());
  // It has proved to hold the key of before, and says so only now.
  silent.send(nameless);
  CHECK(silent.run_until_received(accepted.size()));
  CHECK(silent.received() == refused);
}

TEST_CASE_FIXTURE(Gate, "a resumed session ends with its key") {
  net::TlsTestClient client = admitted(shows(first_key));
  SSL_SESSION* session = SSL_get1_session(client.channel());
  const net::TestTls resumed{TLS1_3_VERSION, nullptr, session};
  CHECK(answer(resumed) == accepted);
  give({{1, second_key}});
  CHECK(answer(resumed) == refused);
  SSL_SESSION_free(session);
}

TEST_CASE_FIXTURE(Gate, "a disabled device is refused, and its connection closed") {
  net::TlsTestClient client = admitted(shows(first_key));
  give({{1, first_key}}, false);
  CHECK(client.run_until_closed());
  CHECK_FALSE(shakes_hands(shows(first_key)));
}

TEST_CASE_FIXTURE(Gate, "a key that was given a moment ago admits at once") {
  business::Device changed = device("mote-2");
  changed.shared_keys = {{1, second_key}};
  REQUIRE(business->update(changed));
  CHECK(answer(shows(second_key, "acme/mote-2")) == accepted);
}

TEST_CASE_FIXTURE(Gate, "what is no identity has no key, and what nobody has, one of its own") {
  SharedKeys keys(*registry, random);
  CHECK_FALSE(keys.find("mote-1"));
  CHECK_FALSE(keys.find(""));
  const auto known = keys.find("acme/mote-1");
  REQUIRE(known);
  CHECK(known->secret == first_key);
  CHECK_FALSE(known->holder.empty());
  for (const char* nobody : {"acme/mote-2", "acme/nobody", "nowhere/mote-1", "acme/mote-1/2"}) {
    const auto made = keys.find(nobody);
    REQUIRE(made);
    CHECK(made->holder.empty());
    CHECK(made->secret.size() == 32);
    CHECK(made->secret != keys.find(nobody)->secret);
  }
}

TEST_CASE_FIXTURE(Gate, "a shared key admits by HTTP, when there is no other authorization") {
  const auto post = [&](const std::string& device_name, const std::string& header) {
    net::TlsTestClient client(*loop, http_tls, shows(first_key));
    REQUIRE(client.shake_hands());
    client.send("POST /api/v1/devices/" + device_name +
                "/messages HTTP/1.1\r\nHost: cauce\r\nContent-Length: 4\r\n" + header + "\r\n21.5");
    CHECK(client.run_until([&] {
      sync();
      return client.received().find("\r\n\r\n") != Bytes::npos;
    }));
    return client.received().substr(9, 3);
  };
  CHECK(post("mote-1", "") == "200");
  CHECK(post("mote-2", "") == "401");
  CHECK(post("mote-1", "Authorization: Bearer wrong\r\n") == "401");
}

}  // namespace cauce::gateway
