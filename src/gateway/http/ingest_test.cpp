#include "gateway/http/ingest.h"

#include <doctest/doctest.h>

#include <set>

#include "gateway/http/http_house_test.h"

namespace cauce::gateway {

using std::string_literals::operator""s;

TEST_CASE_FIXTURE(HttpHouse, "a 200 leaves only after the messages are durable") {
  start();
  auto client = dial_http();
  client.send(post("{\"t\":21.5}", "Content-Type: application/json\r\n"));
  await_in_flight(client, 1);
  settle();
  client.receive();
  CHECK(client.received().empty());
  CHECK(messages().empty());
  sync();
  CHECK(client.run_until([&] { return client.received().ends_with("{\"accepted\": 1}"); }));
  CHECK(client.received().starts_with("HTTP/1.1 200 OK\r\n"));
  const auto record = stored().at(0).message;
  CHECK(record.company == "acme");
  CHECK(record.device == "mote-1");
  CHECK(record.topic == topic_1);
  CHECK(record.content_type == "application/json");
  CHECK(record.payload == "{\"t\":21.5}");
  CHECK(record.received_at == clock.now());
}

TEST_CASE_FIXTURE(HttpHouse, "a batch is one append with one answer") {
  start();
  auto client = dial_http();
  const Bytes body = R"({"messages": [{"payload": {"t": 1.50}},)"
                     R"( {"payload_base64": "AQL/", "content_type": "x/y"}]})";
  client.send(post(body, batch));
  await_in_flight(client, 2);
  CHECK(client.received().empty());
  CHECK(ask(client, "").body == nlohmann::json{{"accepted", 2}});
  CHECK(messages() ==
        std::vector<std::string>{topic_1 + "={\"t\": 1.50}", topic_1 + "=\x01\x02\xff"});
  CHECK(stored()[0].message.content_type == "application/json");
  CHECK(stored()[1].message.content_type == "x/y");
  CHECK(ask(post("1\n\n2\r\n3", ndjson)).body == nlohmann::json{{"accepted", 3}});
  CHECK(messages().size() == 5);
}

TEST_CASE_FIXTURE(HttpHouse, "of a batch with one bad message nothing is taken") {
  options.http.body.payload.bytes_max = 10;
  start();
  const Reply wrong =
      ask(post(R"({"messages": [{"payload": 1}, {"payload_base64": "?"}]})", batch));
  CHECK(wrong.status == 400);
  CHECK(wrong.body["detail"].get<std::string>().starts_with("messages[1]: payload_base64"));
  const Reply large =
      ask(post(R"({"messages": [{"payload": 1}, {"payload": "123456789"}]})", batch));
  CHECK(large.status == 413);
  CHECK(large.body["detail"] == "messages[1] has 11 bytes, the limit of one message is 10.");
  CHECK(messages().empty());
}

TEST_CASE_FIXTURE(HttpHouse,
                  "whoever is not admitted is answered alike, before his body is taken") {
  auto disabled = device("mote-2");
  disabled.enabled = false;
  REQUIRE(business->update(disabled));
  auto foreign = device("mote-3");
  foreign.company = "other";
  foreign.type = "mote";
  business::DeviceType type;
  type.company = "other";
  type.name = "mote";
  REQUIRE(business->create(type));
  REQUIRE(business->create(foreign));
  start();
  std::vector<std::string> answers;
  const std::string basic_wrong = "bW90ZS0xOndyb25n";                  // mote-1:wrong
  const std::string basic_other = "bW90ZS0yOnRva2VuIG9mIG1vdGUtMQ==";  // mote-2:token of mote-1
  for (const std::string& start :
       {"nobody/messages HTTP/1.1\r\nAuthorization: Bearer token of mote-1"s,
        "mote-1/messages HTTP/1.1\r\nAuthorization: Bearer wrong"s,
        "mote-1/messages HTTP/1.1\r\nAuthorization: Bearer token of mote-3"s,
        "mote-2/messages HTTP/1.1\r\nAuthorization: Bearer token of mote-2"s,
        "mote-1/messages HTTP/1.1\r\nAuthorization: Bearer "s, "mote-1/messages HTTP/1.1\r\nX: y"s,
        "mote-1/messages HTTP/1.1\r\nAuthorization: Basic " + basic_wrong,
        "mote-1/messages HTTP/1.1\r\nAuthorization: Basic " + basic_other,
        "mote-1/messages HTTP/1.1\r\nAuthorization: Basic !"s}) {
    CAPTURE(start);
    Reply reply = ask("POST /api/v1/devices/" + start + "\r\nContent-Length: 1000000\r\n\r\nx");
    CHECK(reply.status == 401);
    CHECK(reply.head.find("WWW-Authenticate: Bearer") != std::string::npos);
    CHECK(reply.head.find("Connection: close") != std::string::npos);
    reply.body.erase("instance");
    answers.push_back(reply.body.dump());
  }
  CHECK(std::set<std::string>(answers.begin(), answers.end()).size() == 1);
  CHECK(stored().empty());
}

TEST_CASE_FIXTURE(HttpHouse, "a token may come as Basic, in any case of the scheme") {
  start();
  const std::string pair = "bW90ZS0xOnRva2VuIG9mIG1vdGUtMQ==";  // mote-1:token of mote-1
  for (const std::string& header :
       {"Basic " + pair, "bASIC  " + pair, "bearer token of mote-1"s, "BEARER token of mote-1"s}) {
    CAPTURE(header);
    CHECK(ask("POST /api/v1/devices/mote-1/messages HTTP/1.1\r\nAuthorization: " + header +
              "\r\nContent-Length: 1\r\n\r\n1")
              .status == 200);
  }
  CHECK(messages().size() == 4);
}

TEST_CASE_FIXTURE(HttpHouse, "open takes any device without a token, under one company") {
  options.open = true;
  start();
  CHECK(ask("POST /api/v1/devices/any-1/messages HTTP/1.1\r\nContent-Length: 1\r\n\r\n1").status ==
        200);
  CHECK(ask("POST /api/v1/devices/a%20b/messages HTTP/1.1\r\nContent-Length: 1\r\n\r\n2").status ==
        200);
  CHECK(messages() ==
        std::vector<std::string>{"devices/any-1/telemetry=1", "devices/anonymous/telemetry=2"});
  CHECK(stored()[0].message.company == business::open_company);
}

TEST_CASE_FIXTURE(HttpHouse, "pipelined requests are answered in order on one connection") {
  start();
  auto client = dial_http();
  client.send(post("1") + post("{", batch) + post("3"));
  std::vector<int> statuses;
  Bytes received;
  CHECK(client.run_until([&] {
    sync();
    received += client.take_received();
    for (Reply reply = take_reply(received); reply.status != 0; reply = take_reply(received))
      statuses.push_back(reply.status);
    return statuses.size() == 3;
  }));
  CHECK(statuses == std::vector<int>{200, 400, 200});
  CHECK(messages() == std::vector<std::string>{topic_1 + "=1", topic_1 + "=3"});
}

TEST_CASE_FIXTURE(HttpHouse, "who expects it is told to continue, a stranger is not") {
  start();
  auto client = dial_http();
  const Bytes request = post("12345", "Expect: 100-continue\r\n");
  client.send(request.substr(0, request.size() - 5));
  CHECK(client.run_until_received(25));
  CHECK(client.take_received() == "HTTP/1.1 100 Continue\r\n\r\n");
  CHECK(ask(client, "12345").status == 200);
  CHECK(ask(post("x", "Expect: 100-continue\r\n", "mote-1", "wrong").substr(0, 160)).status == 401);
}

TEST_CASE_FIXTURE(HttpHouse, "what is not a POST of messages is refused with words") {
  start();
  const std::string token = " HTTP/1.1\r\nAuthorization: Bearer token of mote-1\r\n";
  const Reply get = ask("GET /api/v1/devices/mote-1/messages" + token + "\r\n");
  CHECK(get.status == 405);
  CHECK(get.head.find("Allow: POST") != std::string::npos);
  CHECK(get.head.find("application/problem+json") != std::string::npos);
  for (const char* path :
       {"/", "/api/v1/devices", "/api/v1/devices//messages", "/api/v1/devices/a/b/messages",
        "/api/v1/devices/mote-1/messages/", "/api/v1/devices/messages", "/healthz"}) {
    CAPTURE(path);
    CHECK(ask("POST " + std::string(path) + token + "Content-Length: 0\r\n\r\n").status == 404);
  }
  CHECK(ask(post("")).status == 400);
  CHECK(ask(post("\n \n", ndjson)).status == 400);
  CHECK(ask(post("x", "Content-Encoding: br\r\n")).status == 415);
  CHECK(ask("nonsense\r\n\r\n").body["detail"] ==
        "The request is not HTTP/1.1 as RFC 9112 has it.");
  CHECK(messages().empty());
}

TEST_CASE_FIXTURE(HttpHouse, "each limit holds at its maximum and not one past it") {
  options.http.body_bytes_max = 5000;
  options.http.body.payload.bytes_max = 4000;
  options.http.body.messages_max = 3;
  start();
  const Reply too_long = ask(post(Bytes(5001, ' '), "X-Request-Id: mine\r\n"));
  CHECK(too_long.status == 413);
  CHECK(too_long.body["instance"] == "mine");
  CHECK(too_long.head.find("X-Request-Id: mine") != std::string::npos);
  CHECK(std::string(too_long.body["detail"]).find("5000 bytes at most") != std::string::npos);
  CHECK(ask(post(Bytes(4000, 'p'))).status == 200);
  CHECK(ask(post(Bytes(4001, 'p'))).body["detail"] ==
        "The body has 4001 bytes, the limit of one message is 4000.");
  const Bytes padded = R"({"messages":[{"payload":1}]})";
  CHECK(ask(post(padded + Bytes(5000 - padded.size(), ' '), batch)).status == 200);
  CHECK(ask(post(padded + Bytes(5001 - padded.size(), ' '), batch)).body["detail"] ==
        "The body may have 5000 bytes at most: send it in parts, or as NDJSON "
        "(application/x-ndjson), which may have any length.");
  CHECK(ask(post(R"({"messages":[{"payload":1},{"payload":2},{"payload":3}]})", batch)).status ==
        200);
  CHECK(
      ask(post(R"({"messages":[{"payload":1},{"payload":2},{"payload":3},{"payload":4}]})", batch))
          .body["detail"] == "The body has more than 3 messages: send it in parts.");
  CHECK(ask(post("1", "Content-Type: " + std::string(256, 'c') + "\r\n")).status == 200);
  CHECK(ask(post("1", "Content-Type: " + std::string(257, 'c') + "\r\n")).status == 400);
  CHECK(ask(post("1", "Content-Type: \x80\r\n")).status == 400);
}

TEST_CASE_FIXTURE(HttpHouse, "a full stream lets a request wait, in turn with MQTT") {
  raw_options.bytes_in_flight_max = 3000;
  start();
  auto mqtt = connect("mote-2");
  auto client = dial_http();
  client.send(post(Bytes(2000, 'a')));
  await_in_flight(client, 1);
  auto second = dial_http();
  second.send(post(Bytes(2000, 'b')));
  settle();
  mqtt.send(mqtt::publish("devices/mote-2/telemetry", Bytes(2000, 'c'), 7));
  settle();
  CHECK(gateway->counts().messages_in_flight == 1);
  await_stored(mqtt, 3);
  CHECK(mqtt.run_until_received(4));
  CHECK(mqtt.received() == mqtt::puback(7));
  CHECK(client.run_until([&] { return client.received().ends_with("{\"accepted\": 1}"); }));
  CHECK(second.run_until([&] { return second.received().ends_with("{\"accepted\": 1}"); }));
  CHECK(messages()[1] == topic_1 + "=" + Bytes(2000, 'b'));
  CHECK(messages()[2] == "devices/mote-2/telemetry=" + Bytes(2000, 'c'));
}

TEST_CASE_FIXTURE(HttpHouse, "who waits too long or with too much is told to send again") {
  raw_options.bytes_in_flight_max = 3000;
  options.http.waiting_bytes_max = 2500;
  start();
  auto client = dial_http();
  client.send(post(Bytes(2000, 'a')));
  await_in_flight(client, 1);
  auto waiting = dial_http();
  waiting.send(post(Bytes(2000, 'b')));
  settle();
  auto refused = dial_http();
  refused.send(post(Bytes(2000, 'c')));
  const auto answered = [](TestClient& who) {
    Bytes received;
    who.run_until([&] { return !(received = who.received()).empty(); });
    return take_reply(received);
  };
  const Reply full = answered(refused);
  CHECK(full.status == 503);
  CHECK(full.head.find("Retry-After: 1") != std::string::npos);
  pass(options.http.answer_span_max - Duration{1});
  CHECK(waiting.received().empty());
  pass(Duration{1});
  CHECK(answered(waiting).body["detail"] ==
        "The stream is full: nothing was taken, send it again.");
  CHECK(answered(client).body["detail"].get<std::string>().starts_with("The disk is slow"));
  sync();
  pass(seconds{1});
  sync();
  CHECK(messages() == std::vector<std::string>{topic_1 + "=" + Bytes(2000, 'a')});
}

TEST_CASE_FIXTURE(HttpHouse, "a disk that is nearly full is said before the body is taken") {
  disk_is_low = true;
  start();
  const Reply reply = ask(post("1"));
  CHECK(reply.status == 503);
  CHECK(reply.body["detail"].get<std::string>().starts_with("The disk is nearly full"));
  disk_is_low = false;
  pass(seconds{1});
  CHECK(ask(post("1")).status == 200);
}

TEST_CASE_FIXTURE(HttpHouse, "a device that leaves before its answer disturbs nobody") {
  start();
  {
    auto client = dial_http();
    client.send(post("1"));
    await_in_flight(client, 1);
  }
  settle();
  sync();
  CHECK(messages() == std::vector<std::string>{topic_1 + "=1"});
  CHECK(ask(post("2")).status == 200);
}

TEST_CASE_FIXTURE(HttpHouse, "a device that was disabled is refused at its next request") {
  start();
  auto client = dial_http();
  CHECK(ask(client, post("1")).status == 200);
  auto disabled = device("mote-1");
  disabled.enabled = false;
  REQUIRE(business->update(disabled));
  pass(std::chrono::milliseconds{100});
  CHECK(ask(client, post("2")).status == 401);
}

}  // namespace cauce::gateway
