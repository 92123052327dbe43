// How a dialogue begins: CONNECT and CONNACK.
#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "gateway/mqtt/dialogue.h"

namespace cauce::gateway::mqtt {
namespace {

// Reason strings go only to who asks for them: the standard allows them unasked (section
// 3.1.2.11.7), and a small device has no use for bytes that it does not read.
bool wants_words(const Connect& connect) {
  return connect.level == 5 && connect.properties.request_problem_information == 1;
}

}  // namespace

void Dialogue::handle_connect(BytesView body) {
  PacketReader reader{body};
  const Connect connect = parse_connect(reader);
  if (reader.breach()) {
    // [MQTT-3.1.4-2]: 5.0 may be told; 3.1.1 has no code for it.
    if (connect.level == 5)
      return refuse(connect, reader.breach()->reason, reader.breach()->sentence);
    return close(CloseKind::violation, reader.breach()->reason, reader.breach()->sentence);
  }
  if (connect.level != 4 && connect.level != 5) {
    return refuse(
        connect, Reason::unsupported_version,
        fmt::format("protocol level {} is not supported; 4 (MQTT 3.1.1) and 5 are", connect.level));
  }
  if (connect.properties.authentication_method) {
    return refuse(connect, Reason::bad_authentication_method,
                  "it asks for an authentication method, and none is known (section 4.12)");
  }
  if (connect.client_id.empty() && !connect.clean_start && connect.level == 4) {
    return refuse(connect, Reason::invalid_client_id,
                  "no client id, and clean session 0 [MQTT-3.1.3-8]");
  }
  if (connect.client_id.size() > limits_.client_id_bytes_max) {
    return refuse(connect, Reason::invalid_client_id,
                  fmt::format("client id of {} bytes is over the limit of {}",
                              connect.client_id.size(), limits_.client_id_bytes_max));
  }
  const Admission admission = client_.on_connect(connect);
  if (admission.reason != Reason::success) {
    return refuse(connect, admission.reason, fmt::format("not admitted: {}", admission.why));
  }
  accept(connect, admission);
}

void Dialogue::accept(const Connect& connect, const Admission& admission) {
  version_ = Version(connect.level);
  keep_alive_ = std::chrono::seconds{connect.keep_alive_s};
  if (version_ == Version::v3_1_1) {
    state_ = State::connected;
    return put_connack(output_, version_, admission.session_present, Reason::success);
  }
  const Properties& wanted = connect.properties;
  wants_reasons_ = wants_words(connect);
  expires_at_once_ = wanted.session_expiry_s.value_or(0) == 0;
  const auto aliases = std::min(wanted.topic_alias_maximum.value_or(0), limits_.sent_aliases_max);
  if (aliases > 0) sent_aliases_ = std::make_unique<SentAliases>(aliases);
  packet_bytes_max_ = wanted.maximum_packet_size.value_or(packet_bytes_max_);
  payload_bytes_max_ = std::min(admission.payload_bytes_max, limits_.payload_bytes_max);
  const std::size_t before = output_.size();
  put_connack(output_, version_, admission.session_present, Reason::success,
              connack_properties(connect, admission));
  const std::size_t bytes = output_.size() - before;
  if (bytes > packet_bytes_max_) {
    output_.resize(before);
    // Nothing is left of it but the session that it had: no will.
    client_.on_disconnect({});
    return refuse(connect, Reason::packet_too_large,
                  fmt::format("CONNACK has {} bytes; the client takes {} [MQTT-3.1.2-24]", bytes,
                              packet_bytes_max_));
  }
  state_ = State::connected;
  const bool endless = connect.keep_alive_s == 0;
  if (endless || connect.keep_alive_s > limits_.server_keep_alive_s) {
    keep_alive_ = std::chrono::seconds{limits_.server_keep_alive_s};
  }
}

// Section 3.2.2.3.
Bytes Dialogue::connack_properties(const Connect& connect, const Admission& admission) const {
  Bytes properties;
  put_property(properties, Property::topic_alias_maximum, limits_.topic_alias_maximum);
  put_property(properties, Property::maximum_packet_size,
               limits_.packet_bytes_max(payload_bytes_max_));
  put_property(properties, Property::receive_maximum, limits_.receive_maximum);
  if (connect.keep_alive_s == 0 || connect.keep_alive_s > limits_.server_keep_alive_s) {
    put_property(properties, Property::server_keep_alive, limits_.server_keep_alive_s);
  }
  if (connect.properties.session_expiry_s.value_or(0) != admission.session_expiry_s) {
    put_property(properties, Property::session_expiry, admission.session_expiry_s);
  }
  if (!admission.assigned_client_id.empty()) {
    put_property(properties, Property::assigned_client_id, admission.assigned_client_id);
  }
  return properties;
}

void Dialogue::refuse(const Connect& connect, Reason reason, std::string sentence) {
  const auto version = connect.level == 5 ? Version::v5 : Version::v3_1_1;
  // 0 is against the protocol and no limit.
  const auto said_max = connect.properties.maximum_packet_size.value_or(0);
  const auto bytes_max = said_max == 0 ? UINT32_MAX : said_max;
  if (wants_words(connect)) {
    Bytes properties;
    put_property(properties, Property::reason_string, sentence);
    put_connack(output_, version, false, reason, properties);
    if (output_.size() > bytes_max) output_.clear();  // [MQTT-3.2.2-19]
  }
  if (output_.empty()) put_connack(output_, version, false, reason);
  if (output_.size() > bytes_max) output_.clear();  // [MQTT-3.1.2-24]
  close(CloseKind::refused, reason, std::move(sentence));
}

}  // namespace cauce::gateway::mqtt
