// Bodies that are read while they come.
#include <doctest/doctest.h>

#include "net/http.h"
#include "net/test_client.h"

namespace cauce::net {
namespace {

// A server that notes what its body readers see.
struct StreamingServer {
  std::unique_ptr<Loop> loop = Loop::create();
  HttpOptions options;
  Address address;

  Bytes pieces;  // of all bodies; "|" where reading pauses
  std::vector<int> ends;
  int readers = 0;
  bool takes_more = true;
  Streaming::Resume resume;
  Respond respond;

  class Reader final : public BodyReader {
   public:
    explicit Reader(StreamingServer& server) : server_(server) { ++server_.readers; }
    ~Reader() override { --server_.readers; }
    bool on_piece(BytesView piece) override {
      server_.pieces += piece;
      if (!server_.takes_more) server_.pieces += "|";
      return server_.takes_more;
    }
    void on_end(int fault) override { server_.ends.push_back(fault); }

   private:
    StreamingServer& server_;
  };

  void start() {
    auto listener = Listener::bind({"127.0.0.1", 0});
    REQUIRE(listener);
    address = listener->address();
    options.streaming.emplace();
    options.streaming->wants = [](const Request& head) { return head.path == "/stream"; };
    options.streaming->begin = [this](const Request&, Streaming::Resume again, Respond answer) {
      resume = std::move(again);
      respond = std::move(answer);
      return std::make_unique<Reader>(*this);
    };
    const auto serve = [](const Request& request, Respond answer) {
      answer({200, {}, "whole " + request.body});
    };
    REQUIRE(serve_http(*loop, std::move(*listener), serve, options));
  }
  void turn() {
    for (int count = 0; count < 10; ++count)
      loop->run_ready();
  }
  bool await_pieces(TestClient& client, std::string_view expected) {
    return client.run_until([&] { return pieces == expected; });
  }
};

const Bytes chunked = "POST /stream HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";

}  // namespace

TEST_CASE_FIXTURE(StreamingServer, "a body is read while it comes, and answered at its end") {
  start();
  TestClient client(*loop, address);
  client.send(chunked + "3\r\nabc\r\n");
  CHECK(await_pieces(client, "abc"));
  client.send("2;x=y\r\nde\r\n");
  CHECK(await_pieces(client, "abcde"));
  CHECK(ends.empty());
  client.send("0\r\n\r\nPOST /other HTTP/1.1\r\nContent-Length: 2\r\n\r\nhi");
  CHECK(client.run_until([&] { return ends.size() == 1; }));
  CHECK(ends[0] == 0);
  turn();
  client.receive();
  CHECK(client.received().empty());
  respond({200, {}, "done"});
  CHECK(client.run_until([&] { return client.received().ends_with("whole hi"); }));
  CHECK(client.received().find("done") < client.received().find("whole"));
  CHECK(readers == 0);
}

TEST_CASE_FIXTURE(StreamingServer, "a body of a length beyond what is held is read as well") {
  options.body_bytes_max = 10;
  options.incomplete_bytes_max = 256 << 10;
  start();
  TestClient client(*loop, address);
  const std::size_t size = 5 << 20;
  Bytes bytes = "POST /stream HTTP/1.1\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" +
                Bytes(size, 'x');
  BytesView rest = bytes;
  CHECK(client.run_until([&] {
    rest.remove_prefix(client.send(rest));
    return pieces.size() == size;
  }));
  CHECK(ends == std::vector<int>{0});
}

TEST_CASE_FIXTURE(StreamingServer, "who takes no more is not sent more until he says so") {
  start();
  TestClient client(*loop, address);
  takes_more = false;
  client.send(chunked + "3\r\nabc\r\n");
  CHECK(await_pieces(client, "abc|"));
  client.send("2\r\nde\r\n");
  turn();
  CHECK(pieces == "abc|");
  resume();
  CHECK(await_pieces(client, "abc|de|"));
  takes_more = true;
  resume();
  client.send("1\r\nf\r\n0\r\n\r\n");
  CHECK(await_pieces(client, "abc|de|f"));
  CHECK(client.run_until([&] { return ends.size() == 1; }));
  // Of a body that is over, this means nothing.
  resume();
  turn();
  CHECK(ends.size() == 1);
}

TEST_CASE_FIXTURE(StreamingServer, "who answers before the end is not sent the rest") {
  start();
  TestClient client(*loop, address);
  client.send(chunked + "3\r\nabc\r\n");
  CHECK(await_pieces(client, "abc"));
  respond({413, {}, "enough"});
  client.send("3\r\ndef\r\n");
  CHECK(client.run_until_closed());
  CHECK(client.received().starts_with("HTTP/1.1 413"));
  CHECK(client.received().find("Connection: close") != Bytes::npos);
  CHECK(pieces == "abc");
  CHECK(ends.empty());
  CHECK(readers == 0);
}

TEST_CASE_FIXTURE(StreamingServer, "a body that does not become whole ends with why") {
  options.idle_max = std::chrono::milliseconds{40};
  start();
  TestClient broken(*loop, address);
  broken.send(chunked + "3\r\nabcXYZ\r\n");
  CHECK(broken.run_until([&] { return ends.size() == 1; }));
  CHECK(ends.at(0) == 400);
  respond({400, {}, "bad"});
  CHECK(broken.run_until_closed());
  CHECK(broken.received().ends_with("bad"));
  TestClient silent(*loop, address);
  silent.send(chunked + "3\r\nab");
  CHECK(silent.run_until([&] { return ends.size() == 2; }));
  CHECK(ends[1] == 408);
  respond({408, {}, "late"});
  CHECK(silent.run_until_closed());
  CHECK(silent.received().ends_with("late"));
}

TEST_CASE_FIXTURE(StreamingServer, "a reader whose connection is gone is told by its own end") {
  start();
  {
    TestClient client(*loop, address);
    client.send(chunked + "3\r\nabc\r\n");
    CHECK(await_pieces(client, "abc"));
    CHECK(readers == 1);
  }
  turn();
  CHECK(readers == 0);
  CHECK(ends.empty());
  resume();
  respond({200, {}, "nobody hears"});
  turn();
}

TEST_CASE_FIXTURE(StreamingServer, "who expects it is told to continue") {
  start();
  TestClient client(*loop, address);
  client.send("POST /stream HTTP/1.1\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n");
  CHECK(client.run_until_received(25));
  CHECK(client.received() == "HTTP/1.1 100 Continue\r\n\r\n");
  client.send("abc");
  CHECK(await_pieces(client, "abc"));
}

}  // namespace cauce::net
