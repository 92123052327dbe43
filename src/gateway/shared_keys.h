// Devices that are admitted by a key that they share with cauce instead of a token: TLS and DTLS
// ask for the key of an identity (business/shared_key.h) and prove that the client holds it.
#pragma once

#include <optional>
#include <string_view>

#include "base/random.h"
#include "business/business.h"
#include "gateway/admission.h"
#include "net/shared_key.h"

namespace cauce::gateway {

// One thread.
class SharedKeys {
 public:
  SharedKeys(const business::Registry& registry, Random& random)
      : registry_(registry), random_(random) {}

  // Whether a device has this key now.
  bool knows(std::string_view identity) const;

  // As net::FindSharedKey asks. An identity without a key, or of a disabled device, gets one that
  // nobody holds, so that nobody learns from the handshake which devices there are.
  std::optional<net::SharedKey> find(std::string_view identity);

 private:
  const business::Registry& registry_;
  Random& random_;
};

// Who the holder of a key is, by what is known now. `denied` says what is wrong, for the log.
// `user_name`, when there is one, has to be the device.
Result<Identity> identify_by_shared_key(const business::Registry& registry, BytesView holder,
                                        std::optional<std::string_view> user_name);

// Whether one of the device's keys has this Identity::secret_hash.
bool has_shared_key(const business::Device& device, BytesView secret_hash);

}  // namespace cauce::gateway
