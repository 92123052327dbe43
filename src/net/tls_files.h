// A certificate and its key from files, as OpenSSL has them. Inside this room only.
#pragma once

#include <openssl/ssl.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "net/tls.h"

namespace cauce::net {

// Frees what OpenSSL made.
struct OpensslDeleter {
  void operator()(SSL_CTX* context) const { SSL_CTX_free(context); }
  void operator()(SSL* channel) const { SSL_free(channel); }
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(BIO_METHOD* method) const { BIO_meth_free(method); }
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
template <class Thing>
using Openssl = std::unique_ptr<Thing, OpensslDeleter>;

// Why the last call of OpenSSL on this thread failed: "no shared cipher". Forgets it.
std::string openssl_reason();

struct TlsIdentity {
  Openssl<X509> certificate;
  std::vector<Openssl<X509>> chain;  // what follows it in the file
  Openssl<EVP_PKEY> key;
  CertificateFacts facts;
};

Result<TlsIdentity> read_tls_files(const TlsFiles& files);

// When two of these are equal, the file is the same.
struct FileStamp {
  std::uint64_t inode = 0;
  std::int64_t changed_at_ns = 0;
  std::int64_t bytes = 0;

  // Of no file when there is none.
  static FileStamp of(const std::filesystem::path& file);
  bool operator==(const FileStamp&) const = default;
};

}  // namespace cauce::net
