// NDJSON of any length, taken while it comes.
#include "gateway/http/upload.h"

#include <doctest/doctest.h>

#include "gateway/http/http_house_test.h"
#include "packing/test_pack.h"

namespace cauce::gateway {
namespace {

// The head of a request whose body is chunked.
Bytes begin(const std::string& more = {}) {
  const Bytes whole = post("", ndjson + more + "Transfer-Encoding: chunked\r\n");
  const std::size_t length = whole.find("Content-Length: 0\r\n");
  return whole.substr(0, length) + whole.substr(length + 19);
}

Bytes chunk(const Bytes& text) {
  std::string size;
  for (std::size_t rest = text.size(); rest > 0; rest /= 16)
    size.insert(0, 1, "0123456789abcdef"[rest % 16]);
  return (size.empty() ? "0" : size) + "\r\n" + text + "\r\n";
}

struct UploadHouse : HttpHouse {
  // The next answer; what is taken becomes durable meanwhile.
  Reply answer_of(TestClient& client) { return ask(client, ""); }

  // Runs without the disk until nothing more is taken, and answers how much of `bytes` was sent.
  std::size_t send_all(TestClient& client, BytesView bytes) {
    std::size_t sent = 0;
    for (int quiet = 0; quiet < 50; ++quiet) {
      const std::size_t count = client.send(bytes.substr(sent));
      sent += count;
      if (count > 0) quiet = 0;
      settle();
    }
    return sent;
  }
};

nlohmann::json stored_of(const Reply& reply) {
  return {{"accepted", reply.body["accepted"]}, {"line", reply.body["line"]}};
}

}  // namespace

TEST_CASE_FIXTURE(UploadHouse, "lines are stored as they come, and counted once all are durable") {
  start();
  auto client = dial_http();
  client.send(begin() + chunk("1\n2\n3"));
  await_stored(client, 2);
  CHECK(messages() == std::vector<std::string>{topic_1 + "=1", topic_1 + "=2"});
  CHECK(client.received().empty());
  client.send(chunk("3\n\n4") + chunk(""));
  await_in_flight(client, 2);
  settle();
  client.receive();
  CHECK(client.received().empty());
  CHECK(answer_of(client).body == nlohmann::json{{"accepted", 4}});
  CHECK(messages()[2] == topic_1 + "=33");
  CHECK(messages()[3] == topic_1 + "=4");
  CHECK(stored()[0].message.content_type == "application/x-ndjson");
  // The connection goes on.
  CHECK(ask(client, post("5")).status == 200);
}

TEST_CASE_FIXTURE(UploadHouse, "a body far beyond what is held is taken whole and in order") {
  options.http.upload_messages_in_flight_max = 500;
  options.allowances = {{}, {}};
  start();
  Bytes body;
  for (int number = 0; number < 300'000; ++number)
    body += std::to_string(number) + "                          \n";
  REQUIRE(body.size() > 8u << 20);
  CHECK(ask(post(body, ndjson)).body == nlohmann::json{{"accepted", 300'000}});
  const auto all = messages();
  REQUIRE(all.size() == 300'000);
  for (std::size_t number = 0; number < all.size(); number += 9973)
    CHECK(all[number].starts_with(topic_1 + "=" + std::to_string(number) + " "));
}

TEST_CASE_FIXTURE(UploadHouse, "what is not durable yet is bounded: then the socket is not read") {
  options.http.upload_messages_in_flight_max = 3000;
  options.allowances = {{}, {}};
  start();
  auto client = dial_http();
  Bytes body;
  while (body.size() < 40u << 20)
    body += "{\"temperature\":21.5,\"pressure\":1013.25,\"humidity\":40}\n";
  const Bytes request = post(body, ndjson);
  const std::size_t sent = send_all(client, request);
  CHECK(sent < request.size() / 2);
  CHECK(gateway->counts().messages_in_flight == 3000);
  CHECK(ask(client, BytesView(request).substr(sent)).status == 200);
}

TEST_CASE_FIXTURE(UploadHouse,
                  "a line that is too long ends it: what was before is stored and told") {
  options.http.body.payload.bytes_max = 10;
  start();
  auto client = dial_http();
  const Reply reply = ask(client, post("1\n\n3\n12345678901\n5\n", ndjson));
  CHECK(reply.status == 413);
  CHECK(stored_of(reply) == nlohmann::json{{"accepted", 2}, {"line", 3}});
  CHECK(reply.body["detail"] ==
        "Line 4 has more than 10 bytes, the limit of one message. Stored are 2 messages, up to "
        "line 3.");
  CHECK(messages() == std::vector<std::string>{topic_1 + "=1", topic_1 + "=3"});
  const Reply none = ask(post("12345678901", ndjson));
  CHECK(stored_of(none) == nlohmann::json{{"accepted", 0}, {"line", 0}});
  CHECK(none.body["detail"].get<std::string>().ends_with("Nothing is stored."));
}

TEST_CASE_FIXTURE(UploadHouse, "with too much in flight it waits, and goes on when there is room") {
  options.allowances = {{}, {.in_flight = 2500}};
  start();
  auto client = dial_http();
  Bytes body;
  while (body.size() < 40u << 20)
    body += "{\"temperature\":21.5,\"pressure\":1013.25,\"humidity\":40}\n";
  const Bytes request = post(body, ndjson);
  const std::size_t sent = send_all(client, request);
  CHECK(sent < request.size() / 2);
  // What was read is taken, a group of a thousand at most.
  CHECK(gateway->counts().messages_in_flight >= 2500);
  CHECK(gateway->counts().messages_in_flight < 2500 + 1000);
  CHECK(ask(client, BytesView(request).substr(sent)).status == 200);
}

TEST_CASE_FIXTURE(UploadHouse, "a line over the limit of its device names that limit") {
  options.allowances.device.payload_bytes = 10;
  start();
  const Reply reply = ask(post("1\n12345678901\n", ndjson));
  CHECK(reply.status == 413);
  CHECK(reply.body["detail"] ==
        "Line 2 has more than 10 bytes, limits.device.payload_bytes. Stored are 1 messages, up to "
        "line 1.");
}

TEST_CASE_FIXTURE(UploadHouse, "the count leaves only after what it counts is durable") {
  options.http.body.payload.bytes_max = 10;
  start();
  auto client = dial_http();
  client.send(begin() + chunk("1\n12345678901\n"));
  await_in_flight(client, 1);
  settle();
  client.receive();
  CHECK(client.received().empty());
  sync();
  CHECK(stored_of(answer_of(client)) == nlohmann::json{{"accepted", 1}, {"line", 1}});
}

TEST_CASE_FIXTURE(UploadHouse, "a connection that breaks leaves whole lines and no part of one") {
  start();
  {
    auto client = dial_http();
    client.send(begin() + chunk("1\n2\n3"));
    await_in_flight(client, 2);
  }
  settle();
  sync();
  CHECK(messages() == std::vector<std::string>{topic_1 + "=1", topic_1 + "=2"});
  CHECK(ask(post("1\n2\n33\n", ndjson)).body == nlohmann::json{{"accepted", 3}});
}

TEST_CASE_FIXTURE(UploadHouse, "a body that is not HTTP any more is told how far it came") {
  start();
  auto client = dial_http();
  client.send(begin() + chunk("1\n2\n") + "nonsense\r\n");
  const Reply reply = answer_of(client);
  CHECK(reply.status == 400);
  CHECK(stored_of(reply) == nlohmann::json{{"accepted", 2}, {"line", 2}});
}

TEST_CASE_FIXTURE(UploadHouse, "a packed body is taken as it was before it was packed") {
  start();
  for (const auto& [name, packed] : {std::pair{"gzip", packing::gzipped("1\n2\n3")},
                                     std::pair{"x-gzip", packing::gzipped("1\n2\n3")},
                                     std::pair{"Zstd", packing::zstded("1\n2\n3")}}) {
    const std::string encoding = "Content-Encoding: " + std::string(name) + "\r\n";
    CHECK(ask(post(packed, ndjson + encoding)).body == nlohmann::json{{"accepted", 3}});
  }
  CHECK(messages().size() == 9);
  const Bytes packed = packing::gzipped(R"({"messages": [{"payload": 1}]})");
  CHECK(ask(post(packed, batch + "Content-Encoding: gzip\r\n")).status == 200);
  CHECK(ask(post(packing::zstded("alone"), "Content-Encoding: zstd\r\n")).status == 200);
  CHECK(messages().back() == topic_1 + "=alone");
  CHECK(ask(post("plain", "Content-Encoding: identity\r\n")).status == 200);
}

TEST_CASE_FIXTURE(UploadHouse,
                  "a packed body that is damaged or cut off is refused and not stored") {
  start();
  Bytes damaged = packing::gzipped("1\n2\n3\n");
  damaged[damaged.size() - 8] ^= 1;
  const Bytes cut_off = packing::gzipped("1\n2\n3\n").substr(0, 20);
  for (const std::string& type : {ndjson, std::string("Content-Type: text/plain\r\n")}) {
    for (const Bytes& body : {damaged, cut_off, Bytes("no gzip")}) {
      const Reply reply = ask(post(body, type + "Content-Encoding: gzip\r\n"));
      CHECK(reply.status == 400);
      CHECK(reply.body["detail"].get<std::string>().starts_with("The body is "));
    }
  }
  CHECK(ask(post("", ndjson + "Content-Encoding: gzip\r\n")).status == 400);
  CHECK(messages().empty());
}

TEST_CASE_FIXTURE(UploadHouse, "the limit of a body counts what it is when it is unpacked") {
  options.http.body_bytes_max = 5000;
  start();
  const std::string encoding = "Content-Encoding: zstd\r\n";
  CHECK(ask(post(packing::zstded(Bytes(5000, 'x')), encoding)).status == 200);
  const Reply reply = ask(post(packing::zstded(Bytes(5001, 'x')), encoding));
  CHECK(reply.status == 413);
  CHECK(reply.body["detail"] ==
        "The body may have 5000 bytes at most once it is unpacked: send it in parts.");
  // Lines have no such limit.
  const Bytes lines = packing::zstded("1\n" + Bytes(6000, ' ') + "\n2\n");
  CHECK(ask(post(lines, ndjson + encoding)).body == nlohmann::json{{"accepted", 2}});
}

TEST_CASE_FIXTURE(UploadHouse, "an encoding that is not known is refused with those that are") {
  start();
  for (const std::string encoding : {"br", "deflate", "gzip, gzip", "gzip;q=1"}) {
    const Reply reply = ask(post("1", "Content-Encoding: " + encoding + "\r\n"));
    CHECK(reply.status == 415);
    CHECK(reply.head.find("Accept-Encoding: gzip, zstd") != std::string::npos);
    CHECK(reply.body["detail"] == "Content-Encoding may be one of gzip, zstd, or be left out.");
  }
}

TEST_CASE_FIXTURE(UploadHouse, "over its rate it is read no more until time has paid") {
  options.allowances.device.messages_per_second = 10;
  start();
  auto client = dial_http();
  client.send(begin() + chunk("1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n"));
  await_stored(client, 15);
  client.send(chunk("16\n"));
  settle();
  sync();
  CHECK(messages().size() == 15);
  pass(std::chrono::milliseconds{400});
  CHECK(messages().size() == 15);
  pass(std::chrono::milliseconds{100});
  await_stored(client, 16);
  client.send(chunk(""));
  pass(seconds{1});
  CHECK(answer_of(client).status == 200);
}

TEST_CASE_FIXTURE(UploadHouse, "a device that is disabled meanwhile hears how far it came") {
  start();
  auto client = dial_http();
  client.send(begin() + chunk("1\n"));
  await_stored(client, 1);
  auto disabled = device("mote-1");
  disabled.enabled = false;
  REQUIRE(business->update(disabled));
  pass(std::chrono::milliseconds{100});
  const Reply reply = answer_of(client);
  CHECK(reply.status == 401);
  CHECK(stored_of(reply) == nlohmann::json{{"accepted", 1}, {"line", 1}});
}

TEST_CASE_FIXTURE(UploadHouse,
                  "a disk that becomes nearly full ends it, and says how far it came") {
  start();
  auto client = dial_http();
  client.send(begin() + chunk("1\n"));
  await_stored(client, 1);
  disk_is_low = true;
  pass(seconds{1});
  pass(std::chrono::milliseconds{100});
  const Reply reply = answer_of(client);
  CHECK(reply.status == 503);
  CHECK(reply.head.find("Retry-After: 1") != std::string::npos);
  CHECK(stored_of(reply) == nlohmann::json{{"accepted", 1}, {"line", 1}});
}

TEST_CASE_FIXTURE(UploadHouse, "a full stream lets it wait, and not for ever") {
  raw_options.bytes_in_flight_max = 3000;
  start();
  auto client = dial_http();
  client.send(begin() + chunk(Bytes(2000, 'a') + "\n"));
  await_in_flight(client, 1);
  client.send(chunk(Bytes(2000, 'b') + "\n"));
  settle();
  CHECK(gateway->counts().messages_in_flight == 1);
  await_stored(client, 2);
  auto other = dial_http();
  other.send(post(Bytes(2000, 'c')));
  await_in_flight(other, 1);
  client.send(chunk(Bytes(2000, 'd') + "\n"));
  settle();
  pass(options.http.answer_span_max - Duration{1});
  CHECK(client.received().empty());
  pass(Duration{1});
  const Reply reply = answer_of(client);
  CHECK(reply.status == 503);
  CHECK(reply.body["detail"] == "The stream is full. Stored are 2 messages, up to line 2.");
}

TEST_CASE_FIXTURE(UploadHouse, "so many at a time, and so much memory, and not one more") {
  options.http.uploads_max = 2;
  options.http.upload_memory_bytes_max = 4 << 20;
  start();
  auto first = dial_http();
  auto second = dial_http();
  first.send(begin() + chunk("1\n"));
  second.send(begin() + chunk("2\n"));
  await_stored(first, 2);
  CHECK(ask(post("3\n", ndjson)).status == 503);
  first.send(chunk(""));
  CHECK(answer_of(first).status == 200);
  CHECK(ask(post("4\n", ndjson)).status == 200);
  // What waits for its checksum is held.
  const Bytes zeros = packing::gzipped(Bytes(4'000'000, '\n'));
  const Reply reply = ask(post(zeros, ndjson + "Content-Encoding: gzip\r\n"));
  CHECK(reply.status == 503);
  CHECK(reply.body["detail"].get<std::string>().starts_with("Too many long requests"));
}

}  // namespace cauce::gateway
