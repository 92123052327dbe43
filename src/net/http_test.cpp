#include "net/http.h"

#include <doctest/doctest.h>

#include <set>
#include <thread>

#include "net/http_target.h"
#include "net/test_client.h"

namespace cauce::net {
namespace {

struct Fixture {
  std::unique_ptr<Loop> loop = Loop::create();
  HttpOptions options;
  Serve serve = [](const Request& request, Respond respond) {
    std::string text = request.method + " " + request.path;
    for (const auto& [name, value] : request.query)
      text += " " + name + "=" + value;
    if (!request.body.empty()) text += " " + request.body;
    respond({200, {{"content-type", "text/plain"}}, text});
  };
  Address address;

  TestClient start() {
    auto listener = Listener::bind({"127.0.0.1", 0});
    REQUIRE(listener);
    address = listener->address();
    REQUIRE(serve_http(*loop, std::move(*listener), serve, options));
    return TestClient(*loop, address);
  }
  // Sends everything, answers all that comes back until the text ends with `end` or the end.
  Bytes exchange(TestClient& client, std::string_view bytes, std::string_view end) {
    client.run_until([&] {
      bytes.remove_prefix(client.closed() ? bytes.size() : client.send(bytes));
      return client.closed() || (bytes.empty() && client.received().ends_with(end));
    });
    return client.take_received();
  }
};

std::string status_line(const Bytes& answer) {
  return answer.substr(0, answer.find("\r\n"));
}

}  // namespace

TEST_CASE("a target is taken apart and decoded") {
  const auto target = parse_target("/api/v1/cold%20room?x=a+b%26&y&x=2");
  REQUIRE(target);
  CHECK(target->path == "/api/v1/cold room");
  CHECK(target->query == std::map<std::string, std::string>{{"x", "a b&"}, {"y", ""}});
  CHECK(parse_target("http://host:80/p?q=1")->path == "/p");
  CHECK(parse_target("http://host")->path == "/");
  CHECK(parse_target("*")->path == "*");
  for (const char* text : {"", "devices", "/%", "/%2", "/%zz", "/%00", "/?a=%4", "?a=b"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_target(text));
  }
}

TEST_CASE("a target survives being written and read") {
  const Target target{"/a b/ñ%", {{"x&", "1=2 +"}, {"y", ""}}};
  const auto read = parse_target(to_text(target));
  REQUIRE(read);
  CHECK(read->path == target.path);
  CHECK(read->query == target.query);
}

TEST_CASE_FIXTURE(Fixture, "a connection serves one request after the other") {
  auto client = start();
  CHECK(exchange(client, "GET /a?x=1 HTTP/1.1\r\nHost: h\r\n\r\n", "GET /a x=1") ==
        "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nContent-Length: 10\r\n\r\nGET /a x=1");
  const auto second = exchange(
      client, "POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 4\r\n\r\nbody", "POST /b body");
  CHECK(status_line(second) == "HTTP/1.1 200 OK");
  CHECK_FALSE(client.closed());
}

TEST_CASE_FIXTURE(Fixture, "pipelined requests are answered in order, whoever is ready first") {
  std::vector<Respond> waiting;
  serve = [&](const Request& request, Respond respond) {
    if (request.path == "/slow") {
      waiting.push_back(std::move(respond));
    } else {
      respond({200, {}, "fast"});
    }
  };
  auto client = start();
  client.send("GET /slow HTTP/1.1\r\n\r\nGET /fast HTTP/1.1\r\n\r\n");
  CHECK(client.run_until([&] { return waiting.size() == 1; }));
  for (int turn = 0; turn < 10; ++turn)
    loop->run_ready();
  CHECK(client.received().empty());
  std::thread([&] { waiting[0]({200, {}, "slow"}); }).join();
  CHECK(client.run_until([&] { return client.received().ends_with("fast"); }));
  CHECK(client.received().find("slow") < client.received().find("fast"));
}

TEST_CASE_FIXTURE(Fixture, "HEAD gets the length but no body") {
  auto client = start();
  const auto answer = exchange(client, "HEAD /a HTTP/1.1\r\n\r\n", "\r\n\r\n");
  CHECK(answer.find("Content-Length: 7\r\n\r\n") != Bytes::npos);
  CHECK(answer.ends_with("\r\n\r\n"));
}

TEST_CASE_FIXTURE(Fixture, "a Respond destroyed unused answers 500") {
  serve = [](const Request&, Respond) {};
  auto client = start();
  CHECK(status_line(exchange(client, "GET / HTTP/1.1\r\n\r\n", "\r\n\r\n")) ==
        "HTTP/1.1 500 Internal Server Error");
}

TEST_CASE_FIXTURE(Fixture, "an answer for a client that has gone is dropped") {
  std::vector<Respond> waiting;
  serve = [&](const Request&, Respond respond) { waiting.push_back(std::move(respond)); };
  auto client = start();
  client.send("GET / HTTP/1.1\r\n\r\n");
  CHECK(client.run_until([&] { return waiting.size() == 1; }));
  client.disconnect();
  for (int turn = 0; turn < 10; ++turn)
    loop->run_ready();
  waiting[0]({200, {}, "late"});
  for (int turn = 0; turn < 10; ++turn)
    loop->run_ready();
  TestClient next(*loop, address);
  next.send("GET / HTTP/1.1\r\n\r\n");
  CHECK(next.run_until([&] { return waiting.size() == 2; }));
}

TEST_CASE_FIXTURE(Fixture, "a body at the limit is served, one byte more is 413") {
  options.body_bytes_max = 100'000;
  auto client = start();
  const std::string body(options.body_bytes_max, 'b');
  const auto answer =
      exchange(client, "PUT /a HTTP/1.1\r\nContent-Length: 100000\r\n\r\n" + body, body);
  CHECK(status_line(answer) == "HTTP/1.1 200 OK");
  const auto refused =
      exchange(client, "PUT /a HTTP/1.1\r\nContent-Length: 100001\r\n\r\nb" + body, "none");
  CHECK(status_line(refused) == "HTTP/1.1 413 Payload Too Large");
  CHECK(client.closed());
  TestClient chunked(*loop, address);
  const auto too_long = exchange(
      chunked, "PUT /a HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n186A1\r\nb" + body, "none");
  CHECK(status_line(too_long) == "HTTP/1.1 413 Payload Too Large");
}

TEST_CASE_FIXTURE(Fixture, "a header over the limit is 431") {
  options.header_bytes_max = 1000;
  auto client = start();
  const auto answer =
      exchange(client, "GET / HTTP/1.1\r\nx: " + std::string(1000, 'x') + "\r\n\r\n", "none");
  CHECK(status_line(answer) == "HTTP/1.1 431 Request Header Fields Too Large");
  CHECK(client.closed());
}

TEST_CASE_FIXTURE(Fixture, "what is not HTTP gets 400 and is closed; others go on") {
  auto client = start();
  for (const std::string_view garbage :
       {"\x10\x0c\x00\x04MQTT\x04\x02\x00\x00\r\n\r\n", "GET /%zz HTTP/1.1\r\n\r\n",
        "GET / HTTP/9.9\r\n\r\n", "GET /\r\n\r\n",
        "POST / HTTP/1.1\r\nContent-Length: x\r\n\r\n"}) {
    CAPTURE(garbage);
    TestClient hostile(*loop, address);
    CHECK(status_line(exchange(hostile, garbage, "none")) == "HTTP/1.1 400 Bad Request");
    CHECK(hostile.closed());
  }
  CHECK(exchange(client, "GET /a HTTP/1.1\r\n\r\n", "GET /a").ends_with("GET /a"));
}

TEST_CASE_FIXTURE(Fixture, "an unfinished request is 408, an idle connection is just closed") {
  options.idle_max = std::chrono::milliseconds{8};
  auto client = start();
  client.send("GET / HT");
  CHECK(client.run_until_closed());
  CHECK(status_line(client.received()) == "HTTP/1.1 408 Request Timeout");
  TestClient idle(*loop, address);
  CHECK(idle.run_until_closed());
  CHECK(idle.received().empty());
}

TEST_CASE_FIXTURE(Fixture, "connections over the limit are closed") {
  options.connections_max = 1;
  auto client = start();
  CHECK(exchange(client, "GET /a HTTP/1.1\r\n\r\n", "GET /a").ends_with("GET /a"));
  TestClient second(*loop, address);
  CHECK(second.run_until_closed());
  client.disconnect();
  loop->run_ready();
  TestClient third(*loop, address);
  CHECK(exchange(third, "GET /a HTTP/1.1\r\n\r\n", "GET /a").ends_with("GET /a"));
}

TEST_CASE_FIXTURE(Fixture, "a client that expects it is told to continue") {
  auto client = start();
  client.send("PUT /a HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n");
  CHECK(client.run_until_received(25));
  CHECK(client.take_received() == "HTTP/1.1 100 Continue\r\n\r\n");
  CHECK(exchange(client, "body", "body").ends_with("PUT /a body"));
}

TEST_CASE_FIXTURE(Fixture, "a header value cannot forge another header") {
  serve = [](const Request&, Respond respond) {
    respond({204, {{"x", "1\r\nset-cookie: forged"}}, {}});
  };
  auto client = start();
  const auto answer = exchange(client, "GET / HTTP/1.1\r\n\r\n", "\r\n\r\n");
  CHECK(answer == "HTTP/1.1 204 No Content\r\nx: 1  set-cookie: forged\r\n\r\n");
}

TEST_CASE_FIXTURE(Fixture, "the blocking client is served") {
  options.body_bytes_max = 32 << 20;
  start();
  std::thread server([&] { loop->run(); });
  Request request;
  request.method = "POST";
  request.path = "/a b";
  request.query = {{"x", "&"}};
  request.body = std::string(16 << 20, 'b');
  const auto response = request_http(address, request, std::chrono::seconds{60});
  loop->stop();
  server.join();
  REQUIRE(response);
  CHECK(response->status == 200);
  CHECK(response->body == "POST /a b x=& " + request.body);
}

TEST_CASE_FIXTURE(Fixture, "the blocking client gives up in time and says who does not answer") {
  start();
  Request request;
  request.method = "GET";
  request.path = "/";
  const auto silent = request_http(address, request, std::chrono::milliseconds{5});
  REQUIRE_FALSE(silent);
  CHECK(silent.error().outcome == Outcome::unavailable);
  CHECK(silent.error().message.find(std::to_string(address.port)) != std::string::npos);
  loop.reset();
  CHECK_FALSE(request_http(address, request, std::chrono::seconds{5}));
}

TEST_CASE_FIXTURE(Fixture, "a request is judged by its head, before its body is taken") {
  options.admit = [](const Request& head) -> std::optional<Response> {
    if (head.path == "/open") return std::nullopt;
    return Response{401, {}, head.method + " " + head.headers.at("x")};
  };
  auto client = start();
  const auto refused = exchange(
      client, "POST /shut HTTP/1.1\r\nx: y\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n",
      "POST y");
  CHECK(status_line(refused) == "HTTP/1.1 401 Unauthorized");
  CHECK(refused.find("Connection: close") != Bytes::npos);
  CHECK(client.run_until_closed());
  TestClient open(*loop, address);
  CHECK(exchange(open, "POST /open HTTP/1.1\r\nContent-Length: 4\r\n\r\nbody", "POST /open body")
            .starts_with("HTTP/1.1 200 OK"));
}

TEST_CASE_FIXTURE(Fixture, "requests that have not come whole hold so much memory and no more") {
  options.incomplete_bytes_max = 3000;
  options.refusal = [](int status, std::string_view, const Request&) {
    return Response{status, {}, "refused"};
  };
  auto client = start();
  const std::string head = "POST /a HTTP/1.1\r\nContent-Length: 2000\r\n\r\n";
  client.send(head + std::string(1900, 'a'));
  for (int turn = 0; turn < 10; ++turn)
    loop->run_ready();
  {
    TestClient second(*loop, address);
    const auto answer = exchange(second, head + std::string(1900, 'b'), "refused");
    CHECK(status_line(answer) == "HTTP/1.1 503 Service Unavailable");
    CHECK(second.run_until_closed());
  }
  for (int turn = 0; turn < 10; ++turn)
    loop->run_ready();
  CHECK(exchange(client, std::string(100, 'a'), "a").starts_with("HTTP/1.1 200 OK"));
  TestClient third(*loop, address);
  CHECK(exchange(third, head + std::string(2000, 'c'), "c").starts_with("HTTP/1.1 200 OK"));
}

namespace {

// A client on the server's own loop.
struct Caller : Fixture {
  HttpClientOptions client_options;
  std::unique_ptr<HttpClient> caller;
  std::vector<Result<Response>> answers;

  void begin() {
    start();
    caller = HttpClient::create(*loop, client_options);
  }
  void send(const std::string& path, const Bytes& body = "b") {
    Request request;
    request.method = "POST";
    request.path = path;
    request.body = body;
    caller->send(address, request,
                 [this](Result<Response> answer) { answers.push_back(std::move(answer)); });
  }
  bool await_answers(std::size_t count) {
    TestClient turner(*loop, address);
    return turner.run_until([&] { return answers.size() >= count; });
  }
};

}  // namespace

TEST_CASE_FIXTURE(Caller, "a client asks without blocking and keeps its connection") {
  std::size_t requests = 0;
  std::set<std::string> peers;
  serve = [&](const Request& request, Respond respond) {
    ++requests;
    peers.insert(request.peer);
    respond({200, {{"X", "y"}}, request.path + " " + request.body});
  };
  begin();
  for (std::size_t count = 1; count <= 3; ++count) {
    send("/a b");
    REQUIRE(await_answers(count));
    REQUIRE(answers.back());
    CHECK(answers.back()->status == 200);
    CHECK(answers.back()->body == "/a b b");
  }
  CHECK(requests == 3);
  CHECK(peers.size() == 1);
}

TEST_CASE_FIXTURE(Caller, "a client waits for a connection, and not with more than it may") {
  std::vector<Respond> held;
  serve = [&](const Request&, Respond respond) { held.push_back(std::move(respond)); };
  client_options.connections_max = 2;
  client_options.waiting_max = 3;
  begin();
  const auto turn = [&] {
    for (int count = 0; count < 20; ++count)
      loop->run_ready();
  };
  send("/1");
  send("/2");
  turn();
  CHECK(held.size() == 2);
  for (const char* path : {"/3", "/4", "/5", "/6"})
    send(path);
  turn();
  CHECK(held.size() == 2);
  REQUIRE(answers.size() == 1);
  CHECK(answers[0].error().outcome == Outcome::exhausted);
  for (std::size_t index = 0; index < 5; ++index) {
    REQUIRE(index < held.size());
    held[index]({204, {}, {}});
    turn();
  }
  CHECK(await_answers(6));
}

TEST_CASE_FIXTURE(Caller, "a client says that nobody answers: none there, gone, or too slow") {
  std::vector<Respond> held;
  serve = [&](const Request&, Respond respond) { held.push_back(std::move(respond)); };
  client_options.answer_span_max = std::chrono::milliseconds{40};
  begin();
  send("/slow");
  REQUIRE(await_answers(1));
  CHECK(answers[0].error().outcome == Outcome::unavailable);
  CHECK(answers[0].error().message.ends_with("it took too long"));
  const Address served = address;
  {
    auto listener = Listener::bind({"127.0.0.1", 0});
    REQUIRE(listener);
    address = listener->address();
  }
  Request request;
  caller->send(address, request, [this](Result<Response> answer) { answers.push_back(answer); });
  address = served;
  REQUIRE(await_answers(2));
  CHECK(answers[1].error().message.find("Connection refused") != std::string::npos);
  caller->send({"not numeric", 1}, request,
               [this](Result<Response> answer) { answers.push_back(answer); });
  REQUIRE(await_answers(3));
  CHECK(answers[2].error().outcome == Outcome::unavailable);
}

TEST_CASE_FIXTURE(Caller, "a client that goes tells nobody any more") {
  std::vector<Respond> held;
  serve = [&](const Request&, Respond respond) { held.push_back(std::move(respond)); };
  begin();
  send("/a");
  TestClient turner(*loop, address);
  REQUIRE(turner.run_until([&] { return held.size() == 1; }));
  send("/b");
  caller.reset();
  held.clear();
  for (int count = 0; count < 50; ++count)
    loop->run_ready();
  CHECK(answers.empty());
}

}  // namespace cauce::net
