// Drives the publishers over epoll on one thread: connects all, warms up, measures, lets what is in
// flight come home.
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
  double warm_seconds = 2;
  double seconds = 10;
  double drain_seconds = 30;  // the longest wait for what is in flight at the end
  int pid = 0;                // the broker's process, for its CPU time; 0: not asked
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

}  // namespace mqttload
