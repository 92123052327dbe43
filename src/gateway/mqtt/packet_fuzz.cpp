// Any bytes, cut anywhere, must neither crash a dialogue nor make it hold more than one packet; and
// where they are cut must not matter. Both versions of the protocol.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/invariant.h"
#include "gateway/mqtt/dialogue.h"
#include "gateway/mqtt/utf8.h"

namespace {

using namespace cauce::gateway::mqtt;

struct Witness final : Client {
  std::string told;

  Admission on_connect(const Connect& connect) override {
    told += connect.client_id;
    if (connect.user_name) told += *connect.user_name;
    if (connect.will) told += forwarded_properties(connect.will->properties.all);
    return {connect.client_id == "refused" ? Reason::not_authorized : Reason::success};
  }
  Taking on_publish(const Publish& publish) override {
    INVARIANT(!publish.topic.empty() && is_utf8_name(publish.topic));
    INVARIANT(publish.qos <= 2 && (publish.packet_id > 0) == (publish.qos > 0));
    INVARIANT(is_utf8_string(publish.content_type));
    INVARIANT(forwarded_properties(publish.properties).size() <= publish.properties.size());
    told += publish.topic;
    told += publish.payload;
    return publish.topic == "again" ? Taking::repeated : Taking::taken;
  }
  bool on_release(std::uint16_t packet_id) override {
    told += std::to_string(packet_id);
    return packet_id % 2 == 0;
  }
  bool on_acknowledged(PacketType, const Acknowledgement& acknowledged) override {
    told += std::to_string(acknowledged.packet_id);
    return acknowledged.packet_id % 5 != 0;
  }
  void on_disconnect(const Disconnect& disconnect) override {
    told += std::to_string(disconnect.session_expiry_s.value_or(0));
  }
  Reason on_subscribe(const Subscription& subscription, std::uint32_t identifier) override {
    told += subscription.filter;
    told += std::to_string(identifier);
    return Reason(subscription.qos);
  }
  Reason on_unsubscribe(std::string_view filter) override {
    told += filter;
    return Reason::success;
  }
};

enum class Beginning { stranger, version_3_1_1, version_5 };

struct Outcome {
  std::string told;
  std::string reason;
};

Outcome feed(std::string_view bytes, std::size_t piece, Beginning beginning) {
  Limits limits;
  limits.payload_bytes_max = 300;
  limits.topic_bytes_max = 60;
  limits.control_bytes_max = 200;
  Witness witness;
  limits.properties_bytes_max = 100;
  Dialogue dialogue(witness, limits, {});
  if (beginning == Beginning::version_3_1_1) {
    dialogue.receive(std::string_view("\x10\x0d\0\4MQTT\4\2\0\0\0\1c", 15), {});
  } else if (beginning == Beginning::version_5) {
    dialogue.receive(std::string_view("\x10\x10\0\4MQTT\5\2\0\0\2\x17\1\0\1c", 18), {});
  }
  dialogue.done();
  while (!bytes.empty()) {
    dialogue.receive(bytes.substr(0, piece), {});
    dialogue.done();
    bytes.remove_prefix(std::min(piece, bytes.size()));
    Outgoing message;
    message.topic = "commands";
    dialogue.send(message);
  }
  return {witness.told, dialogue.close_reason()};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count) {
  if (count < 2) return 0;
  const std::string_view input(reinterpret_cast<const char*>(bytes) + 2, count - 2);
  const std::size_t piece = 1 + bytes[0];
  const auto beginning = Beginning(bytes[1] % 3);
  const Outcome whole = feed(input, count, beginning);
  const Outcome pieces = feed(input, piece, beginning);
  INVARIANT(whole.told == pieces.told);
  INVARIANT(whole.reason == pieces.reason);
  return 0;
}
