// What sessions of DTLS cost: resident memory of an idle session and of an open handshake. The
// clients are another process, on loopback.
//
//   dtls_bench [clients]   build: cmake --preset release, then ninja -C build/release dtls_bench
#include <fmt/core.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "net/dtls.h"
#include "net/test_dtls.h"

namespace {

using namespace cauce;
using namespace cauce::net;

const Bytes key = "a key of thirty-two bytes, text.";

class Counter final : public DtlsHandler {
 public:
  std::optional<SharedKey> find_shared_key(std::string_view identity) override {
    return SharedKey{key, Bytes(identity)};
  }
  bool is_valid(BytesView) override { return true; }
  void on_datagram(const DatagramPeer&, BytesView) override {}
  void on_event(DtlsEvent, const DatagramPeer&, std::string_view) override {}
};

std::size_t resident_bytes() {
  std::ifstream file("/proc/self/statm");
  std::size_t all = 0;
  std::size_t resident = 0;
  file >> all >> resident;
  return resident * std::size_t(::sysconf(_SC_PAGESIZE));
}

// Each from a port of its own. `whole`: the handshake ends, else it stays open after its cookie.
int be_clients(const Address& server, std::size_t count, bool whole) {
  const auto loop = Loop::create();
  std::vector<std::unique_ptr<TestDatagrams>> sockets;
  for (std::size_t number = 0; number < count; ++number) {
    sockets.push_back(std::make_unique<TestDatagrams>(*loop, server));
    DtlsTestPeer client({"mote-" + std::to_string(number), key});
    sockets.back()->send(client.step());
    for (int answers = 0; !client.is_ready();) {
      const Bytes reply = client.step(sockets.back()->next());
      if (!reply.empty()) ++answers;
      if (!whole && answers == 2) break;
      sockets.back()->send(reply);
    }
  }
  return 0;
}

void measure(std::size_t count, bool whole) {
  Counter handler;
  SystemClock clock;
  SeededRandom random(1);
  const auto loop = Loop::create();
  auto listener = Listener::bind_datagrams({"127.0.0.1", 0});
  if (!listener) std::abort();
  const Address address = listener->address();
  DtlsLimits limits;
  limits.sessions_max = count;
  limits.handshakes_max = count;
  auto server = *DtlsServer::start(*loop, std::move(*listener), handler, clock, random, limits);
  const pid_t child = ::fork();
  if (child == 0) ::_exit(be_clients(address, count, whole));
  const auto now = [&] { return whole ? server->sessions() : server->handshakes(); };
  // What is made once is there after the first hundredth.
  while (now() < count / 100)
    loop->run_ready();
  const std::size_t counted = count - now();
  const std::size_t before = resident_bytes();
  while (now() < count)
    loop->run_ready();
  fmt::print("{} {}: {:.1f} KB resident each\n", count, whole ? "idle sessions" : "open handshakes",
             double(resident_bytes() - before) / double(counted) / 1000);
  ::waitpid(child, nullptr, 0);
}

}  // namespace

int main(int count, char** words) {
  const std::size_t clients = count > 1 ? std::strtoul(words[1], nullptr, 10) : 2000;
  for (const bool whole : {true, false}) {
    if (const pid_t child = ::fork(); child == 0) {
      measure(clients, whole);
      std::fflush(stdout);
      ::_exit(0);
    } else {
      ::waitpid(child, nullptr, 0);
    }
  }
}
