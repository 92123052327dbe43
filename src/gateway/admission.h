// Who a client is and where it may publish. The two strategies of each are all that `--open`
// changes.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "business/business.h"

namespace cauce::gateway {

// What admitted a device by certificate; a company that changes its authority, and a device whose
// certificates are revoked, make it invalid.
struct ShownCertificate {
  Bytes authority_hash;  // SHA-256 of the company's, in DER
  Time from;             // the beginning of the device's
};

struct Identity {
  std::string company;
  std::string device;
  // Of the token or the shared key by which it was admitted; empty under --open and with a
  // certificate.
  Bytes secret_hash;
  bool bridge = false;  // passes on what other devices of its company said
  std::shared_ptr<const ShownCertificate> certificate = nullptr;
};

// Who somebody says that he is, in the words of MQTT 3.1.1. HTTP names the device in its path and
// has no client id.
struct Claim {
  std::string_view client_id;
  std::optional<std::string_view> user_name;
  std::optional<BytesView> password;
  // In DER, its key proved; counts when there is no password. Empty: none.
  BytesView certificate = {};
  // As SharedKeys::find() answered it, proved; counts before a certificate and after a password.
  // Empty: none.
  BytesView shared_key_holder = {};
};

// The device whose topic it is: "mote-1" of "devices/mote-1/telemetry". Empty when it is nobody's.
std::string_view device_of_topic(std::string_view topic);

// The device that a message is recorded under: who sent it, or whose topic a bridge passes on. The
// company is always that of who sent it.
std::string_view recorded_device(const Identity& identity, std::string_view topic);

// The lookup of credentials. A stranger must not learn whether a device exists: he is told the same
// in all cases (MQTT 3.1.1 section 3.1.4: return code 0x05; HTTP: 401). The message of `denied` is
// for the log, and says of a certificate or a shared key why it does not do; of a token it says
// nothing.
class Credentials {
 public:
  virtual ~Credentials() = default;
  virtual Result<Identity> identify(const Claim& claim) = 0;
  // Whether who was identified earlier would be so again.
  virtual bool still_valid(const Identity& identity) const = 0;
};

// User name = device, password = token; or a certificate that the authority of a company signed and
// whose common name is the device, with that user name or none; or a shared key of the device, with
// its name as the user name or none.
std::unique_ptr<Credentials> device_credentials(const business::Registry& registry,
                                                const Clock& clock);
// Any client; its user name or its client id is the device when it is a name, else "anonymous".
std::unique_ptr<Credentials> open_credentials();

class TopicPolicy {
 public:
  virtual ~TopicPolicy() = default;
  virtual bool may_publish(const Identity& identity, std::string_view topic) const = 0;
  // Of a filter without its "$share/{name}/".
  virtual bool may_subscribe(const Identity& identity, std::string_view filter) const = 0;
};

// Only below devices/{own name}/; a bridge below devices/{any name}/ and devices/+/. Whether there
// is a device of that name in its company, decode judges, as for every message: what nobody knows
// is kept as a dead letter, while a closed connection would hold up all that waits behind it in the
// bridge.
std::unique_ptr<TopicPolicy> own_topics();
// Everything, but for refused_filter: suites of conformance want to see one subscription refused.
std::unique_ptr<TopicPolicy> any_topic();
constexpr std::string_view refused_filter = "test/nosubscribe";

}  // namespace cauce::gateway
