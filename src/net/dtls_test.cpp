#include "net/dtls.h"

#include <doctest/doctest.h>

#include <map>
#include <set>
#include <vector>

#include "net/test_dtls.h"

namespace cauce::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const Bytes key = "a key of sixteen";

// Echoes what it takes; everybody whose name begins with "mote" has the key.
struct Echo : DtlsHandler {
  std::shared_ptr<DtlsServer> server;
  std::vector<Bytes> taken;
  std::vector<DatagramPeer> peers;
  std::set<Bytes> holders;
  std::set<Bytes> invalid;
  std::vector<DtlsEvent> events;
  std::string last_why;

  std::optional<SharedKey> find_shared_key(std::string_view identity) override {
    if (identity.empty() || identity == "malformed") return std::nullopt;
    if (!identity.starts_with("mote")) return SharedKey{"nobody holds this one", {}};
    return SharedKey{key, Bytes(identity)};
  }
  bool is_valid(BytesView holder) override { return !invalid.contains(Bytes(holder)); }
  void on_datagram(const DatagramPeer& peer, BytesView datagram) override {
    taken.emplace_back(datagram);
    peers.push_back(peer);
    holders.insert(server->shared_key_holder(peer));
    server->send(peer, "echo " + Bytes(datagram));
  }
  void on_event(DtlsEvent event, const DatagramPeer&, std::string_view why) override {
    events.push_back(event);
    last_why = why;
  }
};

struct Fixture {
  VirtualClock clock{from_microseconds(1'795'304'920'000'000)};
  SeededRandom random{7};
  std::unique_ptr<Loop> loop = Loop::create();
  Echo echo;
  Address address;

  explicit Fixture(const DtlsLimits& limits = {}, const char* host = "127.0.0.1") {
    auto listener = Listener::bind_datagrams({host, 0});
    REQUIRE(listener);
    address = listener->address();
    auto started = DtlsServer::start(*loop, std::move(*listener), echo, clock, random, limits);
    REQUIRE(started);
    echo.server = *std::move(started);
  }
  ~Fixture() { echo.server.reset(); }

  TestDatagrams dial() { return TestDatagrams(*loop, address); }
  void pass(Duration span) {
    clock.advance(span);
    echo.server->look_around();
  }
  // How often it happened, each time.
  std::size_t count(DtlsEvent event) const {
    return std::size_t(std::count(echo.events.begin(), echo.events.end(), event));
  }
  Bytes answer(DtlsTestClient& client, const Bytes& plaintext) {
    client.send(plaintext);
    return client.next();
  }
};

TestDtls mote(const std::string& name = "mote-1") {
  return {name, key};
}

// A socket with a client that has said its first hello and shows the cookie that it was given.
struct Greeted {
  TestDatagrams raw;
  DtlsTestClient client;
  Bytes first;
  Bytes request;
  Bytes second;  // not sent yet

  Greeted(Fixture& fixture, const TestDtls& shown = mote())
      : raw(*fixture.loop, fixture.address), client(raw, shown), first(client.step()) {
    raw.send(first);
    request = raw.next();
    second = client.step(request);
  }
};

std::vector<Bytes> all_from(TestDatagrams& raw) {
  std::vector<Bytes> datagrams;
  for (Bytes arrived; !(arrived = raw.next(20)).empty();)
    datagrams.push_back(arrived);
  return datagrams;
}

}  // namespace

TEST_CASE("a client with a shared key is known by it, and what it sends is answered to it alone") {
  for (const char* host : {"127.0.0.1", "::1"}) {
    Fixture fixture({}, host);
    TestDatagrams raw = fixture.dial();
    TestDatagrams other_raw = fixture.dial();
    DtlsTestClient client(raw, mote());
    DtlsTestClient other(other_raw, mote("mote-2"));
    REQUIRE(client.shake_hands());
    REQUIRE(other.shake_hands());
    CHECK(fixture.answer(client, "one") == "echo one");
    CHECK(fixture.answer(other, "two") == "echo two");
    CHECK(fixture.answer(client, "three") == "echo three");
    CHECK(fixture.echo.holders == std::set<Bytes>{"mote-1", "mote-2"});
    CHECK(fixture.echo.peers[0] == fixture.echo.peers[2]);
    CHECK(to_text(fixture.echo.peers[0]).find(host) != std::string::npos);
    CHECK(fixture.echo.server->sessions() == 2);
    CHECK(fixture.echo.server->handshakes() == 0);
  }
}

TEST_CASE_FIXTURE(Fixture, "forward secrecy is chosen wherever the client has it") {
  const auto chosen = [&](const char* offered) -> std::string {
    TestDatagrams raw = dial();
    TestDtls shown = mote();
    shown.ciphers = offered;
    DtlsTestClient client(raw, shown);
    if (!client.shake_hands()) return client.alert();
    CHECK(answer(client, "one") == "echo one");
    return SSL_get_cipher_name(client.channel());
  };
  CHECK(chosen("PSK-AES128-CCM8:DHE-PSK-AES128-GCM-SHA256:ECDHE-PSK-CHACHA20-POLY1305") ==
        "ECDHE-PSK-CHACHA20-POLY1305");
  CHECK(chosen("PSK-AES128-CCM8:DHE-PSK-AES128-GCM-SHA256") == "DHE-PSK-AES128-GCM-SHA256");
  CHECK(chosen("PSK-AES128-CCM8") == "PSK-AES128-CCM8");
  CHECK(chosen("PSK-AES128-CBC-SHA:PSK-AES128-GCM-SHA256") == "sslv3 alert handshake failure");
}

TEST_CASE_FIXTURE(Fixture, "DTLS 1.0 is refused") {
  TestDatagrams raw = dial();
  TestDtls shown = mote();
  shown.version = DTLS1_VERSION;
  shown.ciphers = "PSK-AES128-CBC-SHA";
  DtlsTestClient client(raw, shown);
  CHECK_FALSE(client.shake_hands());
  CHECK(echo.server->sessions() == 0);
}

TEST_CASE_FIXTURE(Fixture, "a first message costs nothing and is answered in fewer bytes") {
  for (int number = 0; number < 100; ++number) {
    Greeted greeted(*this);
    CHECK(greeted.request.size() < greeted.first.size());
    CHECK(greeted.request[13] == 3);  // hello_verify_request
  }
  CHECK(echo.server->handshakes() == 0);
  CHECK(echo.events.empty());
}

TEST_CASE_FIXTURE(Fixture, "a cookie is good for the address that it was sent to") {
  Greeted greeted(*this);
  TestDatagrams elsewhere = dial();
  elsewhere.send(greeted.second);
  const auto answers = all_from(elsewhere);
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].size() == greeted.request.size());
  CHECK(echo.server->handshakes() == 0);
  greeted.raw.send(greeted.second);
  greeted.client.exchange();
  CHECK(greeted.client.is_ready());
}

TEST_CASE_FIXTURE(Fixture, "a cookie is good for the client that it was made for") {
  Greeted greeted(*this);
  Bytes another = greeted.second;
  another[13 + 12 + 2] = char(another[13 + 12 + 2] ^ 1);  // of its random bytes
  greeted.raw.send(another);
  CHECK(all_from(greeted.raw).size() == 1);
  CHECK(echo.server->handshakes() == 0);
}

TEST_CASE_FIXTURE(Fixture, "a cookie ends after two spans, not after one") {
  Greeted greeted(*this);
  Greeted late(*this);
  pass(seconds{60});
  greeted.raw.send(greeted.second);
  greeted.client.exchange();
  CHECK(greeted.client.is_ready());
  pass(seconds{60});
  late.raw.send(late.second);
  CHECK(all_from(late.raw).size() == 1);
  CHECK(echo.server->handshakes() == 0);
}

TEST_CASE_FIXTURE(Fixture, "a handshake fits datagrams that every path carries") {
  TestDtls shown = mote();
  shown.ciphers = "DHE-PSK-AES256-GCM-SHA384";
  Greeted greeted(*this, shown);
  greeted.raw.send(greeted.second);
  for (const Bytes& datagram : all_from(greeted.raw))
    CHECK(datagram.size() <= dtls_datagram_bytes_max);
  CHECK(echo.server->handshakes() == 1);
}

TEST_CASE_FIXTURE(Fixture, "each flight may be lost") {
  TestDtls shown = mote();
  shown.timer_us = 100'000;
  Greeted greeted(*this, shown);
  greeted.raw.send(greeted.second);
  const std::size_t flight = all_from(greeted.raw).size();
  REQUIRE(flight > 0);
  // The client asks again meanwhile; it is answered by the clock alone.
  greeted.raw.send(greeted.client.again());
  CHECK(all_from(greeted.raw).empty());
  pass(milliseconds{900});
  CHECK(all_from(greeted.raw).empty());
  pass(milliseconds{100});
  CHECK(all_from(greeted.raw).size() == flight);
  pass(milliseconds{1900});
  CHECK(all_from(greeted.raw).empty());
  pass(milliseconds{100});
  Bytes last;
  for (const Bytes& datagram : all_from(greeted.raw))
    last += greeted.client.step(datagram);
  REQUIRE_FALSE(last.empty());
  // The client's last flight is lost, then the server's.
  greeted.raw.send(greeted.client.again());
  CHECK(all_from(greeted.raw).size() == 1);
  CHECK(count(DtlsEvent::established) == 1);
  greeted.raw.send(greeted.client.again());
  greeted.client.exchange();
  REQUIRE(greeted.client.is_ready());
  CHECK(answer(greeted.client, "one") == "echo one");
}

TEST_CASE_FIXTURE(Fixture, "each datagram may come twice, and a message is taken once") {
  Greeted greeted(*this);
  greeted.raw.send(greeted.first);
  greeted.raw.send(greeted.second);
  greeted.raw.send(greeted.second);
  for (const Bytes& arrived : all_from(greeted.raw)) {
    const Bytes reply = greeted.client.step(arrived);
    greeted.client.step(arrived);
    if (reply.empty()) continue;
    greeted.raw.send(reply);
    greeted.raw.send(reply);
  }
  greeted.client.exchange();
  REQUIRE(greeted.client.is_ready());
  const Bytes one = greeted.client.sealed("one");
  const Bytes two = greeted.client.sealed("two");
  for (const Bytes& datagram : {two, one, one, two, one})
    greeted.raw.send(datagram);
  greeted.client.exchange();
  CHECK(echo.taken == std::vector<Bytes>{"two", "one"});
  CHECK(echo.server->sessions() == 1);
  CHECK(echo.server->handshakes() == 0);
}

TEST_CASE_FIXTURE(Fixture, "garbage changes nothing") {
  TestDatagrams raw = dial();
  DtlsTestClient client(raw, mote());
  REQUIRE(client.shake_hands());
  const Bytes sealed = client.sealed("sealed");
  for (std::size_t size = 0; size < 200; ++size) {
    Bytes damaged = sealed.substr(0, size % sealed.size());
    raw.send(damaged);
    damaged = sealed;
    damaged[size % sealed.size()] = char(damaged[size % sealed.size()] ^ (1 + int(size) % 255));
    raw.send(damaged);
    raw.send(random.bytes(size));
    raw.send("\x16\xFE\xFD" + Bytes(8, '\0') + Bytes("\0\x40\x01", 3) + random.bytes(size));
    raw.send("\x15\xFE\xFD" + Bytes(8, '\0') + Bytes("\0\x02\x02\x28", 4));  // an alert
    loop->run_ready();
  }
  (void)all_from(raw);
  CHECK(echo.taken.empty());
  CHECK(answer(client, "one") == "echo one");
  raw.send(sealed);
  CHECK(client.next() == "echo sealed");
}

TEST_CASE_FIXTURE(Fixture, "who has lost his state replaces his session once he has proved it") {
  TestDatagrams raw = dial();
  DtlsTestClient client(raw, mote());
  REQUIRE(client.shake_hands());
  CHECK(answer(client, "one") == "echo one");
  const DatagramPeer peer = echo.peers[0];
  // A hello without a cookie, and one whose handshake does not end, change nothing.
  DtlsTestClient anew(raw, mote());
  raw.send(anew.step());
  const Bytes hello = anew.step(raw.next());
  CHECK(answer(client, "two") == "echo two");
  raw.send(hello);
  Bytes last;
  for (const Bytes& arrived : all_from(raw))
    last += anew.step(arrived);
  CHECK(echo.server->handshakes() == 1);
  CHECK(answer(client, "three") == "echo three");
  raw.send(last);
  anew.exchange();
  REQUIRE(anew.is_ready());
  CHECK(echo.events == std::vector<DtlsEvent>{DtlsEvent::established, DtlsEvent::session_replaced,
                                              DtlsEvent::established});
  CHECK(answer(anew, "four") == "echo four");
  client.send("five");
  CHECK(anew.next().empty());
  CHECK(echo.taken.size() == 4);
  // It is another session, and what is sent to the one before goes nowhere.
  CHECK(echo.peers.back() != peer);
  echo.server->send(peer, "late");
  CHECK(all_from(raw).empty());
  CHECK(echo.server->shared_key_holder(peer).empty());
}

TEST_CASE_FIXTURE(Fixture,
                  "a client that begins anew in the middle of a handshake goes on with it") {
  Greeted greeted(*this);
  greeted.raw.send(greeted.second);
  CHECK_FALSE(all_from(greeted.raw).empty());
  DtlsTestClient anew(greeted.raw, mote());
  CHECK(anew.shake_hands());
  CHECK(answer(anew, "one") == "echo one");
  CHECK(echo.server->handshakes() == 0);
}

TEST_CASE_FIXTURE(Fixture, "another key ends with its time, and the log names whom it meant") {
  for (const char* name : {"mote-1", "nobody"}) {
    TestDatagrams raw = dial();
    DtlsTestClient client(raw, {name, "another key of 16"});
    CHECK_FALSE(client.shake_hands());
    CHECK(client.alert().empty());
    pass(seconds{9});
    CHECK(echo.server->handshakes() == 1);
    pass(seconds{1});
    CHECK(echo.server->handshakes() == 0);
    CHECK(echo.last_why ==
          "it was not over in time: another key perhaps; it named the key of " + std::string(name));
  }
  CHECK(count(DtlsEvent::handshake_late) == 2);
  CHECK(echo.events.size() == 2);
}

TEST_CASE_FIXTURE(Fixture, "what is no identity is told so") {
  TestDatagrams raw = dial();
  DtlsTestClient client(raw, {"malformed", key});
  CHECK_FALSE(client.shake_hands());
  CHECK(client.alert() == "tlsv1 alert unknown psk identity");
  CHECK(echo.events == std::vector<DtlsEvent>{DtlsEvent::handshake_failed});
  CHECK(echo.server->handshakes() == 0);
}

TEST_CASE("of too many sessions the one that was silent longest ends, and is told so") {
  Fixture fixture({.sessions_max = 2});
  TestDatagrams raw[] = {fixture.dial(), fixture.dial(), fixture.dial()};
  DtlsTestClient one(raw[0], mote("mote-1"));
  DtlsTestClient two(raw[1], mote("mote-2"));
  DtlsTestClient three(raw[2], mote("mote-3"));
  REQUIRE(one.shake_hands());
  REQUIRE(two.shake_hands());
  CHECK(fixture.answer(one, "1") == "echo 1");
  REQUIRE(three.shake_hands());
  CHECK(fixture.echo.server->sessions() == 2);
  CHECK(fixture.count(DtlsEvent::session_displaced) == 1);
  CHECK(fixture.answer(one, "1") == "echo 1");
  CHECK(fixture.answer(three, "3") == "echo 3");
  CHECK(fixture.answer(two, "2").empty());
  CHECK(two.was_told_goodbye());
}

TEST_CASE("a key has so many sessions, and takes none of another's") {
  Fixture fixture({.sessions_max = 4, .sessions_of_key_max = 2});
  TestDatagrams raw[] = {fixture.dial(), fixture.dial(), fixture.dial(), fixture.dial()};
  DtlsTestClient other(raw[0], mote("mote-2"));
  REQUIRE(other.shake_hands());
  DtlsTestClient one(raw[1], mote());
  DtlsTestClient two(raw[2], mote());
  DtlsTestClient three(raw[3], mote());
  for (DtlsTestClient* client : {&one, &two}) {
    fixture.clock.advance(seconds{1});
    REQUIRE(client->shake_hands());
  }
  fixture.clock.advance(seconds{1});
  CHECK(fixture.answer(one, "1") == "echo 1");
  REQUIRE(three.shake_hands());
  CHECK(fixture.echo.server->sessions() == 3);
  CHECK(fixture.answer(two, "2").empty());
  CHECK(fixture.answer(one, "1") == "echo 1");
  CHECK(fixture.answer(other, "o") == "echo o");
}

TEST_CASE("of too many handshakes the oldest ends") {
  Fixture fixture({.handshakes_max = 2});
  Greeted one(fixture);
  Greeted two(fixture);
  Greeted three(fixture);
  for (Greeted* greeted : {&one, &two, &three})
    greeted->raw.send(greeted->second);
  fixture.loop->run_ready();
  CHECK(fixture.echo.server->handshakes() == 2);
  CHECK(fixture.count(DtlsEvent::handshake_displaced) == 1);
  for (Greeted* greeted : {&one, &two, &three})
    greeted->client.exchange();
  CHECK_FALSE(one.client.is_ready());
  CHECK(two.client.is_ready());
  CHECK(three.client.is_ready());
}

TEST_CASE("a handshake takes so many datagrams") {
  Fixture fixture({.handshake_datagrams_max = 5});
  Greeted greeted(fixture);
  greeted.raw.send(greeted.second);
  // A record of the next epoch would be kept until there is a key for it.
  const Bytes early = "\x16\xFE\xFD" + Bytes("\0\x01\0\0\0\0\0\x01\0\x20", 10) + Bytes(32, 'x');
  for (int number = 0; number < 4; ++number)
    greeted.raw.send(early);
  fixture.loop->run_ready();
  CHECK(fixture.echo.server->handshakes() == 1);
  greeted.raw.send(early);
  fixture.loop->run_ready();
  CHECK(fixture.echo.server->handshakes() == 0);
  CHECK(fixture.echo.last_why == "too many datagrams");
}

TEST_CASE_FIXTURE(Fixture, "a client that says goodbye is answered so, and its session is gone") {
  TestDatagrams raw = dial();
  DtlsTestClient client(raw, mote());
  REQUIRE(client.shake_hands());
  raw.send(client.goodbye());
  client.exchange();
  CHECK(client.was_told_goodbye());
  CHECK(echo.server->sessions() == 0);
  CHECK(echo.events.back() == DtlsEvent::session_left);
}

TEST_CASE_FIXTURE(Fixture, "a server that goes says goodbye") {
  TestDatagrams raw = dial();
  DtlsTestClient client(raw, mote());
  REQUIRE(client.shake_hands());
  echo.server.reset();
  client.exchange();
  CHECK(client.was_told_goodbye());
}

TEST_CASE_FIXTURE(Fixture, "renegotiation is refused, and the session goes on") {
  TestDatagrams raw = dial();
  DtlsTestClient client(raw, mote());
  REQUIRE(client.shake_hands());
  REQUIRE(SSL_renegotiate(client.channel()) == 1);
  SSL_do_handshake(client.channel());
  raw.send(client.step());
  client.exchange();
  CHECK(client.alert() == "no renegotiation");
  CHECK(count(DtlsEvent::established) == 1);
}

TEST_CASE_FIXTURE(Fixture, "a session whose holder is valid no more ends when it is judged") {
  TestDatagrams raw = dial();
  TestDatagrams other_raw = dial();
  DtlsTestClient client(raw, mote());
  DtlsTestClient other(other_raw, mote("mote-2"));
  REQUIRE(client.shake_hands());
  REQUIRE(other.shake_hands());
  echo.invalid = {"mote-1"};
  echo.server->judge_sessions();
  CHECK(echo.events.back() == DtlsEvent::session_revoked);
  CHECK(answer(client, "one").empty());
  CHECK(client.was_told_goodbye());
  CHECK(answer(other, "two") == "echo two");
  // Nor does a handshake that began before make one.
  DtlsTestClient anew(raw, mote());
  anew.shake_hands();
  CHECK(echo.events.back() == DtlsEvent::handshake_failed);
  CHECK(echo.server->sessions() == 1);
}

}  // namespace cauce::net
