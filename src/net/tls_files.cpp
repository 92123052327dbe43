#include "net/tls_files.h"

#include <fmt/core.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <ctime>
#include <fstream>

#include "net/socket_address.h"

namespace cauce::net {
namespace {

// Certificates in one file.
constexpr std::size_t chain_max = 16;

Error file_error(const std::filesystem::path& file, std::string_view what) {
  return {Outcome::invalid, fmt::format("{}: {}", file.string(), what)};
}

Result<std::string> content_of(const std::filesystem::path& file) {
  std::ifstream stream{file, std::ios::binary};
  if (!stream) return file_error(file, std::strerror(errno));
  std::string content(tls_file_bytes_max + 1, '\0');
  stream.read(content.data(), std::streamsize(content.size()));
  content.resize(std::size_t(stream.gcount()));
  if (content.size() > tls_file_bytes_max) {
    return file_error(file,
                      fmt::format("it is larger than the {} bytes that a PEM file may have here",
                                  tls_file_bytes_max));
  }
  return content;
}

// OpenSSL would ask for a passphrase on the terminal.
int refuse_to_ask(char*, int, int, void* was_asked) {
  *static_cast<bool*>(was_asked) = true;
  return 0;
}

Openssl<BIO> open_text(const std::string& content) {
  return Openssl<BIO>(BIO_new_mem_buf(content.data(), int(content.size())));
}

Result<void> read_certificates(const std::filesystem::path& file, TlsIdentity& identity) {
  const auto content = content_of(file);
  if (!content) return content.error();
  const Openssl<BIO> text = open_text(*content);
  identity.certificate.reset(PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr));
  if (!identity.certificate) {
    ERR_clear_error();
    return file_error(file, "there is no certificate in it; it must be PEM");
  }
  while (X509* next = PEM_read_bio_X509(text.get(), nullptr, nullptr, nullptr)) {
    identity.chain.emplace_back(next);
    if (identity.chain.size() == chain_max) {
      return file_error(file, fmt::format("it holds more than {} certificates", chain_max));
    }
  }
  // The end of the file is an error to OpenSSL.
  ERR_clear_error();
  return {};
}

Result<void> read_key(const std::filesystem::path& file, TlsIdentity& identity) {
  const auto content = content_of(file);
  if (!content) return content.error();
  const Openssl<BIO> text = open_text(*content);
  bool was_asked = false;
  identity.key.reset(PEM_read_bio_PrivateKey(text.get(), nullptr, refuse_to_ask, &was_asked));
  ERR_clear_error();
  if (identity.key) return {};
  if (was_asked) {
    return file_error(file,
                      "the key has a passphrase, and nobody is there to give it: "
                      "write it without one, readable by cauce's user alone");
  }
  return file_error(file, "there is no private key in it; it must be PEM");
}

Time time_of(const ASN1_TIME* asn1) {
  std::tm calendar{};
  if (ASN1_TIME_to_tm(asn1, &calendar) != 1) return time_min;
  return from_microseconds(std::int64_t(timegm(&calendar)) * 1'000'000);
}

std::string subject_of(X509* certificate) {
  const Openssl<BIO> text(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(text.get(), X509_get_subject_name(certificate), 0, XN_FLAG_RFC2253);
  char* start = nullptr;
  const long size = BIO_get_mem_data(text.get(), &start);
  return {start, std::size_t(size)};
}

std::string address_text(const ASN1_OCTET_STRING* bytes) {
  sockaddr_storage stored{};
  const int size = ASN1_STRING_length(bytes);
  stored.ss_family = size == 4 ? AF_INET : AF_INET6;
  // Where both families keep the address in their structure.
  const std::size_t offset = size == 4 ? 4 : 8;
  if (size != 4 && size != 16) return "?";
  std::memcpy(reinterpret_cast<char*>(&stored) + offset, ASN1_STRING_get0_data(bytes),
              std::size_t(size));
  return SocketAddress::from(stored).host;
}

std::vector<std::string> names_of(X509* certificate) {
  std::vector<std::string> names;
  auto* list = static_cast<GENERAL_NAMES*>(
      X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr));
  for (int index = 0; index < sk_GENERAL_NAME_num(list); ++index) {
    const GENERAL_NAME* name = sk_GENERAL_NAME_value(list, index);
    if (name->type == GEN_DNS) {
      names.emplace_back(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                         std::size_t(ASN1_STRING_length(name->d.dNSName)));
    } else if (name->type == GEN_IPADD) {
      names.push_back(address_text(name->d.iPAddress));
    }
  }
  GENERAL_NAMES_free(list);
  return names;
}

}  // namespace

std::string openssl_reason() {
  const unsigned long code = ERR_peek_error();
  const char* reason = ERR_reason_error_string(code);
  ERR_clear_error();
  return reason == nullptr ? "no reason given" : reason;
}

Result<TlsIdentity> read_tls_files(const TlsFiles& files) {
  TlsIdentity identity;
  if (auto read = read_certificates(files.certificate, identity); !read) return read.error();
  if (auto read = read_key(files.key, identity); !read) return read.error();
  if (X509_check_private_key(identity.certificate.get(), identity.key.get()) != 1) {
    ERR_clear_error();
    return file_error(files.key, fmt::format("this key does not belong to the certificate in {}",
                                             files.certificate.string()));
  }
  identity.facts.subject = subject_of(identity.certificate.get());
  identity.facts.names = names_of(identity.certificate.get());
  identity.facts.from = time_of(X509_get0_notBefore(identity.certificate.get()));
  identity.facts.until = time_of(X509_get0_notAfter(identity.certificate.get()));
  return identity;
}

Result<CertificateFacts> examine_tls_files(const TlsFiles& files) {
  auto identity = read_tls_files(files);
  if (!identity) return identity.error();
  return std::move(identity->facts);
}

std::optional<std::string> untimeliness_of(const CertificateFacts& facts, Time now) {
  if (now >= facts.until) return "expired on " + format_time(facts.until);
  if (now < facts.from) return fmt::format("is valid from {} on", format_time(facts.from));
  return std::nullopt;
}

FileStamp FileStamp::of(const std::filesystem::path& file) {
  struct stat state{};
  if (::stat(file.c_str(), &state) != 0) return {};
  return {state.st_ino, state.st_mtim.tv_sec * 1'000'000'000 + state.st_mtim.tv_nsec,
          state.st_size};
}

}  // namespace cauce::net
