#include "gateway/admission.h"

#include "base/names.h"
#include "crypto/crypto.h"

namespace cauce::gateway {
namespace {

class DeviceCredentials final : public Credentials {
 public:
  explicit DeviceCredentials(const business::Registry& registry) : registry_(registry) {}

  std::optional<Identity> identify(const Claim& claim) const override {
    // The digest is made in every case, so that a missing password takes no less time.
    Bytes token_hash = crypto::sha256(claim.password.value_or(BytesView{}));
    const business::Device* device = registry_.device_by_token(token_hash);
    if (!claim.user_name || !claim.password || device == nullptr) return std::nullopt;
    if (!device->enabled || device->name != *claim.user_name) return std::nullopt;
    return Identity{device->company, device->name, std::move(token_hash)};
  }

  bool still_valid(const Identity& identity) const override {
    const business::Device* device = registry_.device(identity.company, identity.device);
    return device != nullptr && device->enabled && device->token_hash == identity.token_hash;
  }

 private:
  const business::Registry& registry_;
};

class OpenCredentials final : public Credentials {
 public:
  std::optional<Identity> identify(const Claim& claim) const override {
    std::string_view device = "anonymous";
    if (is_name(claim.client_id)) device = claim.client_id;
    if (claim.user_name && is_name(*claim.user_name)) device = *claim.user_name;
    return Identity{std::string(business::open_company), std::string(device), {}};
  }
  bool still_valid(const Identity&) const override { return true; }
};

class OwnTopics final : public TopicPolicy {
 public:
  bool may_publish(const Identity& identity, std::string_view topic) const override {
    constexpr std::string_view prefix = "devices/";
    if (!topic.starts_with(prefix)) return false;
    topic.remove_prefix(prefix.size());
    if (!topic.starts_with(identity.device)) return false;
    topic.remove_prefix(identity.device.size());
    return topic.size() > 1 && topic.front() == '/';
  }
};

class AnyTopic final : public TopicPolicy {
 public:
  bool may_publish(const Identity&, std::string_view) const override { return true; }
};

}  // namespace

std::unique_ptr<Credentials> device_credentials(const business::Registry& registry) {
  return std::make_unique<DeviceCredentials>(registry);
}
std::unique_ptr<Credentials> open_credentials() {
  return std::make_unique<OpenCredentials>();
}
std::unique_ptr<TopicPolicy> own_topics() {
  return std::make_unique<OwnTopics>();
}
std::unique_ptr<TopicPolicy> any_topic() {
  return std::make_unique<AnyTopic>();
}

}  // namespace cauce::gateway
