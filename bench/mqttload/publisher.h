// One device of the load: an MQTT 3.1.1 client that keeps a window of QoS 1 publishes in flight, or
// publishes what is offered to it as far as its window allows.
// Does no I/O: what came in is given to receive(), what is to go out is in output().
//
// Each payload begins with "LOAD", the number of the connection and the number of the message on
// it (both 32 bits, little-endian), so that a reader can tell which message it holds. A payload of
// readings is JSON as a device sends it; its member "message" has these 8 bytes in hexadecimal.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace mqttload {

// What of a message is remembered: in the ledger, and as the file's format (two words each).
struct Acknowledged {
  std::uint32_t connection;
  std::uint32_t message;
};

struct Shape {
  std::uint16_t window = 16;        // publishes in flight on each connection
  std::size_t payload_bytes = 128;  // 12 or more
  bool on_demand = false;           // publishes nothing but what is offered
  bool readings = false;            // JSON of four values and its name; 128 bytes or more
};

class Publisher {
 public:
  // Without a token it comes without user name and password.
  Publisher(std::uint32_t connection, const Shape& shape, std::vector<Acknowledged>& ledger,
            std::string_view token = {});

  enum class State { connecting, publishing, refused };
  State state() const { return state_; }

  // Takes bytes of the broker. Until `stopped` each answer calls forth the next message; what was
  // offered is published even then. `now` is in microseconds.
  // False: the broker said what it may not say.
  bool receive(std::string_view bytes, std::uint64_t now, bool stopped);

  // Fills the window with new messages, or with those that were offered.
  void fill(std::uint64_t now);

  // One message on demand, whose latency counts from `due` (microseconds) even when it has to wait
  // for a place in the window.
  void offer(std::uint64_t due);

  // What is to be sent; sent(n) takes n bytes off its front.
  std::string_view output() const { return std::string_view{output_}.substr(sent_); }
  void sent(std::size_t bytes);

  // Not acknowledged yet, what waits for a place in the window included.
  std::size_t in_flight() const { return window_ - free_.size() + offered_.size(); }
  std::uint64_t acknowledged() const { return acknowledged_; }

  // Latencies of acknowledged messages since the last call, in microseconds.
  std::vector<std::uint32_t>& latencies() { return latencies_; }

 private:
  struct Slot {
    std::uint32_t message = 0;
    std::uint64_t sent_at = 0;
    bool in_use = false;
  };

  void connect(std::string_view token);
  bool take_packet(std::string_view packet, std::uint64_t now);
  bool acknowledge(std::uint16_t packet_id, std::uint64_t now);
  void put_numbers(std::uint32_t message);
  void publish(std::uint16_t slot, std::uint64_t now);

  const std::uint32_t connection_;
  const std::uint16_t window_;
  const bool on_demand_;
  const bool readings_;
  std::vector<Acknowledged>& ledger_;
  std::string message_;  // a whole PUBLISH whose numbers are written over for each message
  std::size_t packet_id_at_ = 0;
  State state_ = State::connecting;
  std::string received_;  // a packet that is not whole yet
  std::string output_;
  std::size_t sent_ = 0;
  std::vector<Slot> slots_;            // by packet id - 1
  std::vector<std::uint16_t> free_;    // indices of slots not in use
  std::deque<std::uint64_t> offered_;  // when each was due
  std::uint32_t next_message_ = 0;
  std::uint64_t acknowledged_ = 0;
  std::vector<std::uint32_t> latencies_;
};

}  // namespace mqttload
