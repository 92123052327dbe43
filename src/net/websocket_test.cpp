#include "net/websocket.h"

#include <doctest/doctest.h>

#include <array>
#include <cstring>

#include "net/test_client.h"
#include "net/websocket_frames.h"
#include "net/websocket_upgrade.h"

namespace cauce::net {
namespace {

// The key and its answer are the example of RFC 6455 section 1.3.
const std::string request =
    "GET /mqtt HTTP/1.1\r\nHost: cauce\r\nUpgrade: WebSocket\r\n"
    "Connection: keep-alive, Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    "Sec-WebSocket-Protocol: mqttv3.1, mqtt\r\nSec-WebSocket-Version: 13\r\n\r\n";

std::string without(std::string_view line_start, std::string text = request) {
  const std::size_t start = text.find(line_start);
  return text.erase(start, text.find("\r\n", start) + 2 - start);
}

std::string with(const std::string& old, const std::string& next) {
  std::string text = request;
  return text.replace(text.find(old), old.size(), next);
}

Upgrade upgrade(std::string text) {
  auto result = take_upgrade(text, "mqtt", 8 << 10);
  REQUIRE(result);
  return *result;
}

// A frame as a client sends it. `first` is FIN, reserved bits and opcode.
Bytes frame(std::uint8_t first, BytesView payload, bool masked = true) {
  Bytes bytes(1, char(first));
  const char mask_bit = masked ? '\x80' : '\0';
  if (payload.size() < 126) {
    bytes.push_back(char(mask_bit | char(payload.size())));
  } else if (payload.size() <= 0xFFFF) {
    bytes += {char(mask_bit | 126), char(payload.size() >> 8), char(payload.size())};
  } else {
    bytes.push_back(char(mask_bit | 127));
    for (int shift = 56; shift >= 0; shift -= 8)
      bytes.push_back(char(payload.size() >> shift));
  }
  const std::array<char, 4> mask{'\x37', '\xfa', '\x21', '\x3d'};
  if (masked) bytes.append(mask.data(), mask.size());
  for (std::size_t index = 0; index < payload.size(); ++index)
    bytes.push_back(char(masked ? payload[index] ^ mask[index % 4] : payload[index]));
  return bytes;
}

constexpr std::size_t frame_bytes_max = 100'000;
constexpr std::size_t unsent_pongs_bytes_max = 100'000;

struct Reading {
  Bytes payload;
  Bytes pongs;
  std::optional<FramesEnd> end;
};

// Hands over `bytes` in pieces of so many.
Reading read(const Bytes& bytes, std::size_t piece = 1 << 20) {
  FrameReader reader{frame_bytes_max};
  Reading result;
  for (std::size_t start = 0; start < bytes.size() && !result.end; start += piece)
    result.end = reader.read(BytesView(bytes).substr(start, piece), result.payload, result.pongs);
  return result;
}

}  // namespace

TEST_CASE("an upgrade is answered as RFC 6455 section 1.3 has it") {
  const Upgrade taken = upgrade(request);
  CHECK(taken.refusal.empty());
  CHECK(taken.answer.starts_with("HTTP/1.1 101 "));
  CHECK(taken.answer.find("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n") !=
        std::string::npos);
  CHECK(taken.answer.find("Sec-WebSocket-Protocol: mqtt\r\n") != std::string::npos);
}

TEST_CASE("an upgrade waits for its end and leaves what follows") {
  Bytes received = request.substr(0, request.size() - 1);
  CHECK_FALSE(take_upgrade(received, "mqtt", 8 << 10));
  received = request + "frames";
  CHECK(take_upgrade(received, "mqtt", 8 << 10));
  CHECK(received == "frames");
}

TEST_CASE("a head at the limit is taken and one byte more is refused") {
  Bytes received = request;
  CHECK(take_upgrade(received, "mqtt", request.size())->refusal.empty());
  received = request;
  const auto refused = take_upgrade(received, "mqtt", request.size() - 1);
  REQUIRE(refused);
  CHECK(refused->answer.starts_with("HTTP/1.1 431 "));
  received = "GET " + std::string(97, 'x');
  CHECK(take_upgrade(received, "mqtt", 100));
}

TEST_CASE("who does not ask for WebSocket and MQTT is told what is missing") {
  CHECK(upgrade(without("Upgrade:")).answer.starts_with("HTTP/1.1 426 "));
  CHECK(upgrade(with("keep-alive, Upgrade", "close")).answer.starts_with("HTTP/1.1 426 "));
  CHECK(upgrade(with("HTTP/1.1", "HTTP/1.0")).answer.starts_with("HTTP/1.1 426 "));
  CHECK(upgrade(with("Version: 13", "Version: 8")).answer.starts_with("HTTP/1.1 426 "));
  CHECK(upgrade(without("Host:")).answer.starts_with("HTTP/1.1 400 "));
  CHECK(upgrade(with("dGhl", "dGh")).answer.starts_with("HTTP/1.1 400 "));
  CHECK(upgrade(without("Sec-WebSocket-Protocol")).refusal ==
        "the client has to offer the subprotocol \"mqtt\"");
  CHECK(upgrade(with("mqttv3.1, mqtt", "mqttv3.1")).answer.starts_with("HTTP/1.1 400 "));
  CHECK(upgrade("POST").refusal == "it is no GET by HTTP");
  CHECK(upgrade("\x10").answer.starts_with("HTTP/1.1 400 "));
  CHECK(upgrade(request.substr(0, request.size() - 2) + "no colon\r\n\r\n")
            .answer.starts_with("HTTP/1.1 400 "));
}

TEST_CASE("binary frames of every length form become one stream of bytes") {
  const Bytes middle(126, 'm');
  const Bytes large(70'000, 'l');
  const Bytes bytes = frame(0x82, "a") + frame(0x82, "") + frame(0x82, Bytes(125, 's')) +
                      frame(0x82, middle) + frame(0x82, large);
  for (const std::size_t piece : {std::size_t(1), std::size_t(3), std::size_t(1) << 20}) {
    const Reading result = read(bytes, piece);
    CHECK_FALSE(result.end);
    CHECK(result.payload == "a" + Bytes(125, 's') + middle + large);
  }
}

TEST_CASE("fragments become one message, with pings between them answered") {
  const Bytes bytes = frame(0x02, "one ") + frame(0x89, "ping") + frame(0x00, "two ") +
                      frame(0x8A, "unasked") + frame(0x80, "three");
  const Reading result = read(bytes, 1);
  CHECK_FALSE(result.end);
  CHECK(result.payload == "one two three");
  CHECK(result.pongs == Bytes("\x8A\x04ping"));
}

TEST_CASE("what a client may not send ends it with the code of RFC 6455 section 7.4.1") {
  const auto code = [](const Bytes& bytes) {
    const Reading result = read(bytes, 1);
    REQUIRE(result.end);
    CHECK_FALSE(result.end->violation.empty());
    return result.end->code;
  };
  CHECK(code(frame(0x82, "unmasked", false)) == CloseCode::protocol_error);
  CHECK(code(frame(0xC2, "reserved bit")) == CloseCode::protocol_error);
  CHECK(code(frame(0x81, "text")) == CloseCode::not_accepted);
  CHECK(code(frame(0x83, "")) == CloseCode::protocol_error);
  CHECK(code(frame(0x8B, "")) == CloseCode::protocol_error);
  CHECK(code(frame(0x80, "nothing to continue")) == CloseCode::protocol_error);
  CHECK(code(frame(0x02, "x") + frame(0x82, "y")) == CloseCode::protocol_error);
  CHECK(code(frame(0x09, "ping in fragments")) == CloseCode::protocol_error);
  CHECK(code(frame(0x89, Bytes(126, 'p'))) == CloseCode::protocol_error);
  CHECK(code(frame(0x88, "x")) == CloseCode::protocol_error);
}

TEST_CASE("a frame at the limit is taken and one byte more is refused before it comes") {
  CHECK_FALSE(read(frame(0x82, Bytes(frame_bytes_max, 'x'))).end);
  const Bytes over = frame(0x82, Bytes(frame_bytes_max + 1, 'x')).substr(0, 14);
  const Reading result = read(over);
  REQUIRE(result.end);
  CHECK(result.end->code == CloseCode::too_big);
  CHECK(result.end->violation == "a frame of 100001 bytes; frame_bytes_max is 100000");
  Bytes endless = over;
  endless.replace(2, 8, 8, '\xFF');
  CHECK(read(endless).end->code == CloseCode::too_big);
}

TEST_CASE("a goodbye is no violation") {
  const Reading result = read(frame(0x82, "last") + frame(0x88, "\x03\xE8"));
  REQUIRE(result.end);
  CHECK(result.end->violation.empty());
  CHECK(result.end->code == CloseCode::normal);
  CHECK(result.payload == "last");
}

TEST_CASE("the server's frames have the shortest length form") {
  const auto head = [](std::size_t bytes) {
    Bytes target;
    put_binary_frame_head(target, bytes);
    return to_hex(target);
  };
  CHECK(head(0) == "8200");
  CHECK(head(125) == "827d");
  CHECK(head(126) == "827e007e");
  CHECK(head(0xFFFF) == "827effff");
  CHECK(head(0x10000) == "827f0000000000010000");
}

namespace {

struct Log {
  Connection* connection = nullptr;
  Bytes received;
  std::size_t calls = 0;
  std::string closed;
  std::string violation;
};

class EchoHandler final : public Handler {
 public:
  EchoHandler(Log& log, Connection& connection) : log_(log), connection_(connection) {}
  void on_bytes(BytesView bytes) override {
    log_.received.append(bytes);
    ++log_.calls;
    connection_.send(bytes);
  }
  void on_closed(std::string_view why) override { log_.closed = why; }
  void on_violation(std::string_view why) override { log_.violation = why; }

 private:
  Log& log_;
  Connection& connection_;
};

struct Fixture {
  std::unique_ptr<Loop> loop = Loop::create();
  Log log;
  Address address;

  Fixture() {
    auto listener = Listener::bind({"127.0.0.1", 0});
    REQUIRE(listener);
    address = listener->address();
    WebSocketOptions options{"mqtt"};
    options.unsent_pongs_bytes_max = unsent_pongs_bytes_max;
    REQUIRE(loop->listen(std::move(*listener), over_websocket(options, [this](Connection& below) {
                           log.connection = &below;
                           return std::make_unique<EchoHandler>(log, below);
                         })));
  }
  TestClient connect() {
    TestClient client(*loop, address);
    client.send(request);
    CHECK(client.run_until([&] { return client.received().find("\r\n\r\n") != Bytes::npos; }));
    CHECK(client.take_received().starts_with("HTTP/1.1 101 "));
    return client;
  }
};

}  // namespace

TEST_CASE_FIXTURE(Fixture, "bytes go both ways in binary frames, those of one read in one call") {
  TestClient client = connect();
  client.send(frame(0x82, "hel") + frame(0x82, "lo"));
  CHECK(client.run_until_received(7));
  CHECK(client.received() == "\x82\x05hello");
  CHECK(log.calls == 1);
}

TEST_CASE_FIXTURE(Fixture, "frames that come with the request are not lost") {
  TestClient client(*loop, address);
  client.send(request + frame(0x82, "early"));
  CHECK(client.run_until([&] { return log.received == "early"; }));
}

TEST_CASE_FIXTURE(Fixture, "a goodbye is answered and the handler hears that the peer closed") {
  TestClient client = connect();
  client.send(frame(0x88, "\x03\xE8"));
  CHECK(client.run_until_closed());
  CHECK(client.received() == "\x88\x02\x03\xE8");
  CHECK(log.closed == "the peer closed the connection");
}

TEST_CASE_FIXTURE(Fixture, "the handler's close says goodbye") {
  TestClient client = connect();
  log.connection->send("last");
  log.connection->close();
  CHECK(client.run_until_closed());
  CHECK(client.received() == "\x82\x04last\x88\x02\x03\xE8");
}

TEST_CASE_FIXTURE(Fixture, "a violation is told to the peer and to the handler") {
  TestClient client = connect();
  client.send(frame(0x81, "text"));
  CHECK(client.run_until_closed());
  CHECK(client.received() == "\x88\x02\x03\xEB");
  CHECK(log.violation == "WebSocket: a text frame; binary frames carry MQTT");
}

TEST_CASE_FIXTURE(Fixture, "a plain request is answered in words") {
  TestClient client(*loop, address);
  client.send("GET / HTTP/1.1\r\nHost: cauce\r\n\r\n");
  CHECK(client.run_until_closed());
  CHECK(client.received().starts_with("HTTP/1.1 426 "));
  CHECK(log.violation == "no WebSocket: this port speaks WebSocket and nothing else");
}

TEST_CASE_FIXTURE(Fixture, "who pings and does not read the pongs is closed") {
  TestClient client = connect();
  Bytes pings;
  for (int count = 0; count < 500; ++count)
    pings += frame(0x89, Bytes(125, 'p'));
  std::size_t sent = 0;
  // Without reading: the kernel's buffers fill first.
  while (log.violation.empty() && log.connection->unsent_bytes() <= unsent_pongs_bytes_max) {
    sent = (sent + client.send(BytesView(pings).substr(sent))) % pings.size();
    loop->run_ready();
  }
  client.disconnect();
  CHECK(client.run_until([&] { return !log.violation.empty(); }));
  CHECK(log.violation == "WebSocket: it pings and does not read the pongs");
}

}  // namespace cauce::net
