// Drives the publishers over epoll on one thread: connects all, warms up, measures, lets what is in
// flight come home. Or connects all, lets them be idle, and has each publish one message.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "mqttload/publisher.h"

namespace mqttload {

struct Options {
  std::string host = "127.0.0.1";  // an IPv4 address
  std::uint16_t port = 1883;
  std::uint32_t connections = 50;  // 1 .. 20,000
  Shape shape;
  std::vector<std::string> tokens;  // of the connections, in their order; those behind have none
  double warm_seconds = 2;
  double seconds = 10;
  double drain_seconds = 30;  // the longest wait for admissions, and for answers at the end
  double rate = 0;            // messages a second, all connections; open loop, polling; 0: windows
  int pid = 0;                // the broker's process, for its CPU time and memory; 0: not asked
};

struct Outcome {
  std::string failure;             // empty: the numbers count
  double seconds = 0;              // measured, without connecting, warming up and draining
  std::uint64_t acknowledged = 0;  // within those
  std::uint64_t broker_cpu_microseconds = 0;
  std::uint64_t own_cpu_microseconds = 0;
  std::uint64_t unacknowledged = 0;      // still in flight when the drain ended
  std::vector<std::uint32_t> latencies;  // microseconds, of the acknowledged within, sorted
  std::vector<Acknowledged> ledger;      // everything acknowledged, warming up and drain included
};

Outcome run_load(const Options& options);

struct IdleOutcome {
  std::string failure;         // empty: the numbers count
  double connect_seconds = 0;  // from the first connect to the last CONNACK
  std::uint64_t resident_kib_before = 0;
  std::uint64_t resident_kib_idle = 0;  // all connected, and idle for Options::seconds
  std::uint64_t idle_cpu_microseconds = 0;
  double publish_seconds = 0;  // from the first of the publishes to the last PUBACK
  std::vector<Acknowledged> ledger;
};

IdleOutcome run_idle(const Options& options);

}  // namespace mqttload
