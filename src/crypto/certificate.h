// X.509 certificates of devices (RFC 5280), as DER. All functions may be called from any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "base/time.h"

namespace cauce::crypto {

constexpr std::size_t certificate_bytes_max = 16 << 10;

struct Certificate {
  std::string subject;      // as people read it: "CN=mote-1,O=Acme"
  std::string common_name;  // the last CN of the subject; empty without one
  Bytes issuer;             // DER of a name
  Bytes name;               // DER of the subject
  Bytes key_hash;           // SHA-256 of the public key
  Time from;
  Time until;
  bool is_authority = false;  // may sign certificates
};

// `invalid` when it is no certificate.
Result<Certificate> read_certificate(BytesView der);

// The one certificate in a PEM text, as DER.
Result<Bytes> certificate_from_pem(std::string_view pem);

// Whether `authority` itself signed the certificate of a client, and both are valid at `now`:
// `denied` with the reason otherwise. Keys of fewer than 112 bits of security (RSA below 2048) and
// SHA-1 are refused. Whoever showed it proved elsewhere that he has its key.
Result<void> verify_certificate(BytesView der, BytesView authority, Time now);

}  // namespace cauce::crypto
