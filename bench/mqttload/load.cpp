#include "mqttload/load.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <memory>
#include <utility>

#include "mqttload/process.h"

namespace mqttload {
namespace {

constexpr std::size_t receive_bytes_max = 1 << 16;
constexpr int events_max = 256;
constexpr std::uint64_t wait_max_microseconds = 10'000;

std::uint64_t now_microseconds() {
  const auto since = std::chrono::steady_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(since).count());
}

std::uint64_t microseconds(double seconds) {
  return static_cast<std::uint64_t>(seconds * 1e6);
}

struct Connection {
  Connection(std::uint32_t number, const Options& options, std::vector<Acknowledged>& ledger)
      : publisher(number, options.shape, ledger,
                  number < options.tokens.size() ? options.tokens[number] : std::string_view{}) {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() {
    if (socket >= 0) close(socket);
  }

  int socket = -1;
  bool waits_to_write = false;
  Publisher publisher;
};

class Load {
 public:
  explicit Load(const Options& options) : options_(options), poll_(epoll_create1(EPOLL_CLOEXEC)) {}
  Load(const Load&) = delete;
  Load& operator=(const Load&) = delete;
  ~Load() { close(poll_); }

  Outcome run();
  IdleOutcome run_idle();

 private:
  void open_all();
  void await_admissions();
  void offer_due(std::uint64_t now);
  void wait(std::uint64_t end);
  void connect(Connection& connection, const sockaddr_in& address);
  void serve_until(std::uint64_t end);
  void serve(Connection& connection, std::uint32_t events);
  void read(Connection& connection);
  void flush(Connection& connection);
  void watch(Connection& connection, bool to_write);
  void measure();
  void drain();
  void fail(const std::string& text);
  std::uint64_t acknowledged() const;
  std::uint64_t in_flight() const;

  const Options& options_;
  const int poll_;
  Outcome outcome_;
  std::vector<std::unique_ptr<Connection>> connections_;
  bool stopped_ = false;
  std::uint64_t loop_began_ = 0;  // of the open loop; 0: not yet
  std::uint64_t offered_ = 0;     // messages since then
  std::vector<char> buffer_ = std::vector<char>(receive_bytes_max);
};

void Load::fail(const std::string& text) {
  if (outcome_.failure.empty()) outcome_.failure = text;
}

void Load::open_all() {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(options_.port);
  if (inet_pton(AF_INET, options_.host.c_str(), &address.sin_addr) != 1) {
    return fail("\"" + options_.host + "\" is no IPv4 address");
  }
  for (std::uint32_t number = 0; number < options_.connections; ++number) {
    connections_.push_back(std::make_unique<Connection>(number, options_, outcome_.ledger));
    connect(*connections_.back(), address);
    if (!outcome_.failure.empty()) return;
  }
}

void Load::connect(Connection& connection, const sockaddr_in& address) {
  connection.socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  // Blocking while it connects: a broker's backlog is not what is measured here.
  sockaddr plain{};
  static_assert(sizeof plain == sizeof address);
  std::memcpy(&plain, &address, sizeof plain);
  if (connection.socket < 0 || ::connect(connection.socket, &plain, sizeof plain) != 0) {
    return fail(std::string("cannot connect: ") + std::strerror(errno));
  }
  const int on = 1;
  setsockopt(connection.socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = &connection;
  epoll_ctl(poll_, EPOLL_CTL_ADD, connection.socket, &event);
  flush(connection);
}

void Load::watch(Connection& connection, bool to_write) {
  if (connection.waits_to_write == to_write) return;
  connection.waits_to_write = to_write;
  epoll_event event{};
  event.events = EPOLLIN | (to_write ? EPOLLOUT : 0U);
  event.data.ptr = &connection;
  epoll_ctl(poll_, EPOLL_CTL_MOD, connection.socket, &event);
}

void Load::flush(Connection& connection) {
  while (!connection.publisher.output().empty()) {
    const std::string_view output = connection.publisher.output();
    const ssize_t sent =
        send(connection.socket, output.data(), output.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent < 0) {
      if (errno == EINTR) continue;
      if (errno == EAGAIN) break;
      return fail(std::string("cannot send: ") + std::strerror(errno));
    }
    connection.publisher.sent(static_cast<std::size_t>(sent));
  }
  watch(connection, !connection.publisher.output().empty());
}

void Load::read(Connection& connection) {
  const ssize_t got = recv(connection.socket, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) return fail("the broker closed a connection");
  const std::string_view bytes{buffer_.data(), static_cast<std::size_t>(got)};
  if (!connection.publisher.receive(bytes, now_microseconds(), stopped_)) {
    return fail("the broker refused a connection or answered what was not asked");
  }
  flush(connection);
}

void Load::serve(Connection& connection, std::uint32_t events) {
  if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) read(connection);
  if ((events & EPOLLOUT) != 0 && outcome_.failure.empty()) flush(connection);
}

// Those that are admitted publish meanwhile, unless they publish on demand.
void Load::await_admissions() {
  const auto is_admitted = [](const auto& connection) {
    return connection->publisher.state() == Publisher::State::publishing;
  };
  const auto are_all = [&] {
    return std::all_of(connections_.begin(), connections_.end(), is_admitted);
  };
  const std::uint64_t end = now_microseconds() + microseconds(options_.drain_seconds);
  while (outcome_.failure.empty() && !are_all() && now_microseconds() < end)
    wait(end);
  if (!are_all()) fail("not every connection was admitted in time");
}

// Open loop: message n is due n / rate seconds after the first, whatever became of the others.
void Load::offer_due(std::uint64_t now) {
  if (options_.rate <= 0 || stopped_) return;
  if (loop_began_ == 0) loop_began_ = now;
  for (;;) {
    const std::uint64_t due =
        loop_began_ + microseconds(static_cast<double>(offered_) / options_.rate);
    if (due > now) return;
    Connection& connection = *connections_[offered_ % connections_.size()];
    connection.publisher.offer(due);
    ++offered_;
    flush(connection);
  }
}

// For events, but not beyond `end`. At a rate it never sleeps: it would send a message as late as
// the machine takes to wake it, which on a virtual one can be milliseconds.
void Load::wait(std::uint64_t end) {
  const std::uint64_t now = now_microseconds();
  const std::uint64_t until = std::min(end, now + wait_max_microseconds);
  const bool sleeps = options_.rate <= 0 && until > now;
  const timespec timeout{0, sleeps ? static_cast<long>((until - now) * 1'000) : 0};
  epoll_event events[events_max];
  const int ready = epoll_pwait2(poll_, events, events_max, &timeout, nullptr);
  for (int index = 0; index < ready && outcome_.failure.empty(); ++index)
    serve(*static_cast<Connection*>(events[index].data.ptr), events[index].events);
}

void Load::serve_until(std::uint64_t end) {
  while (outcome_.failure.empty() && now_microseconds() < end) {
    offer_due(now_microseconds());
    wait(end);
  }
}

std::uint64_t Load::acknowledged() const {
  std::uint64_t sum = 0;
  for (const auto& connection : connections_)
    sum += connection->publisher.acknowledged();
  return sum;
}

std::uint64_t Load::in_flight() const {
  std::uint64_t sum = 0;
  for (const auto& connection : connections_)
    sum += connection->publisher.in_flight();
  return sum;
}

void Load::measure() {
  for (const auto& connection : connections_)
    connection->publisher.latencies().clear();
  const std::uint64_t acknowledged_before = acknowledged();
  const std::uint64_t broker_before = cpu_microseconds(options_.pid);
  const std::uint64_t own_before = cpu_microseconds(getpid());
  const std::uint64_t began = now_microseconds();
  serve_until(began + microseconds(options_.seconds));
  outcome_.seconds = static_cast<double>(now_microseconds() - began) / 1e6;
  outcome_.acknowledged = acknowledged() - acknowledged_before;
  outcome_.broker_cpu_microseconds = cpu_microseconds(options_.pid) - broker_before;
  outcome_.own_cpu_microseconds = cpu_microseconds(getpid()) - own_before;
  for (const auto& connection : connections_) {
    const std::vector<std::uint32_t>& some = connection->publisher.latencies();
    outcome_.latencies.insert(outcome_.latencies.end(), some.begin(), some.end());
  }
  std::sort(outcome_.latencies.begin(), outcome_.latencies.end());
}

void Load::drain() {
  stopped_ = true;
  const std::uint64_t end = now_microseconds() + microseconds(options_.drain_seconds);
  while (outcome_.failure.empty() && in_flight() > 0 && now_microseconds() < end)
    wait(end);
  outcome_.unacknowledged = in_flight();
}

IdleOutcome Load::run_idle() {
  IdleOutcome idle;
  idle.resident_kib_before = own_resident_kib(options_.pid);
  const std::uint64_t began = now_microseconds();
  open_all();
  await_admissions();
  idle.connect_seconds = static_cast<double>(now_microseconds() - began) / 1e6;
  const std::uint64_t cpu_before = cpu_microseconds(options_.pid);
  serve_until(now_microseconds() + microseconds(options_.seconds));
  idle.idle_cpu_microseconds = cpu_microseconds(options_.pid) - cpu_before;
  idle.resident_kib_idle = own_resident_kib(options_.pid);
  const std::uint64_t publishing = now_microseconds();
  for (const auto& connection : connections_) {
    connection->publisher.offer(now_microseconds());
    flush(*connection);
  }
  drain();
  idle.publish_seconds = static_cast<double>(now_microseconds() - publishing) / 1e6;
  if (outcome_.unacknowledged > 0) fail("not every message was acknowledged in time");
  idle.failure = outcome_.failure;
  idle.ledger = std::move(outcome_.ledger);
  return idle;
}

Outcome Load::run() {
  open_all();
  await_admissions();
  serve_until(now_microseconds() + microseconds(options_.warm_seconds));
  if (outcome_.failure.empty()) measure();
  if (outcome_.failure.empty()) drain();
  return std::move(outcome_);
}

}  // namespace

Outcome run_load(const Options& options) {
  Load load{options};
  return load.run();
}

IdleOutcome run_idle(const Options& options) {
  Load load{options};
  return load.run_idle();
}

}  // namespace mqttload
