#include "crypto/certificate.h"

#include <fmt/core.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <ctime>
#include <memory>

#include "crypto/crypto.h"

namespace cauce::crypto {
namespace {

struct Deleter {
  void operator()(X509* certificate) const { X509_free(certificate); }
  void operator()(X509_STORE* store) const { X509_STORE_free(store); }
  void operator()(X509_STORE_CTX* context) const { X509_STORE_CTX_free(context); }
  void operator()(BIO* bio) const { BIO_free(bio); }
};
template <class Thing>
using Owned = std::unique_ptr<Thing, Deleter>;

// Level 2 of OpenSSL: 112 bits of security.
constexpr int security_level = 2;

Owned<X509> parse(BytesView der) {
  const auto* start = reinterpret_cast<const unsigned char*>(der.data());
  const auto* const end = start + der.size();
  Owned<X509> certificate(d2i_X509(nullptr, &start, long(der.size())));
  ERR_clear_error();
  if (start != end) return nullptr;
  return certificate;
}

template <class Thing, class Encode>
Bytes der_of(Thing* thing, Encode encode) {
  unsigned char* target = nullptr;
  const int size = encode(thing, &target);
  if (size <= 0) return {};
  Bytes bytes(reinterpret_cast<const char*>(target), std::size_t(size));
  OPENSSL_free(target);
  return bytes;
}

Time time_of(const ASN1_TIME* asn1) {
  std::tm calendar{};
  if (ASN1_TIME_to_tm(asn1, &calendar) != 1) return time_min;
  return from_microseconds(std::int64_t(timegm(&calendar)) * 1'000'000);
}

std::string text_of(const X509_NAME* name) {
  const Owned<BIO> text(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(text.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  char* start = nullptr;
  const long size = BIO_get_mem_data(text.get(), &start);
  return {start, std::size_t(size)};
}

std::string common_name_of(const X509_NAME* name) {
  int last = -1;
  for (int next = -1; (next = X509_NAME_get_index_by_NID(name, NID_commonName, next)) >= 0;)
    last = next;
  if (last < 0) return {};
  const ASN1_STRING* value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, last));
  unsigned char* text = nullptr;
  const int size = ASN1_STRING_to_UTF8(&text, value);
  if (size < 0) return {};
  std::string result(reinterpret_cast<const char*>(text), std::size_t(size));
  OPENSSL_free(text);
  return result;
}

std::string words_for(int reason) {
  switch (reason) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_CERT_SIGNATURE_FAILURE: return "the authority did not sign it";
    default: return X509_verify_cert_error_string(reason);
  }
}

}  // namespace

Result<Certificate> read_certificate(BytesView der) {
  if (der.size() > certificate_bytes_max) {
    return Error{Outcome::invalid, fmt::format("a certificate of {} bytes, the limit is {}",
                                               der.size(), certificate_bytes_max)};
  }
  const Owned<X509> parsed = parse(der);
  if (!parsed) return Error{Outcome::invalid, "it is not a certificate in DER"};
  Certificate certificate;
  const X509_NAME* subject = X509_get_subject_name(parsed.get());
  certificate.subject = text_of(subject);
  certificate.common_name = common_name_of(subject);
  certificate.name = der_of(subject, i2d_X509_NAME);
  certificate.issuer = der_of(X509_get_issuer_name(parsed.get()), i2d_X509_NAME);
  certificate.key_hash = sha256(der_of(X509_get_X509_PUBKEY(parsed.get()), i2d_X509_PUBKEY));
  certificate.from = time_of(X509_get0_notBefore(parsed.get()));
  certificate.until = time_of(X509_get0_notAfter(parsed.get()));
  certificate.is_authority = X509_check_ca(parsed.get()) == 1;
  ERR_clear_error();
  return certificate;
}

Result<Bytes> certificate_from_pem(std::string_view pem) {
  if (pem.size() > 2 * certificate_bytes_max) {
    return Error{Outcome::invalid, fmt::format("a text of {} bytes, the limit is {}", pem.size(),
                                               2 * certificate_bytes_max)};
  }
  const Owned<BIO> text(BIO_new_mem_buf(pem.data(), int(pem.size())));
  const Owned<X509> first(PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr));
  const Owned<X509> second(PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr));
  ERR_clear_error();
  if (!first) return Error{Outcome::invalid, "there is no certificate in PEM in it"};
  if (second) return Error{Outcome::invalid, "there are several certificates in it; give one"};
  return der_of(first.get(), i2d_X509);
}

Result<void> verify_certificate(BytesView der, BytesView authority, Time now) {
  const Owned<X509> leaf = parse(der);
  const Owned<X509> root = parse(authority);
  if (!leaf || !root) return Error{Outcome::denied, "it is not a certificate in DER"};
  const Owned<X509_STORE> store(X509_STORE_new());
  X509_STORE_add_cert(store.get(), root.get());
  const Owned<X509_STORE_CTX> context(X509_STORE_CTX_new());
  X509_STORE_CTX_init(context.get(), store.get(), leaf.get(), nullptr);
  X509_VERIFY_PARAM* terms = X509_STORE_CTX_get0_param(context.get());
  // What the company names is trusted, whoever signed it.
  X509_VERIFY_PARAM_set_flags(terms, X509_V_FLAG_PARTIAL_CHAIN);
  X509_VERIFY_PARAM_set_time(terms, to_microseconds(now) / 1'000'000);
  X509_VERIFY_PARAM_set_auth_level(terms, security_level);
  X509_VERIFY_PARAM_set_purpose(terms, X509_PURPOSE_SSL_CLIENT);
  X509_VERIFY_PARAM_set_depth(terms, 0);
  const bool valid = X509_verify_cert(context.get()) == 1;
  const int reason = X509_STORE_CTX_get_error(context.get());
  ERR_clear_error();
  // An authority is no device, not even of itself.
  if (valid && X509_check_ca(leaf.get()) == 1)
    return Error{Outcome::denied, "it is the certificate of an authority"};
  if (valid) return {};
  return Error{Outcome::denied, words_for(reason)};
}

}  // namespace cauce::crypto
