// Authenticated encryption, digests and secrets. All functions may be called from any thread.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"

namespace cauce::crypto {

constexpr std::size_t key_bytes = 32;    // AES-256
constexpr std::size_t nonce_bytes = 12;  // NIST SP 800-38D section 8.2.1
constexpr std::size_t tag_bytes = 16;

// The operating system's randomness (libsodium). Any thread.
class SystemRandom final : public Random {
 public:
  SystemRandom();
  Bytes bytes(std::size_t count) override;
};

// AES-256-GCM. seal answers ciphertext followed by the tag.
Bytes seal_aes256gcm(BytesView key, BytesView nonce, BytesView associated, BytesView plaintext);
// `denied` when the tag does not match: wrong key, wrong associated data or changed bytes.
Result<Bytes> open_aes256gcm(BytesView key, BytesView nonce, BytesView associated,
                             BytesView ciphertext_and_tag);

Bytes sha256(BytesView bytes);

// The same of bytes that come piece by piece. One thread.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void add(BytesView bytes);
  // Once, at the end.
  Bytes finish();

 private:
  void* state_;  // OpenSSL's EVP_MD_CTX
};

// RFC 2104 with SHA-256: 32 bytes that only who has the key can make of these.
Bytes hmac_sha256(BytesView key, BytesView bytes);

// 32 random bytes as 43 characters of URL-safe base64: what a device or user shows as its token.
// Because it is random, its SHA-256 is all that has to be kept to recognise it.
std::string make_token(Random& random);
std::string to_base64url(BytesView bytes);
Result<Bytes> from_base64url(std::string_view text);
// The other alphabet, with padding (RFC 4648 section 4).
Result<Bytes> from_base64(std::string_view text);

// Compares without telling by its duration where the difference is.
bool equal_secret(BytesView left, BytesView right);

}  // namespace cauce::crypto
