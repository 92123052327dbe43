// Any bytes, cut anywhere, must neither crash a session nor make it hold more than one packet; and
// where they are cut must not matter.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/invariant.h"
#include "gateway/mqtt/session.h"
#include "gateway/mqtt/utf8.h"

namespace {

using namespace cauce::gateway::mqtt;

struct Witness final : Client {
  std::string told;

  ConnectReturn on_connect(const Connect& connect) override {
    told += connect.client_id;
    if (connect.user_name) told += *connect.user_name;
    return connect.client_id == "refused" ? ConnectReturn::not_authorized : ConnectReturn::accepted;
  }
  bool on_publish(const Publish& publish) override {
    INVARIANT(!publish.topic.empty() && is_utf8_string(publish.topic));
    INVARIANT(publish.qos <= 1 && (publish.packet_id > 0) == (publish.qos == 1));
    told += publish.topic;
    told += publish.payload;
    return true;
  }
  std::uint8_t on_subscribe(std::string_view filter, std::uint8_t qos) override {
    told += filter;
    return qos;
  }
  void on_unsubscribe(std::string_view filter) override { told += filter; }
};

struct Outcome {
  std::string told;
  std::string reason;
};

Outcome feed(std::string_view bytes, std::size_t piece, bool connected) {
  Limits limits;
  limits.payload_bytes_max = 300;
  limits.topic_bytes_max = 60;
  limits.control_bytes_max = 200;
  Witness witness;
  Session session(witness, limits, {});
  if (connected) {
    session.receive(std::string_view("\x10\x0d\0\4MQTT\4\2\0\0\0\1c", 15), {});
    session.done();
  }
  while (!bytes.empty()) {
    session.receive(bytes.substr(0, piece), {});
    session.done();
    bytes.remove_prefix(std::min(piece, bytes.size()));
    session.deliver("commands", "payload", 1);
  }
  return {witness.told, session.close_reason()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count) {
  if (count < 2) return 0;
  const std::string_view input(reinterpret_cast<const char*>(bytes) + 2, count - 2);
  const std::size_t piece = 1 + bytes[0];
  const bool connected = (bytes[1] & 1) != 0;
  const Outcome whole = feed(input, count, connected);
  const Outcome pieces = feed(input, piece, connected);
  INVARIANT(whole.told == pieces.told);
  INVARIANT(whole.reason == pieces.reason);
  return 0;
}
