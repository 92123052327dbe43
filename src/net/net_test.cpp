#include "net/net.h"

#include <doctest/doctest.h>
#include <fcntl.h>

#include <fstream>
#include <sstream>
#include <thread>

#include "net/test_client.h"

namespace cauce::net {
namespace {

struct Log {
  Connection* connection = nullptr;
  Bytes received;
  std::size_t calls = 0;
  int sent = 0;
  std::string closed;
  std::function<void(BytesView)> on_bytes;
};

class LoggingHandler final : public Handler {
 public:
  explicit LoggingHandler(Log& log) : log_(log) {}
  void on_bytes(BytesView bytes) override {
    log_.received.append(bytes);
    ++log_.calls;
    if (log_.on_bytes) log_.on_bytes(bytes);
  }
  void on_sent() override { ++log_.sent; }
  void on_closed(std::string_view why) override {
    log_.closed = why;
    log_.connection = nullptr;
  }

 private:
  Log& log_;
};

struct Fixture {
  std::unique_ptr<Loop> loop = Loop::create();
  Log log;
  Address address;

  Fixture() {
    auto listener = Listener::bind({"127.0.0.1", 0});
    REQUIRE(listener);
    address = listener->address();
    auto accept = [this](Connection& connection) {
      log.connection = &connection;
      return std::make_unique<LoggingHandler>(log);
    };
    REQUIRE(loop->listen(std::move(*listener), accept));
  }
  TestClient connect() {
    TestClient client(*loop, address);
    CHECK(client.run_until([&] { return log.connection != nullptr; }));
    return client;
  }
};

std::string program_name() {
  std::string name;
  std::ifstream("/proc/self/comm") >> name;
  return name;
}

}  // namespace

TEST_CASE("port 0 binds a free port and says which") {
  const auto listener = Listener::bind({"127.0.0.1", 0});
  REQUIRE(listener);
  CHECK(listener->address().host == "127.0.0.1");
  CHECK(listener->address().port != 0);
}

TEST_CASE("a taken port names the program and pid that hold it") {
  const auto first = Listener::bind({"127.0.0.1", 0});
  REQUIRE(first);
  const auto second = Listener::bind(first->address());
  REQUIRE_FALSE(second);
  CHECK(second.error().outcome == Outcome::conflict);
  CHECK(second.error().message == "port " + std::to_string(first->address().port) +
                                      " is taken by " + program_name() + " (pid " +
                                      std::to_string(::getpid()) + ")");
}

TEST_CASE("an address that is not numeric or not ours is refused") {
  CHECK(Listener::bind({"sensors.example", 0}).error().outcome == Outcome::invalid);
  CHECK(Listener::bind({"192.0.2.1", 0}).error().outcome == Outcome::invalid);
}

TEST_CASE("a listener is closed by exec unless it is kept, and can be adopted") {
  auto listener = Listener::bind({"127.0.0.1", 0});
  REQUIRE(listener);
  CHECK((::fcntl(listener->descriptor(), F_GETFD) & FD_CLOEXEC) != 0);
  REQUIRE(listener->keep_across_exec());
  CHECK((::fcntl(listener->descriptor(), F_GETFD) & FD_CLOEXEC) == 0);
  const Address address = listener->address();
  const auto adopted = Listener::adopt(listener->release());
  REQUIRE(adopted);
  CHECK(adopted->address() == address);
  CHECK((::fcntl(adopted->descriptor(), F_GETFD) & FD_CLOEXEC) != 0);
  CHECK_FALSE(Listener::adopt(0));
}

TEST_CASE_FIXTURE(Fixture, "bytes go both ways") {
  auto client = connect();
  CHECK(log.connection->peer().starts_with("127.0.0.1:"));
  client.send("hello");
  CHECK(client.run_until([&] { return log.received == "hello"; }));
  log.connection->send("wel");
  log.connection->send("come");
  CHECK(log.connection->unsent_bytes() == 7);
  CHECK(client.run_until_received(7));
  CHECK(client.received() == "welcome");
  CHECK(log.sent == 1);
  CHECK(log.connection->unsent_bytes() == 0);
}

TEST_CASE_FIXTURE(Fixture, "a paused connection is not read until it is resumed") {
  auto client = connect();
  log.connection->pause_reading();
  client.send("wait");
  for (int turn = 0; turn < 10; ++turn)
    loop->run_ready();
  CHECK(log.received.empty());
  log.connection->resume_reading();
  CHECK(client.run_until([&] { return log.received == "wait"; }));
}

TEST_CASE_FIXTURE(Fixture, "what was queued before close still arrives") {
  auto client = connect();
  log.on_bytes = [this](BytesView) {
    log.connection->send("goodbye");
    log.connection->close();
    log.connection->send("never");
    CHECK(log.closed.empty());
  };
  client.send("x");
  // Unread bytes would otherwise reset the connection and take our last bytes with them.
  client.send(std::string(100'000, 'y'));
  CHECK(client.run_until_closed());
  CHECK(client.received() == "goodbye");
  CHECK(log.closed == "closed");
}

TEST_CASE_FIXTURE(Fixture, "the peer's close is reported once") {
  auto client = connect();
  client.disconnect();
  CHECK(client.run_until([&] { return !log.closed.empty(); }));
  CHECK(log.closed == "the peer closed the connection");
}

TEST_CASE_FIXTURE(Fixture, "a peer that does not read leaves bytes unsent, and gets them later") {
  auto client = connect();
  const std::string piece(1 << 20, 'p');
  std::size_t total = 0;
  while (log.connection->unsent_bytes() < piece.size()) {
    log.connection->send(piece);
    total += piece.size();
    loop->run_ready();
    REQUIRE(total < (1U << 30));
  }
  const int sent = log.sent;
  CHECK(client.run_until_received(total));
  CHECK(log.connection->unsent_bytes() == 0);
  CHECK(log.sent == sent + 1);
}

TEST_CASE_FIXTURE(Fixture,
                  "an outlet sends from another thread, in one order with the connection") {
  auto client = connect();
  const auto outlet = log.connection->outlet();
  log.connection->send("first, ");
  outlet->queue("second");
  std::thread([&] { outlet->flush(); }).join();
  client.receive();
  CHECK(client.take_received() == "first, second");
  CHECK(log.connection->unsent_bytes() == 0);
  log.connection->send(", third");
  CHECK(client.run_until_received(7));
  CHECK(client.received() == ", third");
  CHECK(log.sent == 1);
}

TEST_CASE_FIXTURE(Fixture, "what the kernel does not take of an outlet leaves by the loop") {
  auto client = connect();
  const auto outlet = log.connection->outlet();
  const std::string piece(1 << 20, 'p');
  std::size_t total = 0;
  while (log.connection->unsent_bytes() < piece.size()) {
    outlet->queue(piece);
    outlet->flush();
    total += piece.size();
    REQUIRE(total < (1U << 30));
  }
  CHECK(client.run_until_received(total));
  CHECK(log.connection->unsent_bytes() == 0);
  CHECK(log.sent > 0);
}

TEST_CASE_FIXTURE(Fixture, "two threads send through one connection, each in its order") {
  constexpr int count = 20'000;
  auto client = connect();
  std::thread writer([outlet = log.connection->outlet()] {
    for (int number = 0; number < count; ++number) {
      outlet->queue("w" + std::to_string(number) + " ");
      outlet->flush();
    }
  });
  int sent = 0;
  const std::string last = std::to_string(count - 1) + " ";
  CHECK(client.run_until([&] {
    for (int piece = 0; piece < 10 && sent < count; ++piece)
      log.connection->send("l" + std::to_string(sent++) + " ");
    return client.received().find("w" + last) != Bytes::npos &&
           client.received().find("l" + last) != Bytes::npos;
  }));
  writer.join();
  int next[2] = {0, 0};
  std::istringstream pieces(client.received());
  for (std::string piece; pieces >> piece;) {
    int& expected = next[piece.front() == 'w' ? 0 : 1];
    REQUIRE(piece.substr(1) == std::to_string(expected));
    ++expected;
  }
  CHECK(next[0] == count);
  CHECK(next[1] == count);
}

TEST_CASE_FIXTURE(Fixture, "an outlet takes nothing for a connection that is closed") {
  auto client = connect();
  const auto outlet = log.connection->outlet();
  log.connection->send("goodbye");
  log.connection->close();
  outlet->queue("never");
  outlet->flush();
  CHECK(client.run_until_closed());
  CHECK(client.received() == "goodbye");
}

TEST_CASE_FIXTURE(Fixture, "what a connection leaves unsent goes to nobody else") {
  auto client = connect();
  const auto outlet = log.connection->outlet();
  while (log.connection->unsent_bytes() == 0) {
    outlet->queue(std::string(1 << 20, 'p'));
    outlet->flush();
  }
  client.disconnect();
  while (log.closed.empty())
    loop->run_ready();
  // Its socket has the number of the one before.
  auto next = connect();
  outlet->flush();
  log.connection->send("hello");
  CHECK(next.run_until_received(5));
  CHECK(next.received() == "hello");
}

TEST_CASE_FIXTURE(Fixture,
                  "a peer that an outlet finds gone is reported, also while nothing is read") {
  auto client = connect();
  const auto outlet = log.connection->outlet();
  log.connection->pause_reading();
  client.disconnect();
  for (int turn = 0; turn < 1000 && log.closed.empty(); ++turn) {
    outlet->queue("anybody?");
    outlet->flush();
    loop->run_ready();
  }
  CHECK_FALSE(log.closed.empty());
}

TEST_CASE_FIXTURE(Fixture, "an outlet may outlive its loop") {
  auto client = connect();
  const auto outlet = log.connection->outlet();
  loop.reset();
  outlet->queue("never");
  outlet->flush();
  client.receive();
  CHECK(client.received().empty());
}

TEST_CASE_FIXTURE(Fixture, "a refused connection is closed at once") {
  auto listener = Listener::bind({"127.0.0.1", 0});
  REQUIRE(listener);
  const Address other = listener->address();
  REQUIRE(loop->listen(std::move(*listener),
                       [](Connection&) -> std::unique_ptr<Handler> { return nullptr; }));
  TestClient client(*loop, other);
  CHECK(client.run_until_closed());
}

TEST_CASE("tasks posted from another thread run on the loop, timers tick, stop ends run") {
  const auto loop = Loop::create();
  const auto here = std::this_thread::get_id();
  bool ran_here = false;
  int ticks = 0;
  std::thread other([&] { loop->post([&] { ran_here = std::this_thread::get_id() == here; }); });
  loop->every(std::chrono::milliseconds{1}, [&] {
    if (++ticks >= 3 && ran_here) loop->stop();
  });
  loop->run();
  other.join();
  CHECK(ran_here);
  CHECK(ticks >= 3);
}

TEST_CASE("a loop with connections can be destroyed") {
  Fixture fixture;
  auto client = fixture.connect();
  auto paused = fixture.connect();
  fixture.log.connection->pause_reading();
  fixture.loop.reset();
  CHECK(fixture.log.closed.empty());
}

}  // namespace cauce::net
