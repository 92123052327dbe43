#include "gateway/broker/will.h"

namespace cauce::gateway::broker {

record::SessionWill to_record(const Will& will) {
  record::SessionWill recorded;
  recorded.device = will.identity.device;
  recorded.bridge = will.identity.bridge;
  recorded.topic = will.topic;
  recorded.content_type = will.content_type;
  recorded.payload = will.payload;
  recorded.properties = will.properties;
  recorded.delay_s =
      std::uint32_t(std::chrono::duration_cast<std::chrono::seconds>(will.delay).count());
  recorded.qos = will.qos;
  recorded.retain = will.retain;
  return recorded;
}

Will to_will(std::string_view session, const record::SessionWill& recorded) {
  Will will;
  will.identity.company = company_of(session);
  will.identity.device = recorded.device;
  will.identity.bridge = recorded.bridge;
  will.topic = recorded.topic;
  will.payload = recorded.payload;
  will.properties = recorded.properties;
  will.content_type = recorded.content_type;
  will.delay = std::chrono::seconds{recorded.delay_s};
  will.qos = recorded.qos;
  will.retain = recorded.retain;
  will.session = session;
  return will;
}

std::string_view device_of(std::string_view session) {
  const std::string_view behind = session.substr(company_of(session).size() + 1);
  return behind.substr(0, behind.find('/'));
}

std::string_view company_of(std::string_view session) {
  return session.substr(0, session.find('/'));
}

}  // namespace cauce::gateway::broker
