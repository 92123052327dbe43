// What a dialogue sends to the client of what others have said.
#include "gateway/mqtt/dialogue.h"

namespace cauce::gateway::mqtt {
namespace {

Bytes sent_properties(const Outgoing& message, std::uint16_t alias) {
  Bytes properties{message.properties};
  if (message.expiry_s) put_property(properties, Property::message_expiry, *message.expiry_s);
  for (const std::uint32_t identifier : message.identifiers)
    put_property(properties, Property::subscription_identifier, identifier);
  if (alias > 0) put_property(properties, Property::topic_alias, alias);
  return properties;
}

}  // namespace

bool Dialogue::send(const Outgoing& message) {
  Publish publish;
  publish.topic = message.topic;
  publish.payload = message.payload;
  publish.packet_id = message.packet_id;
  publish.qos = message.qos;
  publish.retain = message.retain;
  publish.duplicate = message.duplicate;
  if (version_ == Version::v3_1_1) {
    put_publish(output_, version_, publish);
    return true;
  }
  SentAliases::Alias alias;
  if (sent_aliases_) alias = sent_aliases_->of(message.topic);
  if (alias.number > 0 && !alias.is_new) publish.topic = {};
  const Bytes properties = sent_properties(message, alias.number);
  publish.properties = properties;
  const std::size_t before = output_.size();
  put_publish(output_, version_, publish);
  if (output_.size() - before <= packet_bytes_max_) return true;
  output_.resize(before);
  if (alias.is_new) sent_aliases_->forget_newest();
  return false;
}

void Dialogue::send_release(std::uint16_t packet_id) {
  put_acknowledgement(output_, version_, PacketType::pubrel, packet_id);
}

}  // namespace cauce::gateway::mqtt
