#include "gateway/admission.h"

#include "base/names.h"
#include "crypto/crypto.h"
#include "gateway/certificates.h"
#include "gateway/shared_keys.h"

namespace cauce::gateway {
namespace {

class DeviceCredentials final : public Credentials {
 public:
  DeviceCredentials(const business::Registry& registry, const Clock& clock)
      : registry_(registry), certificates_(registry, clock) {}

  Result<Identity> identify(const Claim& claim) override {
    if (!claim.password && !claim.shared_key_holder.empty()) {
      return identify_by_shared_key(registry_, claim.shared_key_holder, claim.user_name);
    }
    if (!claim.password && !claim.certificate.empty()) {
      return certificates_.identify(claim.certificate, claim.user_name);
    }
    // The digest is made in every case, so that a missing password takes no less time.
    Bytes token_hash = crypto::sha256(claim.password.value_or(BytesView{}));
    const business::Device* device = registry_.device_by_token(token_hash);
    if (!claim.user_name || !claim.password || device == nullptr) return stranger();
    if (!device->enabled || device->name != *claim.user_name) return stranger();
    return Identity{device->company, device->name, std::move(token_hash), device->bridge};
  }

  bool still_valid(const Identity& identity) const override {
    const business::Device* device = registry_.device(identity.company, identity.device);
    if (device == nullptr || !device->enabled || device->bridge != identity.bridge) return false;
    if (identity.certificate) return certificates_.still_valid(*identity.certificate, *device);
    return device->token_hash == identity.secret_hash ||
           device->earlier_token_hash == identity.secret_hash ||
           has_shared_key(*device, identity.secret_hash);
  }

 private:
  static Error stranger() { return {Outcome::denied, ""}; }

  const business::Registry& registry_;
  Certificates certificates_;
};

class OpenCredentials final : public Credentials {
 public:
  Result<Identity> identify(const Claim& claim) override {
    std::string_view device = "anonymous";
    if (is_name(claim.client_id)) device = claim.client_id;
    if (claim.user_name && is_name(*claim.user_name)) device = *claim.user_name;
    return Identity{std::string(business::open_company), std::string(device), {}, false};
  }
  bool still_valid(const Identity&) const override { return true; }
};

class OwnTopics final : public TopicPolicy {
 public:
  bool may_publish(const Identity& identity, std::string_view topic) const override {
    const std::string_view device = device_of_topic(topic);
    return !device.empty() && (identity.bridge || device == identity.device);
  }

  bool may_subscribe(const Identity& identity, std::string_view filter) const override {
    constexpr std::string_view of_all = "devices/+/";
    if (identity.bridge && filter.starts_with(of_all)) return filter.size() > of_all.size();
    // A name holds no wildcard, so what stands behind "devices/" is one device.
    return may_publish(identity, filter);
  }
};

class AnyTopic final : public TopicPolicy {
 public:
  bool may_publish(const Identity&, std::string_view) const override { return true; }
  bool may_subscribe(const Identity&, std::string_view filter) const override {
    return filter != refused_filter;
  }
};

}  // namespace

std::string_view device_of_topic(std::string_view topic) {
  constexpr std::string_view prefix = "devices/";
  if (!topic.starts_with(prefix)) return {};
  topic.remove_prefix(prefix.size());
  const std::size_t end = topic.find('/');
  const bool says_more = end != std::string_view::npos && end + 1 < topic.size();
  const std::string_view device = topic.substr(0, end);
  return says_more && is_name(device) ? device : std::string_view{};
}

std::string_view recorded_device(const Identity& identity, std::string_view topic) {
  return identity.bridge ? device_of_topic(topic) : identity.device;
}

std::unique_ptr<Credentials> device_credentials(const business::Registry& registry,
                                                const Clock& clock) {
  return std::make_unique<DeviceCredentials>(registry, clock);
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
