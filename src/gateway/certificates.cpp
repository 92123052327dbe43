#include "gateway/certificates.h"

#include <fmt/core.h>

#include "crypto/certificate.h"
#include "crypto/crypto.h"

namespace cauce::gateway {
namespace {

Error denied(std::string_view subject, std::string_view why) {
  return {Outcome::denied, fmt::format("its certificate ({}) is not admitted: {}", subject, why)};
}

}  // namespace

Result<Identity> Certificates::identify(BytesView der, std::optional<std::string_view> user_name) {
  const Bytes hash = crypto::sha256(der);
  auto found = verified_.find(hash);
  if (found == verified_.end() || !is_current(found->second)) {
    auto verified = verify(der);
    if (!verified) return verified.error();
    if (verified_.size() >= verified_max) verified_.clear();
    found = verified_.insert_or_assign(hash, *std::move(verified)).first;
  }
  const Verified& verified = found->second;
  const business::Device* device = registry_.device(verified.company, verified.device);
  if (device == nullptr) {
    return denied(verified.subject,
                  fmt::format("{} has no device \"{}\"", verified.company, verified.device));
  }
  if (!device->enabled) return denied(verified.subject, "the device is disabled");
  if (verified.shown->from < device->certificates_since) {
    return denied(verified.subject, fmt::format("certificates that begin before {} are revoked",
                                                format_time(device->certificates_since)));
  }
  if (user_name && *user_name != device->name)
    return denied(verified.subject, "the user name is another");
  return Identity{device->company, device->name, {}, device->bridge, verified.shown};
}

Result<Certificates::Verified> Certificates::verify(BytesView der) const {
  const auto certificate = crypto::read_certificate(der);
  if (!certificate) return denied("?", certificate.error().message);
  std::string why = "no company has the authority that signed it";
  for (const business::Company* company : registry_.companies()) {
    if (company->authority.empty()) continue;
    const auto authority = crypto::read_certificate(company->authority);
    if (!authority || authority->name != certificate->issuer) continue;
    const auto signed_by = crypto::verify_certificate(der, company->authority, clock_.now());
    if (!signed_by) {
      why = signed_by.error().message;
      continue;
    }
    auto shown = std::make_shared<const ShownCertificate>(
        ShownCertificate{crypto::sha256(company->authority), certificate->from});
    return Verified{company->name, certificate->common_name, certificate->subject,
                    std::min(certificate->until, authority->until), std::move(shown)};
  }
  return denied(certificate->subject, why);
}

bool Certificates::is_current(const Verified& verified) const {
  const business::Company* company = registry_.company(verified.company);
  return company != nullptr &&
         crypto::sha256(company->authority) == verified.shown->authority_hash &&
         clock_.now() < verified.until && clock_.now() >= verified.shown->from;
}

bool Certificates::still_valid(const ShownCertificate& shown,
                               const business::Device& device) const {
  const business::Company* company = registry_.company(device.company);
  return company != nullptr && crypto::sha256(company->authority) == shown.authority_hash &&
         shown.from >= device.certificates_since;
}

}  // namespace cauce::gateway
