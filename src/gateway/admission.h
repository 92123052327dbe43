// Who a client is and where it may publish. The two strategies of each are all that `--open`
// changes.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "business/business.h"

namespace cauce::gateway {

struct Identity {
  std::string company;
  std::string device;
  Bytes token_hash;  // by which it was admitted; empty under --open
};

// Who somebody says that he is, in the words of MQTT 3.1.1. HTTP names the device in its path and
// has no client id.
struct Claim {
  std::string_view client_id;
  std::optional<std::string_view> user_name;
  std::optional<BytesView> password;
};

// The lookup of credentials. nullopt does not tell why: a stranger must not learn whether a device
// exists (MQTT 3.1.1 section 3.1.4: return code 0x05 for all of it; HTTP: 401).
class Credentials {
 public:
  virtual ~Credentials() = default;
  virtual std::optional<Identity> identify(const Claim& claim) const = 0;
  // Whether who was identified earlier would be so again.
  virtual bool still_valid(const Identity& identity) const = 0;
};

// User name = device, password = token.
std::unique_ptr<Credentials> device_credentials(const business::Registry& registry);
// Any client; its user name or its client id is the device when it is a name, else "anonymous".
std::unique_ptr<Credentials> open_credentials();

class TopicPolicy {
 public:
  virtual ~TopicPolicy() = default;
  virtual bool may_publish(const Identity& identity, std::string_view topic) const = 0;
};

// Only below devices/{own name}/.
std::unique_ptr<TopicPolicy> own_topics();
std::unique_ptr<TopicPolicy> any_topic();

}  // namespace cauce::gateway
