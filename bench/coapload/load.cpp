#include "coapload/load.h"

#include <arpa/inet.h>
#include <sys/epoll.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <memory>

#include "coapload/channel.h"
#include "mqttload/process.h"

namespace coapload {
namespace {

constexpr int events_max = 256;
constexpr int wait_ms_max = 10;

std::uint64_t now_microseconds() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return std::uint64_t(std::chrono::duration_cast<std::chrono::microseconds>(since).count());
}

std::uint64_t microseconds(double seconds) {
  return std::uint64_t(seconds * 1e6);
}

struct Peer {
  Peer(std::uint32_t number, const Options& options, const sockaddr_in& server,
       std::vector<Acknowledged>& ledger)
      : client(number, options.shape, options.devices[number].path, options.devices[number].query,
               ledger),
        channel(server, options.devices[number].identity, options.devices[number].key) {}

  Client client;
  Channel channel;
};

class Load {
 public:
  explicit Load(const Options& options) : options_(options), poll_(epoll_create1(EPOLL_CLOEXEC)) {}
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;
  ~Load() { close(poll_); }

  Outcome run();

 private:
  void open_all();
  void serve_until(std::uint64_t end);
  void read(Peer& peer);
  void measure();
  void drain();
  std::uint64_t in_flight() const;
  std::uint64_t acknowledged() const;

  const Options& options_;
  const int poll_;
  Outcome outcome_;
  std::vector<std::unique_ptr<Peer>> peers_;
  bool stopped_ = false;
};

void Load::open_all() {
  sockaddr_in server{};
  server.sin_family = AF_INET;
  server.sin_port = htons(options_.port);
  if (inet_pton(AF_INET, options_.host.c_str(), &server.sin_addr) != 1) {
    outcome_.failure = "\"" + options_.host + "\" is no IPv4 address";
    return;
  }
  const std::uint64_t began = now_microseconds();
  for (std::uint32_t number = 0; number < options_.devices.size(); ++number) {
    peers_.push_back(std::make_unique<Peer>(number, options_, server, outcome_.ledger));
    outcome_.failure = peers_.back()->channel.failure();
    if (!outcome_.failure.empty()) return;
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = peers_.back().get();
    epoll_ctl(poll_, EPOLL_CTL_ADD, peers_.back()->channel.socket(), &event);
  }
  outcome_.handshake_seconds = double(now_microseconds() - began) / 1e6;
}

void Load::read(Peer& peer) {
  for (;;) {
    const std::string_view datagram = peer.channel.receive();
    if (datagram.empty()) return;
    std::string reply;
    const std::uint64_t now = now_microseconds();
    const auto heard = peer.client.receive(datagram, now, reply);
    if (!reply.empty()) peer.channel.send(reply);
    if (heard == Client::Heard::answer && !stopped_) peer.channel.send(peer.client.ask(now));
  }
}

void Load::serve_until(std::uint64_t end) {
  epoll_event events[events_max];
  std::uint64_t looked_at = 0;
  for (std::uint64_t now = now_microseconds(); now < end; now = now_microseconds()) {
    if (stopped_ && in_flight() == 0) return;
    const int count = epoll_wait(poll_, events, events_max, wait_ms_max);
    for (int index = 0; index < count; ++index)
      read(*static_cast<Peer*>(events[index].data.ptr));
    if (now - looked_at < 100'000) continue;
    looked_at = now;
    for (const auto& peer : peers_) {
      const std::string_view again = peer->client.ask_again(now);
      if (!again.empty()) peer->channel.send(again);
      // Who was refused tries something new after a while.
      if (!stopped_ && !peer->client.waits()) peer->channel.send(peer->client.ask(now));
    }
  }
}

void Load::measure() {
  for (const auto& peer : peers_)
    peer->client.latencies().clear();
  const std::uint64_t acknowledged_before = acknowledged();
  const std::uint64_t cpu_before = mqttload::cpu_microseconds(options_.pid);
  const std::uint64_t began = now_microseconds();
  serve_until(began + microseconds(options_.seconds));
  outcome_.seconds = double(now_microseconds() - began) / 1e6;
  outcome_.server_cpu_microseconds = mqttload::cpu_microseconds(options_.pid) - cpu_before;
  outcome_.acknowledged = acknowledged() - acknowledged_before;
  for (const auto& peer : peers_) {
    const auto& latencies = peer->client.latencies();
    outcome_.latencies.insert(outcome_.latencies.end(), latencies.begin(), latencies.end());
  }
  std::sort(outcome_.latencies.begin(), outcome_.latencies.end());
}

void Load::drain() {
  stopped_ = true;
  serve_until(now_microseconds() + microseconds(options_.drain_seconds));
  outcome_.unacknowledged = in_flight();
  for (const auto& peer : peers_) {
    outcome_.refused += peer->client.refused();
    outcome_.repeated += peer->client.repeated();
  }
}

std::uint64_t Load::in_flight() const {
  return std::uint64_t(std::count_if(peers_.begin(), peers_.end(),
                                     [](const auto& peer) { return peer->client.waits(); }));
}

std::uint64_t Load::acknowledged() const {
  std::uint64_t sum = 0;
  for (const auto& peer : peers_)
    sum += peer->client.acknowledged();
  return sum;
}

Outcome Load::run() {
  open_all();
  if (!outcome_.failure.empty()) return std::move(outcome_);
  for (const auto& peer : peers_)
    peer->channel.send(peer->client.ask(now_microseconds()));
  serve_until(now_microseconds() + microseconds(options_.warm_seconds));
  measure();
  drain();
  return std::move(outcome_);
}

}  // namespace

Outcome run_load(const Options& options) {
  return Load(options).run();
}

}  // namespace coapload
