#include "net/tls.h"

#include <doctest/doctest.h>
#include <stdlib.h>

#include "net/test_tls.h"

namespace cauce::net {
namespace {

struct Log {
  Connection* connection = nullptr;
  Bytes received;
  std::size_t calls = 0;
  std::string closed;
  std::string violation;
  bool answers = true;  // each byte with itself
  std::function<void()> on_bytes = [] {};
};

class EchoHandler final : public Handler {
 public:
  EchoHandler(Log& log, Connection& connection) : log_(log), connection_(connection) {}
  void on_bytes(BytesView bytes) override {
    log_.received.append(bytes);
    ++log_.calls;
    if (log_.answers) connection_.send(bytes);
    log_.on_bytes();
  }
  void on_closed(std::string_view why) override {
    log_.closed = why;
    log_.connection = nullptr;
  }
  void on_violation(std::string_view why) override {
    log_.violation = why;
    log_.connection = nullptr;
  }

 private:
  Log& log_;
  Connection& connection_;
};

struct Fixture {
  std::filesystem::path directory = made_directory();
  TestCertificate certificate = make_certificate("sensors.example");
  TlsFiles files = certificate.write(directory);
  std::unique_ptr<Loop> loop = Loop::create();
  std::shared_ptr<TlsServer> tls;
  Log log;
  Address address;

  Fixture() {
    auto opened = TlsServer::open(files, {.asks_for_certificate = true});
    REQUIRE(opened);
    tls = *opened;
    auto listener = Listener::bind({"127.0.0.1", 0});
    REQUIRE(listener);
    address = listener->address();
    REQUIRE(loop->listen(std::move(*listener), tls->over([this](Connection& connection) {
      log.connection = &connection;
      return std::make_unique<EchoHandler>(log, connection);
    })));
  }
  ~Fixture() { std::filesystem::remove_all(directory); }

  static std::filesystem::path made_directory() {
    std::string name = (std::filesystem::temp_directory_path() / "tls-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    return name;
  }
  TlsTestClient connect(const TestTls& wanted = {}) {
    TlsTestClient client(*loop, address, wanted);
    CHECK(client.shake_hands());
    return client;
  }
  // What the server shows new clients.
  std::string shown_name() {
    TlsTestClient client = connect();
    X509* shown = SSL_get1_peer_certificate(client.channel());
    std::array<char, 64> name{};
    X509_NAME_get_text_by_NID(X509_get_subject_name(shown), NID_commonName, name.data(),
                              int(name.size()));
    X509_free(shown);
    return name.data();
  }
  void replace(const TestCertificate& next) {
    // Another inode, as a proper replacement has, whatever the file system's clock says.
    std::filesystem::remove(files.certificate);
    std::filesystem::remove(files.key);
    next.write(directory);
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "bytes go both ways through TLS 1.3 and 1.2") {
  for (const int version : {TLS1_3_VERSION, TLS1_2_VERSION}) {
    log.received.clear();
    TlsTestClient client = connect({version});
    CHECK(SSL_version(client.channel()) == version);
    client.send("hello");
    CHECK(client.run_until_received(5));
    CHECK(client.received() == "hello");
    CHECK(log.received == "hello");
    client.say_goodbye();
    CHECK(client.run_until([&] { return log.connection == nullptr; }));
    CHECK(log.closed == "the peer closed the connection");
  }
}

TEST_CASE_FIXTURE(Fixture, "many records of one read are one call, and large ones arrive whole") {
  TlsTestClient client = connect();
  log.calls = 0;
  for (int count = 0; count < 50; ++count)
    SSL_write(client.channel(), "0123456789", 10);
  client.send("end");
  CHECK(client.run_until_received(503));
  CHECK(log.calls == 1);
  const Bytes large(300'000, 'x');
  SSL_write(client.channel(), large.data(), int(large.size()));
  const auto pump = [&] { return client.received().size() == 503 + large.size(); };
  std::size_t sent = 0;
  Bytes cipher(std::size_t(BIO_ctrl_pending(SSL_get_wbio(client.channel()))), '\0');
  BIO_read(SSL_get_wbio(client.channel()), cipher.data(), int(cipher.size()));
  CHECK(client.run_until([&] {
    sent += client.raw().send(BytesView(cipher).substr(sent));
    return pump();
  }));
}

TEST_CASE_FIXTURE(Fixture, "older versions and weak ciphers are refused, and the log says why") {
  TlsTestClient old(*loop, address, {TLS1_1_VERSION});
  CHECK_FALSE(old.shake_hands());
  CHECK(log.violation == "the TLS handshake failed: unsupported protocol");
  for (const char* ciphers : {"AES128-SHA", "ECDHE-ECDSA-AES128-SHA", "AES128-GCM-SHA256"}) {
    CAPTURE(ciphers);
    log.violation.clear();
    TlsTestClient weak(*loop, address, {TLS1_2_VERSION, ciphers});
    CHECK_FALSE(weak.shake_hands());
    CHECK(log.violation == "the TLS handshake failed: no shared cipher");
    CHECK(weak.alert().find("handshake failure") != std::string::npos);
  }
}

TEST_CASE_FIXTURE(Fixture,
                  "who does not speak TLS is told nothing and closed, with his first byte") {
  TestClient client(*loop, address);
  client.send("\x10\x0c");
  CHECK(client.run_until_closed());
  CHECK(client.received().empty());
  CHECK(log.violation == "it does not speak TLS: its first byte is 0x10");
}

TEST_CASE_FIXTURE(Fixture, "garbage that begins as a handshake ends it") {
  TestClient client(*loop, address);
  client.send(std::string("\x16\x03\x01\x00\x05", 5) + "zzzzz");
  CHECK(client.run_until_closed());
  CHECK(log.violation.starts_with("the TLS handshake failed: "));
  CHECK(log.received.empty());
}

TEST_CASE_FIXTURE(Fixture, "a handshake that never comes is the handler's to end") {
  TestClient client(*loop, address);
  CHECK(client.run_until([&] { return log.connection != nullptr; }));
  client.send(std::string("\x16\x03\x01", 3));
  loop->run_ready();
  log.connection->close();
  CHECK(client.run_until_closed());
}

TEST_CASE_FIXTURE(Fixture, "a peer that goes in the middle of the handshake is named so") {
  TestClient client(*loop, address);
  CHECK(client.run_until([&] { return log.connection != nullptr; }));
  client.disconnect();
  CHECK(client.run_until([&] { return log.connection == nullptr; }));
  CHECK(log.closed == "before the TLS handshake was over: the peer closed the connection");
}

TEST_CASE_FIXTURE(Fixture, "what was queued before close still arrives, then the goodbye") {
  log.answers = false;
  log.on_bytes = [this] {
    log.connection->send("goodbye");
    log.connection->close();
    log.connection->send("never");
  };
  TlsTestClient client = connect();
  client.send("x");
  CHECK(client.run_until_closed());
  CHECK(client.received() == "goodbye");
  CHECK((SSL_get_shutdown(client.channel()) & SSL_RECEIVED_SHUTDOWN) != 0);
  CHECK(log.closed == "closed");
}

TEST_CASE_FIXTURE(Fixture, "a paused connection is not read until it is resumed") {
  TlsTestClient client = connect();
  log.connection->pause_reading();
  client.send("wait");
  for (int turn = 0; turn < 10; ++turn)
    loop->run_ready();
  CHECK(log.received.empty());
  log.connection->resume_reading();
  CHECK(client.run_until_received(4));
}

TEST_CASE_FIXTURE(Fixture,
                  "the certificate that a client shows is handed on, also when it resumes") {
  const TestCertificate own = make_certificate("mote-1");
  for (const int version : {TLS1_3_VERSION, TLS1_2_VERSION}) {
    TlsTestClient without = connect({version});
    without.send("x");
    CHECK(without.run_until_received(1));
    CHECK(log.connection->certificate().empty());
    TlsTestClient first = connect({version, nullptr, nullptr, &own});
    first.send("x");
    CHECK(first.run_until_received(1));
    CHECK(log.connection->certificate() == own.der());
    SSL_SESSION* session = SSL_get1_session(first.channel());
    TlsTestClient second = connect({version, nullptr, session, &own});
    second.send("x");
    CHECK(second.run_until_received(1));
    CHECK(SSL_session_reused(second.channel()) == 1);
    CHECK(log.connection->certificate() == own.der());
    SSL_SESSION_free(session);
  }
}

namespace {

const Bytes secret = "a key of 32 bytes for mote-1 ...";

// Knows acme/mote-1, and that nothing is an identity that begins otherwise.
std::optional<SharedKey> find_key(std::string_view identity) {
  if (!identity.starts_with("acme/")) return std::nullopt;
  if (identity == "acme/mote-1") return SharedKey{secret, "mote-1 of acme"};
  return SharedKey{Bytes(32, '?'), ""};
}

struct Keyed : Fixture {
  Keyed() { tls->ask_for_shared_key(find_key); }

  static TestTls shows(int version, const char* ciphers = nullptr) {
    TestTls shown{version, ciphers};
    shown.identity = "acme/mote-1";
    shown.key = secret;
    return shown;
  }
  // Of a client that was served.
  Bytes holder_of(TlsTestClient& client) {
    client.take_received();
    client.send("x");
    CHECK(client.run_until_received(1));
    return log.connection->shared_key_holder();
  }
  // What the server's log and the client say of a handshake that failed.
  std::string refusal_of(const TestTls& shown) {
    log.violation.clear();
    TlsTestClient client(*loop, address, shown);
    client.shake_hands();
    CHECK(client.run_until_closed());
    CHECK(log.received.empty());
    return log.violation + "; " + client.alert();
  }
};

}  // namespace

TEST_CASE_FIXTURE(Keyed, "who shows a shared key is known by it, also when he resumes") {
  for (const TestTls& shown : {shows(TLS1_3_VERSION), shows(TLS1_2_VERSION),
                               shows(TLS1_2_VERSION, "ECDHE-PSK-CHACHA20-POLY1305"),
                               shows(TLS1_2_VERSION, "DHE-PSK-AES128-GCM-SHA256")}) {
    CAPTURE(shown.version_max);
    TlsTestClient first = connect(shown);
    CHECK(holder_of(first) == "mote-1 of acme");
    CHECK(SSL_get_peer_certificate(first.channel()) == nullptr);
    SSL_SESSION* session = SSL_get1_session(first.channel());
    TestTls again = shown;
    again.resume = session;
    // TLS 1.3 resumes without it, and 1.2 by the same cipher.
    if (shown.version_max == TLS1_3_VERSION) again.key.clear();
    TlsTestClient second = connect(again);
    CHECK(SSL_session_reused(second.channel()) == 1);
    CHECK(holder_of(second) == "mote-1 of acme");
    SSL_SESSION_free(session);
  }
}

TEST_CASE_FIXTURE(Keyed, "who shows no key is served beside, and known by none") {
  const TestCertificate own = make_certificate("mote-1");
  for (const int version : {TLS1_3_VERSION, TLS1_2_VERSION}) {
    TlsTestClient without = connect({version});
    CHECK(holder_of(without).empty());
    TlsTestClient with = connect({version, nullptr, nullptr, &own});
    CHECK(holder_of(with).empty());
    CHECK(log.connection->certificate() == own.der());
  }
}

TEST_CASE_FIXTURE(Keyed, "an identity that nobody has fails as a wrong key does") {
  for (const int version : {TLS1_3_VERSION, TLS1_2_VERSION}) {
    TestTls wrong = shows(version);
    wrong.key[0] = 'b';
    TestTls unknown = shows(version);
    unknown.identity = "acme/nobody";
    const std::string refused = refusal_of(wrong);
    CHECK(refused.starts_with("the TLS handshake failed: "));
    CHECK(refusal_of(unknown) == refused);
  }
}

TEST_CASE_FIXTURE(Keyed, "a text that is no identity makes nobody known") {
  TestTls shown = shows(TLS1_2_VERSION);
  shown.identity = "mote-1";
  CHECK(refusal_of(shown).find("unknown psk identity") != std::string::npos);
  // TLS 1.3 goes on as if no key had been shown.
  shown.version_max = TLS1_3_VERSION;
  TlsTestClient client = connect(shown);
  CHECK(holder_of(client).empty());
}

TEST_CASE_FIXTURE(Keyed, "a key that is named and not proved makes nobody known") {
  TestTls shown = shows(TLS1_3_VERSION);
  // Goes with SHA-384, and the key does not.
  shown.ciphers_1_3 = "TLS_AES_256_GCM_SHA384";
  shown.key = "not the key";
  TlsTestClient client = connect(shown);
  CHECK(holder_of(client).empty());
}

TEST_CASE_FIXTURE(Keyed, "ciphers without forward secrecy are refused with a shared key too") {
  for (const char* ciphers : {"PSK-AES128-GCM-SHA256", "PSK-AES128-CCM8",
                              "ECDHE-PSK-AES128-CBC-SHA256", "RSA-PSK-AES128-GCM-SHA256"}) {
    CAPTURE(ciphers);
    CHECK(refusal_of(shows(TLS1_2_VERSION, ciphers)).find("no shared cipher") != std::string::npos);
  }
}

TEST_CASE_FIXTURE(Keyed, "shared keys are known after the files were replaced") {
  replace(make_certificate("next.example"));
  CHECK_FALSE(*tls->follow_files());
  CHECK(*tls->follow_files());
  TlsTestClient client = connect(shows(TLS1_3_VERSION));
  CHECK(holder_of(client) == "mote-1 of acme");
}

TEST_CASE_FIXTURE(Fixture, "a shared key is not asked for where none is known") {
  TlsTestClient client = connect(Keyed::shows(TLS1_3_VERSION));
  client.send("x");
  CHECK(client.run_until_received(1));
  CHECK(log.connection->shared_key_holder().empty());
}

TEST_CASE_FIXTURE(Fixture, "a session is resumed by its ticket") {
  for (const int version : {TLS1_3_VERSION, TLS1_2_VERSION}) {
    TlsTestClient first = connect({version});
    first.send("x");
    CHECK(first.run_until_received(1));
    SSL_SESSION* session = SSL_get1_session(first.channel());
    TlsTestClient second = connect({version, nullptr, session});
    CHECK(SSL_session_reused(second.channel()) == 1);
    SSL_SESSION_free(session);
  }
}

TEST_CASE_FIXTURE(Fixture,
                  "replaced files are taken when they have settled; old connections stay") {
  TlsTestClient before = connect();
  CHECK_FALSE(*tls->follow_files());
  replace(make_certificate("next.example"));
  CHECK_FALSE(*tls->follow_files());
  CHECK(shown_name() == "sensors.example");
  const auto taken = tls->follow_files();
  REQUIRE(taken);
  CHECK(*taken);
  CHECK(shown_name() == "next.example");
  CHECK(tls->facts().subject == "CN=next.example");
  log.received.clear();
  before.send("still");
  CHECK(before.run_until_received(5));
  CHECK_FALSE(*tls->follow_files());
}

TEST_CASE_FIXTURE(Fixture, "files that cannot be used are told once, and the old ones stay") {
  const TestCertificate next = make_certificate("next.example");
  std::filesystem::remove(files.certificate);
  std::ofstream{files.certificate} << next.certificate_pem();
  CHECK(tls->follow_files());
  const auto refused = tls->follow_files();
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message == files.key.string() +
                                       ": this key does not belong to the certificate in " +
                                       files.certificate.string());
  CHECK_FALSE(*tls->follow_files());
  CHECK(shown_name() == "sensors.example");
  std::filesystem::remove(files.key);
  std::ofstream{files.key} << next.key_pem();
  CHECK_FALSE(*tls->follow_files());
  CHECK(*tls->follow_files());
  CHECK(shown_name() == "next.example");
}

TEST_CASE_FIXTURE(Fixture, "a certificate says whose it is, for what names and how long") {
  const auto facts = examine_tls_files(files);
  REQUIRE(facts);
  CHECK(facts->subject == "CN=sensors.example");
  CHECK(facts->names == std::vector<std::string>{"sensors.example", "127.0.0.1"});
  CHECK(facts->until - facts->from == std::chrono::seconds{7200});
  CHECK_FALSE(untimeliness_of(*facts, facts->from));
  CHECK_FALSE(untimeliness_of(*facts, facts->until - Duration{1}));
  CHECK(untimeliness_of(*facts, facts->until) == "expired on " + format_time(facts->until));
  CHECK(untimeliness_of(*facts, facts->from - Duration{1}) ==
        "is valid from " + format_time(facts->from) + " on");
}

TEST_CASE_FIXTURE(Fixture, "what is wrong with a file is named with the file") {
  const auto message = [&] { return examine_tls_files(files).error().message; };
  const TestCertificate other = make_certificate("other");
  std::ofstream{files.key} << other.key_pem();
  CHECK(message().find("server.key: this key does not belong to") != std::string::npos);
  std::ofstream{files.key} << "nothing";
  CHECK(message().find("server.key: there is no private key in it") != std::string::npos);
  std::ofstream{files.certificate} << certificate.key_pem();
  CHECK(message().find("server.crt: there is no certificate in it") != std::string::npos);
  std::ofstream{files.certificate} << std::string(tls_file_bytes_max + 1, '\n');
  CHECK(message().find("server.crt: it is larger than the 1048576 bytes") != std::string::npos);
  std::ofstream{files.certificate} << std::string(tls_file_bytes_max, '\n');
  CHECK(message().find("server.crt: there is no certificate in it") != std::string::npos);
  std::filesystem::remove(files.certificate);
  CHECK(message().find("server.crt: No such file") != std::string::npos);
}

TEST_CASE_FIXTURE(Fixture, "a key with a passphrase is refused without asking for it") {
  std::ofstream{files.key} << [&] {
    BIO* text = BIO_new(BIO_s_mem());
    unsigned char word[] = "secret";
    PEM_write_bio_PrivateKey(text, certificate.key.get(), EVP_aes_128_cbc(), word, 6, nullptr,
                             nullptr);
    char* start = nullptr;
    const long size = BIO_get_mem_data(text, &start);
    std::string pem(start, std::size_t(size));
    BIO_free(text);
    return pem;
  }();
  CHECK(examine_tls_files(files).error().message.find("the key has a passphrase") !=
        std::string::npos);
}

}  // namespace cauce::net
