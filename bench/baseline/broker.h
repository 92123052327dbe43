// The least that a broker does which acknowledges after the disk has it, on one thread: it reads
// all sockets that have something, writes what came with one write, syncs it once, answers all of
// it, and begins again. Nobody is admitted, nothing is delivered, nothing is handed from thread to
// thread, and its file is laid out in zeros beforehand. What it takes, this machine takes.
//
// It understands the part of MQTT 3.1.1 that mqttload speaks: CONNECT, QoS 1 PUBLISH, DISCONNECT.
#pragma once

#include <sys/epoll.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace baseline {

class Broker {
 public:
  // Listens on that port of 127.0.0.1; `path` becomes a file of file_bytes that is written round
  // and round. Throws std::system_error, as run() does.
  Broker(std::uint16_t port, const std::string& path);
  Broker(const Broker&) = delete;
  Broker& operator=(const Broker&) = delete;
  ~Broker();

  // Until the process ends.
  void run();

 private:
  static constexpr std::size_t file_bytes = 16 << 20;

  struct Connection {
    std::string received;  // a packet that is not whole yet
    std::string answers;   // for when all that was gathered is durable
  };

  void watch(int socket) const;
  void admit_all();
  void read(int socket);
  bool take_packets(int socket, Connection& connection);
  void publish(Connection& connection, std::string_view body);
  void make_durable();
  void answer_all();

  const int listener_;
  const int poll_;
  const int file_;
  std::size_t file_at_ = 0;
  std::unordered_map<int, Connection> connections_;  // by their sockets
  std::string gathered_;                             // not written yet
  std::vector<int> to_answer_;
};

}  // namespace baseline
