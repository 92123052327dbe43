// A gateway whose devices speak HTTP; for tests.
#pragma once

#include <doctest/doctest.h>

#include <nlohmann/json.hpp>
#include <string>

#include "gateway/house_test.h"

namespace cauce::gateway {

inline const std::string topic_1 = "devices/mote-1/telemetry";

// A request as a device writes it; `more` are further header lines.
inline Bytes post(const Bytes& body, const std::string& more = {},
                  const std::string& device = "mote-1", std::string token = {}) {
  if (token.empty()) token = "token of " + device;
  return "POST /api/v1/devices/" + device +
         "/messages HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer " + token + "\r\n" + more +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

inline const std::string ndjson = "Content-Type: application/x-ndjson\r\n";
inline const std::string batch = "Content-Type: application/vnd.cauce.batch+json\r\n";

struct Reply {
  int status = 0;
  std::string head;
  nlohmann::json body;
};

// The first whole answer of what has come, which is taken off it.
inline Reply take_reply(Bytes& received) {
  const std::size_t head = received.find("\r\n\r\n");
  if (head == Bytes::npos) return {};
  const std::string length = "Content-Length: ";
  const std::size_t at = received.find(length);
  REQUIRE(at < head);
  const std::size_t size = std::stoul(received.substr(at + length.size()));
  if (received.size() < head + 4 + size) return {};
  Reply reply{std::stoi(received.substr(9, 3)), received.substr(0, head),
              nlohmann::json::parse(received.substr(head + 4, size))};
  received.erase(0, head + 4 + size);
  return reply;
}

struct HttpHouse : House {
  TestClient dial_http() { return TestClient(*loop, http_address); }

  // Sends all of it and waits for one answer; what is taken becomes durable meanwhile.
  Reply ask(TestClient& client, BytesView bytes) {
    Reply reply;
    client.run_until([&] {
      bytes.remove_prefix(client.closed() ? bytes.size() : client.send(bytes));
      sync();
      Bytes received = client.received();
      reply = take_reply(received);
      return reply.status != 0;
    });
    client.take_received();
    return reply;
  }
  Reply ask(BytesView bytes) {
    TestClient client = dial_http();
    return ask(client, bytes);
  }
};

}  // namespace cauce::gateway
