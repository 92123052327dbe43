#include "net/datagrams.h"

#include <doctest/doctest.h>

#include "net/net.h"
#include "net/test_datagrams.h"

namespace cauce::net {

TEST_CASE("datagrams are taken whole and answered to where they came from") {
  for (const char* host : {"127.0.0.1", "::1"}) {
    const auto loop = Loop::create();
    auto listener = Listener::bind_datagrams({host, 0});
    REQUIRE(listener);
    const Address address = listener->address();
    CHECK(address.port != 0);
    std::shared_ptr<DatagramSocket> socket;
    std::vector<std::string> peers;
    auto made = loop->receive(std::move(*listener), [&](const DatagramPeer& peer, BytesView text) {
      peers.push_back(to_text(peer));
      socket->send(peer, "echo " + Bytes(text));
    });
    REQUIRE(made);
    socket = *made;
    TestDatagrams client(*loop, address);
    client.send("one");
    CHECK(client.next() == "echo one");
    client.send("");
    CHECK(client.next() == "echo ");
    client.send(Bytes(60'000, 'x'));
    CHECK(client.next().size() == 60'005);
    REQUIRE(peers.size() == 3);
    CHECK(peers[0] == peers[2]);
    CHECK(peers[0].find(host) != std::string::npos);
  }
}

TEST_CASE("a port of datagrams is taken once, and can be handed on") {
  auto listener = Listener::bind_datagrams({"127.0.0.1", 0});
  REQUIRE(listener);
  CHECK(Listener::bind_datagrams(listener->address()).error().outcome == Outcome::conflict);
  const Address address = listener->address();
  const auto adopted = Listener::adopt(listener->release());
  REQUIRE(adopted);
  CHECK(adopted->address() == address);
}

TEST_CASE("a socket that is dropped takes nothing more") {
  const auto loop = Loop::create();
  auto listener = Listener::bind_datagrams({"127.0.0.1", 0});
  REQUIRE(listener);
  const Address address = listener->address();
  int taken = 0;
  auto socket =
      loop->receive(std::move(*listener), [&](const DatagramPeer&, BytesView) { ++taken; });
  REQUIRE(socket);
  TestDatagrams client(*loop, address);
  socket->reset();
  client.send("late");
  for (int turn = 0; turn < 10; ++turn)
    loop->run_ready();
  CHECK(taken == 0);
}

}  // namespace cauce::net
