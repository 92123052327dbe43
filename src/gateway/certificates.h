// Devices that are admitted by an X.509 certificate instead of a token: each company names one
// authority, and what that signed names the device in its common name.
#pragma once

#include <string_view>
#include <unordered_map>

#include "base/clock.h"
#include "business/business.h"
#include "gateway/admission.h"

namespace cauce::gateway {

// One thread.
class Certificates {
 public:
  // Signatures are checked once for each certificate; so many results are kept.
  static constexpr std::size_t verified_max = 4096;

  Certificates(const business::Registry& registry, const Clock& clock)
      : registry_(registry), clock_(clock) {}

  // `denied` says what is wrong, for the log. `user_name`, when there is one, has to be the device.
  Result<Identity> identify(BytesView der, std::optional<std::string_view> user_name);

  // Whether the authority is still the device's company's, and the certificate was not revoked.
  bool still_valid(const ShownCertificate& shown, const business::Device& device) const;

 private:
  // What a certificate says, and who vouches for it.
  struct Verified {
    std::string company;
    std::string device;
    std::string subject;
    Time until;
    std::shared_ptr<const ShownCertificate> shown;
  };

  Result<Verified> verify(BytesView der) const;
  bool is_current(const Verified& verified) const;

  const business::Registry& registry_;
  const Clock& clock_;
  std::unordered_map<Bytes, Verified> verified_;  // by SHA-256 of the certificate
};

}  // namespace cauce::gateway
