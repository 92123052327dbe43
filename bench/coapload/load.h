// Drives the clients over epoll on one thread: connects all, warms up, measures, lets what is in
// flight come home.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "coapload/client.h"

namespace coapload {

// What a client is, one a line of a file: path, query or "-", identity or "-", key in hexadecimal
// digits or "-".
struct Device {
  std::string path;
  std::string query;
  std::string identity;
  std::string key;  // in bytes; empty: in the clear
};

struct Options {
  std::string host = "127.0.0.1";  // an IPv4 address
  std::uint16_t port = 5683;
  std::vector<Device> devices;
  Shape shape;
  double warm_seconds = 1;
  double seconds = 10;
  double drain_seconds = 30;  // the longest wait for what is in flight at the end
  int pid = 0;                // the server's process, for its CPU time; 0: not asked
};

struct Outcome {
  std::string failure;             // empty: the numbers count
  double handshake_seconds = 0;    // from the first to the last, one after the other
  double seconds = 0;              // measured, without connecting, warming up and draining
  std::uint64_t acknowledged = 0;  // within those
  std::uint64_t refused = 0;       // all told, as the next ones
  std::uint64_t repeated = 0;
  std::uint64_t server_cpu_microseconds = 0;
  std::uint64_t unacknowledged = 0;      // still in flight when the drain ended
  std::vector<std::uint32_t> latencies;  // microseconds, of the acknowledged within, sorted
  std::vector<Acknowledged> ledger;      // everything acknowledged, warming up and drain included
};

Outcome run_load(const Options& options);

}  // namespace coapload
