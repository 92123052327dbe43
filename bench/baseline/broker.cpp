#include "baseline/broker.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <system_error>

namespace baseline {
namespace {

constexpr std::size_t receive_bytes_max = 1 << 16;
constexpr std::size_t header_bytes_max = 5;
constexpr int events_max = 256;
constexpr int backlog = 1024;

constexpr unsigned char connect_packet = 0x10;
constexpr unsigned char publish_packet = 0x32;  // QoS 1

constexpr std::string_view accepted{"\x20\x02\x00\x00", 4};
constexpr std::string_view puback{"\x40\x02"};  // the packet id follows

struct Packet {
  unsigned char type;  // and flags
  std::string_view body;
  std::size_t bytes;  // header included
};

std::size_t number_at(std::string_view bytes, std::size_t at) {
  return std::size_t(std::uint8_t(bytes.at(at))) << 8 | std::uint8_t(bytes.at(at + 1));
}

// nullopt when it is not whole yet. MQTT 3.1.1 sections 2.2 and 2.2.3.
std::optional<Packet> first_packet(std::string_view bytes) {
  std::size_t length = 0;
  for (std::size_t at = 1; at < std::min(bytes.size(), header_bytes_max); ++at) {
    const auto byte = std::uint8_t(bytes[at]);
    length |= std::size_t(byte & 0x7f) << (7 * (at - 1));
    if ((byte & 0x80) != 0) continue;
    const std::size_t whole = at + 1 + length;
    if (bytes.size() < whole) return std::nullopt;
    return Packet{std::uint8_t(bytes[0]), bytes.substr(at + 1, length), whole};
  }
  return std::nullopt;
}

long long checked(long long answer, const char* what) {
  if (answer < 0) throw std::system_error{errno, std::generic_category(), what};
  return answer;
}

int listen_on(std::uint16_t port) {
  const int listener = int(checked(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), "socket"));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  checked(bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address), "bind");
  checked(listen(listener, backlog), "listen");
  return listener;
}

void write_all(int file, std::string_view bytes, std::size_t at) {
  while (!bytes.empty()) {
    const auto written = checked(pwrite(file, bytes.data(), bytes.size(), off_t(at)), "write");
    bytes.remove_prefix(std::size_t(written));
    at += std::size_t(written);
  }
}

int zeroed_file(const std::string& path, std::size_t bytes) {
  const int file = int(checked(open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC, 0600), "open"));
  write_all(file, std::string(bytes, '\0'), 0);
  checked(fdatasync(file), "fdatasync");
  return file;
}

}  // namespace

Broker::Broker(std::uint16_t port, const std::string& path)
    : listener_(listen_on(port)),
      poll_(int(checked(epoll_create1(0), "epoll_create1"))),
      file_(zeroed_file(path, file_bytes)) {
  watch(listener_);
}

Broker::~Broker() {
  for (const auto& [socket, connection] : connections_)
    close(socket);
  close(file_);
  close(poll_);
  close(listener_);
}

void Broker::watch(int socket) const {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.fd = socket;
  checked(epoll_ctl(poll_, EPOLL_CTL_ADD, socket, &event), "epoll_ctl");
}

void Broker::run() {
  std::array<epoll_event, events_max> events{};
  for (;;) {
    const int ready = epoll_wait(poll_, events.data(), events_max, -1);
    if (ready < 0 && errno == EINTR) continue;
    checked(ready, "epoll_wait");
    for (int number = 0; number < ready; ++number) {
      const int socket = events[std::size_t(number)].data.fd;
      socket == listener_ ? admit_all() : read(socket);
    }
    if (gathered_.empty()) continue;
    make_durable();
    answer_all();
  }
}

void Broker::admit_all() {
  for (;;) {
    const int socket = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
    if (socket < 0) return;
    const int yes = 1;
    checked(setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes), "setsockopt");
    connections_.emplace(socket, Connection{});
    watch(socket);
  }
}

void Broker::read(int socket) {
  std::array<char, receive_bytes_max> bytes;
  const ssize_t count = ::read(socket, bytes.data(), bytes.size());
  if (count < 0 && errno == EAGAIN) return;
  Connection& connection = connections_.at(socket);
  const bool owed_nothing = connection.answers.empty();
  connection.received.append(bytes.data(), std::size_t(std::max<ssize_t>(count, 0)));
  if (count <= 0 || !take_packets(socket, connection)) {
    std::erase(to_answer_, socket);
    connections_.erase(socket);
    close(socket);
  } else if (owed_nothing && !connection.answers.empty()) {
    to_answer_.push_back(socket);
  }
}

// All that are whole. False: the connection ends.
bool Broker::take_packets(int socket, Connection& connection) {
  std::string_view rest = connection.received;
  while (const auto packet = first_packet(rest)) {
    rest.remove_prefix(packet->bytes);
    if (packet->type == connect_packet) {
      checked(write(socket, accepted.data(), accepted.size()), "write");
    } else if (packet->type == publish_packet) {
      publish(connection, packet->body);
    } else {
      return false;
    }
  }
  connection.received.erase(0, connection.received.size() - rest.size());
  return true;
}

void Broker::publish(Connection& connection, std::string_view body) {
  gathered_ += body;
  const std::size_t topic_bytes = number_at(body, 0);
  connection.answers += puback;
  connection.answers += body.substr(2 + topic_bytes, 2);
}

void Broker::make_durable() {
  if (file_at_ + gathered_.size() > file_bytes) file_at_ = 0;
  write_all(file_, gathered_, file_at_);
  checked(fdatasync(file_), "fdatasync");
  file_at_ += gathered_.size();
  gathered_.clear();
}

void Broker::answer_all() {
  for (const int socket : to_answer_) {
    std::string& answers = connections_.at(socket).answers;
    // A client that does not read is none of this load.
    checked(write(socket, answers.data(), answers.size()), "write");
    answers.clear();
  }
  to_answer_.clear();
}

}  // namespace baseline
