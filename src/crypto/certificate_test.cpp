#include "crypto/certificate.h"

#include <doctest/doctest.h>
#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include <memory>

namespace cauce::crypto {
namespace {

constexpr Time now = from_microseconds(1'795'304'920'000'000);

struct Made {
  std::shared_ptr<X509> certificate{X509_new(), X509_free};
  std::shared_ptr<EVP_PKEY> key{EVP_EC_gen("P-256"), EVP_PKEY_free};

  Bytes der() const {
    unsigned char* target = nullptr;
    const int size = i2d_X509(certificate.get(), &target);
    Bytes bytes(reinterpret_cast<const char*>(target), std::size_t(size));
    OPENSSL_free(target);
    return bytes;
  }
  std::string pem() const {
    BIO* text = BIO_new(BIO_s_mem());
    PEM_write_bio_X509(text, certificate.get());
    char* start = nullptr;
    const long size = BIO_get_mem_data(text, &start);
    std::string result(start, std::size_t(size));
    BIO_free(text);
    return result;
  }
};

struct Terms {
  bool is_authority = false;
  std::string usage = {};  // extended key usage
  Time from = now - std::chrono::hours{1};
  Time until = now + std::chrono::hours{1};
  const EVP_MD* digest = EVP_sha256();
  EVP_PKEY* key = nullptr;  // a P-256 one otherwise
};

void put_time(ASN1_TIME* target, Time time) {
  ASN1_TIME_set(target, to_microseconds(time) / 1'000'000);
}

Made make(const std::string& name, const Terms& terms, const Made* issuer = nullptr) {
  Made made;
  if (terms.key != nullptr) made.key.reset(terms.key, EVP_PKEY_free);
  X509* certificate = made.certificate.get();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 7);
  put_time(X509_getm_notBefore(certificate), terms.from);
  put_time(X509_getm_notAfter(certificate), terms.until);
  X509_set_pubkey(certificate, made.key.get());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  const Made& signer = issuer == nullptr ? made : *issuer;
  X509_set_issuer_name(certificate, X509_get_subject_name(signer.certificate.get()));
  const auto extend = [&](int kind, const std::string& value) {
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
    REQUIRE(extension != nullptr);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
  };
  extend(NID_basic_constraints, terms.is_authority ? "critical,CA:TRUE" : "critical,CA:FALSE");
  if (!terms.usage.empty()) extend(NID_ext_key_usage, terms.usage);
  REQUIRE(X509_sign(certificate, signer.key.get(), terms.digest) > 0);
  return made;
}

const Made& authority() {
  static const Made made = make("Acme Devices", {.is_authority = true});
  return made;
}

std::string refusal(const Made& leaf, Time at = now) {
  const auto verified = verify_certificate(leaf.der(), authority().der(), at);
  if (verified) return "";
  CHECK(verified.error().outcome == Outcome::denied);
  return verified.error().message;
}

}  // namespace

TEST_CASE("a certificate is read as it was made") {
  const Made leaf = make("mote-1", {}, &authority());
  const auto read = read_certificate(leaf.der());
  REQUIRE(read);
  CHECK(read->subject == "CN=mote-1");
  CHECK(read->common_name == "mote-1");
  CHECK(read->from == now - std::chrono::hours{1});
  CHECK(read->until == now + std::chrono::hours{1});
  CHECK_FALSE(read->is_authority);
  const auto root = read_certificate(authority().der());
  REQUIRE(root);
  CHECK(root->is_authority);
  CHECK(root->name == read->issuer);
  CHECK(root->key_hash != read->key_hash);
  CHECK(root->key_hash.size() == 32);
}

TEST_CASE("what is no certificate is refused") {
  CHECK_FALSE(read_certificate(""));
  CHECK_FALSE(read_certificate("zzzz"));
  Bytes der = authority().der();
  CHECK_FALSE(read_certificate(der + "x"));
  der.pop_back();
  CHECK_FALSE(read_certificate(der));
  CHECK(read_certificate(Bytes(certificate_bytes_max + 1, '0')).error().message.find("limit") !=
        std::string::npos);
}

TEST_CASE("one certificate is taken out of a PEM text") {
  const std::string pem = authority().pem();
  CHECK(*certificate_from_pem(pem) == authority().der());
  CHECK(*certificate_from_pem("words before\n" + pem) == authority().der());
  CHECK(certificate_from_pem(pem + pem).error().message.find("several") != std::string::npos);
  CHECK_FALSE(certificate_from_pem("nothing"));
  CHECK_FALSE(certificate_from_pem(std::string(2 * certificate_bytes_max + 1, ' ') + pem));
}

TEST_CASE("the authority's own signature is what counts") {
  CHECK(refusal(make("mote-1", {}, &authority())) == "");
  CHECK(refusal(make("mote-1", {.usage = "clientAuth"}, &authority())) == "");
  const Made other = make("Acme Devices", {.is_authority = true});
  CHECK(refusal(make("mote-1", {}, &other)) == "the authority did not sign it");
  CHECK(refusal(make("mote-1", {})) == "the authority did not sign it");
  const Made between = make("Between", {.is_authority = true}, &authority());
  CHECK(refusal(make("mote-1", {}, &between)) != "");
}

TEST_CASE("an authority in the middle may be the one that a company names") {
  const Made between = make("Between", {.is_authority = true}, &authority());
  CHECK(verify_certificate(make("mote-1", {}, &between).der(), between.der(), now));
}

TEST_CASE("who is an authority, a server only, or weak, is no device") {
  CHECK(refusal(make("mote-1", {.is_authority = true}, &authority())) != "");
  CHECK(refusal(authority()) != "");
  CHECK(refusal(make("mote-1", {.usage = "serverAuth"}, &authority())) != "");
  CHECK(refusal(make("mote-1", {.digest = EVP_sha1()}, &authority())) != "");
  CHECK(refusal(make("mote-1", {.key = EVP_RSA_gen(1024)}, &authority())) != "");
  CHECK(refusal(make("mote-1", {.key = EVP_RSA_gen(2048)}, &authority())) == "");
}

TEST_CASE("a certificate is valid from its first to its last second") {
  const Made leaf = make("mote-1", {}, &authority());
  CHECK(refusal(leaf, now - std::chrono::hours{1}) == "");
  CHECK(refusal(leaf, now - std::chrono::seconds{3601}).find("not yet valid") != std::string::npos);
  CHECK(refusal(leaf, now + std::chrono::seconds{3599}) == "");
  CHECK(refusal(leaf, now + std::chrono::hours{1}).find("expired") != std::string::npos);
}

}  // namespace cauce::crypto
