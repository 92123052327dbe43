// TLS 1.2 and 1.3 between a connection and its handler, neither of which knows: what goes through
// here is a net::Connection again. The handler exists from the first byte on, so whatever time it
// gives a client to introduce itself covers the handshake too. Nothing of OpenSSL shows here.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "net/net.h"
#include "net/shared_key.h"

namespace cauce::net {

// PEM files: the server's certificate, followed by those that its clients need to trust it, and the
// private key, without a passphrase.
struct TlsFiles {
  std::filesystem::path certificate;
  std::filesystem::path key;

  bool operator==(const TlsFiles&) const = default;
};

constexpr std::size_t tls_file_bytes_max = 1 << 20;

// What a certificate says of itself.
struct CertificateFacts {
  std::string subject;             // "CN=sensors.example,O=Acme"
  std::vector<std::string> names;  // of hosts, and numeric addresses; what clients compare
  Time from;
  Time until;
};

// Errors name the file: it cannot be read, it is no PEM, the key is another certificate's, or needs
// a passphrase. The dates are not judged.
Result<CertificateFacts> examine_tls_files(const TlsFiles& files);

// "expired on 2026-11-01T00:00:00Z", "is valid from … on"; nullopt while it is valid.
std::optional<std::string> untimeliness_of(const CertificateFacts& facts, Time now);

struct TlsOptions {
  // Clients may show a certificate; without one they are served all the same.
  bool asks_for_certificate = false;
};

// One loop's TLS; used on its thread.
//
// Ciphers are those with forward secrecy and authenticated encryption, of shared keys too. There is
// no renegotiation and no compression; a client may resume its session by a ticket, until the files
// change, and is then known by the same certificate or holder of a key as before.
class TlsServer {
 public:
  // As examine_tls_files().
  static Result<std::shared_ptr<TlsServer>> open(const TlsFiles& files, const TlsOptions& options);
  virtual ~TlsServer() = default;

  // The same as `accept`, behind TLS. The handler's on_violation() says which handshake failed.
  virtual Loop::Accept over(Loop::Accept accept) = 0;

  // From now on clients may also show a shared key instead of a certificate. At most once.
  virtual void ask_for_shared_key(FindSharedKey find) = 0;

  // Takes files that were replaced, for new connections; those that stand keep theirs. Asked again
  // and again: a change is taken when it was there at two calls, so that a certificate whose key is
  // still on its way is not judged. True when they were taken. Whatever is wrong with them is
  // answered once for each change, and the old ones stay.
  virtual Result<bool> follow_files() = 0;

  virtual const CertificateFacts& facts() const = 0;
};

}  // namespace cauce::net
