#include "crypto/crypto.h"

#include <fmt/core.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <sodium.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "base/invariant.h"

namespace cauce::crypto {
namespace {

// GCM allows 64 GiB; OpenSSL counts in int. Payloads here are at most a few megabytes.
constexpr std::size_t text_bytes_max = std::size_t{1} << 30;
constexpr std::size_t token_bytes = 32;

struct FreeContext {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using Context = std::unique_ptr<EVP_CIPHER_CTX, FreeContext>;

// Fetched once: a fetch takes OpenSSL's global lock and longer than sealing a small payload.
const EVP_CIPHER* aes256gcm() {
  static const EVP_CIPHER* const cipher = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  INVARIANT(cipher != nullptr);
  return cipher;
}

const unsigned char* read_from(BytesView bytes) {
  return reinterpret_cast<const unsigned char*>(bytes.data());
}
unsigned char* write_to(Bytes& bytes) {
  return reinterpret_cast<unsigned char*>(bytes.data());
}

Context make_context() {
  Context context{EVP_CIPHER_CTX_new()};
  INVARIANT(context != nullptr);
  return context;
}

std::optional<Bytes> decode_base64(std::string_view text, int variant) {
  Bytes bytes(text.size() / 4 * 3 + 3, '\0');
  std::size_t count = 0;
  const char* end = nullptr;
  // libsodium 1.0.18 takes some bytes above 0x7f, which are negative chars, for digits.
  const bool is_ascii =
      std::all_of(text.begin(), text.end(), [](char letter) { return (letter & 0x80) == 0; });
  const int code = sodium_base642bin(write_to(bytes), bytes.size(), text.data(), text.size(),
                                     nullptr, &count, &end, variant);
  if (!is_ascii || code != 0 || end != text.data() + text.size()) return std::nullopt;
  bytes.resize(count);
  return bytes;
}

}  // namespace

SystemRandom::SystemRandom() {
  INVARIANT(sodium_init() >= 0);
}

Bytes SystemRandom::bytes(std::size_t count) {
  Bytes bytes(count, '\0');
  randombytes_buf(bytes.data(), bytes.size());
  return bytes;
}

Bytes seal_aes256gcm(BytesView key, BytesView nonce, BytesView associated, BytesView plaintext) {
  INVARIANT(key.size() == key_bytes && nonce.size() == nonce_bytes);
  INVARIANT(plaintext.size() <= text_bytes_max && associated.size() <= text_bytes_max);
  const Context context = make_context();
  Bytes sealed(plaintext.size() + tag_bytes, '\0');
  int count = 0;
  bool done = EVP_EncryptInit_ex2(context.get(), aes256gcm(), read_from(key), read_from(nonce),
                                  nullptr) == 1;
  if (!associated.empty()) {
    done = done && EVP_EncryptUpdate(context.get(), nullptr, &count, read_from(associated),
                                     int(associated.size())) == 1;
  }
  if (!plaintext.empty()) {
    done = done && EVP_EncryptUpdate(context.get(), write_to(sealed), &count, read_from(plaintext),
                                     int(plaintext.size())) == 1;
  }
  unsigned char* const tag = write_to(sealed) + plaintext.size();
  done = done && EVP_EncryptFinal_ex(context.get(), tag, &count) == 1;
  done =
      done && EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, int(tag_bytes), tag) == 1;
  INVARIANT(done);
  return sealed;
}

Result<Bytes> open_aes256gcm(BytesView key, BytesView nonce, BytesView associated,
                             BytesView ciphertext_and_tag) {
  INVARIANT(key.size() == key_bytes && nonce.size() == nonce_bytes);
  if (ciphertext_and_tag.size() < tag_bytes ||
      ciphertext_and_tag.size() - tag_bytes > text_bytes_max ||
      associated.size() > text_bytes_max) {
    return Error{Outcome::invalid,
                 fmt::format("{} encrypted bytes cannot be opened: they hold from {} (the tag "
                             "alone) to {} bytes",
                             ciphertext_and_tag.size(), tag_bytes, text_bytes_max + tag_bytes)};
  }
  const BytesView ciphertext = ciphertext_and_tag.substr(0, ciphertext_and_tag.size() - tag_bytes);
  Bytes tag{ciphertext_and_tag.substr(ciphertext.size())};
  const Context context = make_context();
  Bytes plaintext(ciphertext.size(), '\0');
  int count = 0;
  bool done = EVP_DecryptInit_ex2(context.get(), aes256gcm(), read_from(key), read_from(nonce),
                                  nullptr) == 1;
  if (!associated.empty()) {
    done = done && EVP_DecryptUpdate(context.get(), nullptr, &count, read_from(associated),
                                     int(associated.size())) == 1;
  }
  if (!ciphertext.empty()) {
    done = done && EVP_DecryptUpdate(context.get(), write_to(plaintext), &count,
                                     read_from(ciphertext), int(ciphertext.size())) == 1;
  }
  done = done &&
         EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_TAG, int(tag_bytes), tag.data()) == 1;
  INVARIANT(done);
  unsigned char rest[EVP_MAX_BLOCK_LENGTH];
  if (EVP_DecryptFinal_ex(context.get(), rest, &count) != 1) {
    return Error{Outcome::denied,
                 "the authentication tag does not match: another key, other associated data or "
                 "changed bytes"};
  }
  return plaintext;
}

Bytes sha256(BytesView bytes) {
  static const EVP_MD* const digest = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  INVARIANT(digest != nullptr);
  Bytes hash(32, '\0');
  unsigned int count = 0;
  const int done = EVP_Digest(bytes.data(), bytes.size(), write_to(hash), &count, digest, nullptr);
  INVARIANT(done == 1 && count == hash.size());
  return hash;
}

Bytes hmac_sha256(BytesView key, BytesView bytes) {
  INVARIANT(key.size() <= text_bytes_max);
  Bytes code(32, '\0');
  unsigned int count = 0;
  const unsigned char* made = HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
                                   read_from(bytes), bytes.size(), write_to(code), &count);
  INVARIANT(made != nullptr && count == code.size());
  return code;
}

Sha256::Sha256() : state_(EVP_MD_CTX_new()) {
  INVARIANT(state_ != nullptr);
  const int done = EVP_DigestInit_ex2(static_cast<EVP_MD_CTX*>(state_), EVP_sha256(), nullptr);
  INVARIANT(done == 1);
}

Sha256::~Sha256() {
  EVP_MD_CTX_free(static_cast<EVP_MD_CTX*>(state_));
}

void Sha256::add(BytesView bytes) {
  const int done = EVP_DigestUpdate(static_cast<EVP_MD_CTX*>(state_), bytes.data(), bytes.size());
  INVARIANT(done == 1);
}

Bytes Sha256::finish() {
  Bytes hash(32, '\0');
  unsigned int count = 0;
  const int done = EVP_DigestFinal_ex(static_cast<EVP_MD_CTX*>(state_), write_to(hash), &count);
  INVARIANT(done == 1 && count == hash.size());
  return hash;
}

std::string make_token(Random& random) {
  return to_base64url(random.bytes(token_bytes));
}

std::string to_base64url(BytesView bytes) {
  constexpr int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  // The size counts a closing zero byte.
  std::string text(sodium_base64_encoded_len(bytes.size(), variant), '\0');
  sodium_bin2base64(text.data(), text.size(), read_from(bytes), bytes.size(), variant);
  text.pop_back();
  return text;
}

Result<Bytes> from_base64url(std::string_view text) {
  auto bytes = decode_base64(text, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
  if (bytes) return *std::move(bytes);
  // Not shown: it may be somebody's token.
  return Error{Outcome::invalid,
               fmt::format("{} characters are not URL-safe base64 without padding: only A-Z a-z "
                           "0-9 - _ may stand in it",
                           text.size())};
}

Result<Bytes> from_base64(std::string_view text) {
  auto bytes = decode_base64(text, sodium_base64_VARIANT_ORIGINAL);
  if (bytes) return *std::move(bytes);
  return Error{Outcome::invalid,
               fmt::format("{} characters are not base64 with padding: only A-Z a-z 0-9 + / may "
                           "stand in it, and = at its end",
                           text.size())};
}

bool equal_secret(BytesView left, BytesView right) {
  return left.size() == right.size() && sodium_memcmp(left.data(), right.data(), left.size()) == 0;
}

}  // namespace cauce::crypto
