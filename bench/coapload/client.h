// One device of the load: a CoAP client that has one confirmable request in flight (NSTART, RFC
// 7252 section 4.7). Does no I/O: datagrams go in and come out.
//
// Each payload begins with "LOAD", the number of the client and the number of the message on it
// (both 32 bits, little-endian), so that a reader can tell which message it holds.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace coapload {

// What of a message is remembered: in the ledger, and as the file's format (two words each).
struct Acknowledged {
  std::uint32_t client;
  std::uint32_t message;
};

struct Shape {
  std::size_t payload_bytes = 128;  // 12 or more
  bool puts = false;                // PUT instead of POST
};

class Client {
 public:
  // `path` and `query` without their signs, "devices/mote-1/telemetry" and "token=…" or nothing.
  Client(std::uint32_t number, const Shape& shape, const std::string& path,
         const std::string& query, std::vector<Acknowledged>& ledger);

  // The next request, which is in flight from now on; microseconds.
  const std::string& ask(std::uint64_t now);
  // The same once more, when it has waited too long (section 4.2); empty: not yet.
  std::string_view ask_again(std::uint64_t now);

  enum class Heard { answer, refusal, nothing };
  // Fills `reply` with what has to be sent back, if anything.
  Heard receive(std::string_view datagram, std::uint64_t now, std::string& reply);

  bool waits() const { return waits_; }
  std::uint64_t acknowledged() const { return acknowledged_; }
  std::uint64_t refused() const { return refused_; }
  std::uint64_t repeated() const { return repeated_; }
  std::vector<std::uint32_t>& latencies() { return latencies_; }  // microseconds

 private:
  const std::uint32_t number_;
  std::vector<Acknowledged>& ledger_;
  std::string request_;
  std::size_t payload_at_ = 0;
  std::uint32_t message_ = 0;
  std::uint16_t id_ = 0;
  bool waits_ = false;
  bool is_known_ = false;  // acknowledged by an empty message: the answer follows
  std::uint64_t asked_at_ = 0;
  std::uint64_t again_at_ = 0;
  std::uint64_t interval_ = 0;
  std::uint64_t acknowledged_ = 0;
  std::uint64_t refused_ = 0;
  std::uint64_t repeated_ = 0;
  std::vector<std::uint32_t> latencies_;
};

}  // namespace coapload
