// For tests: a certificate authority, and a client that speaks TLS over a TestClient.
#pragma once

#include <doctest/doctest.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <functional>
#include <memory>
#include <string>

#include "net/test_client.h"
#include "net/tls.h"

namespace cauce::net {

struct TestCertificate {
  std::shared_ptr<X509> certificate;
  std::shared_ptr<EVP_PKEY> key;

  std::string certificate_pem() const {
    BIO* text = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(text, certificate.get());
    return taken(text);
  }
  std::string key_pem() const {
    BIO* text = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(text, key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    return taken(text);
  }
  Bytes der() const {
    unsigned char* target = nullptr;
    const int size = i2d_X509(certificate.get(), &target);
    Bytes bytes(reinterpret_cast<const char*>(target), std::size_t(size));
    OPENSSL_free(target);
    return bytes;
  }
  // As the files that a server reads.
  TlsFiles write(const std::filesystem::path& directory) const {
    const TlsFiles files{directory / "server.crt", directory / "server.key"};
    std::ofstream{files.certificate} << certificate_pem();
    std::ofstream{files.key} << key_pem();
    return files;
  }

 private:
  static std::string taken(BIO* text) {
    char* start = nullptr;
    const long size = BIO_get_mem_data(text, &start);
    std::string result(start, std::size_t(size));
    BIO_free(text);
    return result;
  }
};

// Seconds since 1970, an hour around the time of the tests' clocks.
struct TestTerms {
  std::int64_t from_s = 1'795'304'920 - 3600;
  std::int64_t until_s = 1'795'304'920 + 3600;
  bool is_authority = false;
  std::string names = "DNS:sensors.example,IP:127.0.0.1";
};

// Signed by `issuer`, or by itself.
inline TestCertificate make_certificate(const std::string& common_name, const TestTerms& terms = {},
                                        const TestCertificate* issuer = nullptr) {
  static long last_serial = 0;
  TestCertificate made{{X509_new(), X509_free}, {EVP_EC_gen("P-256"), EVP_PKEY_free}};
  X509* certificate = made.certificate.get();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++last_serial);
  ASN1_TIME_set(X509_getm_notBefore(certificate), terms.from_s);
  ASN1_TIME_set(X509_getm_notAfter(certificate), terms.until_s);
  X509_set_pubkey(certificate, made.key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(common_name.c_str()), -1, -1,
                             0);
  const TestCertificate& signer = issuer == nullptr ? made : *issuer;
  X509_set_issuer_name(certificate, X509_get_subject_name(signer.certificate.get()));
  X509V3_CTX context;
  X509V3_set_ctx(&context, signer.certificate.get(), certificate, nullptr, nullptr, 0);
  const auto extend = [&](int kind, const std::string& value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    REQUIRE(extension != nullptr);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  };
  extend(NID_basic_constraints, terms.is_authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  if (!terms.names.empty()) extend(NID_subject_alt_name, terms.names);
  REQUIRE(X509_sign(certificate, signer.key.get(), EVP_sha256()) > 0);
  return made;
}

struct TestTls {
  int version_max = TLS1_3_VERSION;
  const char* ciphers = nullptr;  // of TLS 1.2
  SSL_SESSION* resume = nullptr;
  const TestCertificate* certificate = nullptr;  // to show
  std::string identity = {};                     // of the shared key to show
  Bytes key = {};
  const char* ciphers_1_3 = nullptr;
};

class TlsTestClient {
 public:
  TlsTestClient(Loop& loop, const Address& server, const TestTls& tls = {})
      : raw_(loop, server), context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free) {
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
    SSL_CTX_set_max_proto_version(context_.get(), tls.version_max);
    SSL_CTX_set_security_level(context_.get(), 0);
    if (tls.ciphers != nullptr) REQUIRE(SSL_CTX_set_cipher_list(context_.get(), tls.ciphers) == 1);
    if (tls.ciphers_1_3 != nullptr) SSL_CTX_set_ciphersuites(context_.get(), tls.ciphers_1_3);
    if (tls.certificate != nullptr) {
      SSL_CTX_use_certificate(context_.get(), tls.certificate->certificate.get());
      SSL_CTX_use_PrivateKey(context_.get(), tls.certificate->key.get());
    }
    if (!tls.key.empty()) show_key(tls);
    channel_.reset(SSL_new(context_.get()), SSL_free);
    SSL_set_bio(channel_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(channel_.get());
    if (tls.resume != nullptr) SSL_set_session(channel_.get(), tls.resume);
    pump();
  }

  // False when the server ends it first.
  bool shake_hands() {
    return run_until([this] { return SSL_is_init_finished(channel_.get()) == 1 || closed(); }) &&
           SSL_is_init_finished(channel_.get()) == 1;
  }
  // Sends once the handshake is over.
  void send(BytesView bytes) {
    SSL_write(channel_.get(), bytes.data(), int(bytes.size()));
    pump();
  }
  void say_goodbye() {
    SSL_shutdown(channel_.get());
    pump();
  }
  bool run_until(const std::function<bool()>& condition) {
    return raw_.run_until([&] {
      pump();
      return condition();
    });
  }
  bool run_until_received(std::size_t count) {
    return run_until([&] { return received_.size() >= count; });
  }
  bool run_until_closed() {
    return run_until([this] { return closed(); });
  }
  bool closed() const { return raw_.closed(); }
  const Bytes& received() const { return received_; }
  Bytes take_received() { return std::exchange(received_, {}); }
  SSL* channel() { return channel_.get(); }
  TestClient& raw() { return raw_; }
  // What the server's alert said: "handshake failure".
  const std::string& alert() const { return alert_; }

 private:
  // The old way to show a key, which OpenSSL takes for every version.
  void show_key(const TestTls& tls) {
    shown_ = std::make_shared<TestTls>(tls);
    SSL_CTX_set_app_data(context_.get(), shown_.get());
    SSL_CTX_set_psk_client_callback(
        context_.get(),
        [](SSL* channel, const char*, char* identity, unsigned identity_bytes_max,
           unsigned char* key, unsigned key_bytes_max) -> unsigned {
          const auto& shown =
              *static_cast<const TestTls*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(channel)));
          if (shown.identity.size() >= identity_bytes_max || shown.key.size() > key_bytes_max)
            return 0;
          shown.identity.copy(identity, shown.identity.size());
          identity[shown.identity.size()] = '\0';
          shown.key.copy(reinterpret_cast<char*>(key), shown.key.size());
          return unsigned(shown.key.size());
        });
  }
  void pump() {
    if (SSL* channel = channel_.get()) {
      const Bytes arrived = raw_.take_received();
      BIO_write(SSL_get_rbio(channel), arrived.data(), int(arrived.size()));
      std::array<char, 16 << 10> buffer;
      ERR_clear_error();
      int count = SSL_is_init_finished(channel) == 1 ? 1 : SSL_do_handshake(channel);
      while (count > 0) {
        count = SSL_read(channel, buffer.data(), int(buffer.size()));
        if (count > 0) received_.append(buffer.data(), std::size_t(count));
      }
      if (const char* reason = ERR_reason_error_string(ERR_peek_error())) alert_ = reason;
      const int waiting = int(BIO_ctrl_pending(SSL_get_wbio(channel)));
      Bytes leaving(std::size_t(waiting), '\0');
      if (waiting > 0 && BIO_read(SSL_get_wbio(channel), leaving.data(), waiting) > 0)
        raw_.send(leaving);
    }
  }

  TestClient raw_;
  std::shared_ptr<TestTls> shown_;
  std::shared_ptr<SSL_CTX> context_;
  std::shared_ptr<SSL> channel_;
  Bytes received_;
  std::string alert_;
};

}  // namespace cauce::net
