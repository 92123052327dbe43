#include "net/dtls_cookies.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <utility>

#include "base/invariant.h"

namespace cauce::net {
namespace {

constexpr std::size_t key_bytes = 32;

Bytes digest(BytesView key, BytesView address, BytesView client_random) {
  // The address may have two lengths, the random bytes have one.
  const Bytes text = Bytes(client_random).append(address);
  unsigned char target[EVP_MAX_MD_SIZE];
  unsigned size = 0;
  const auto* made =
      HMAC(EVP_sha256(), key.data(), int(key.size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(), target, &size);
  INVARIANT(made != nullptr && size >= DtlsCookies::bytes);
  return {reinterpret_cast<const char*>(target), DtlsCookies::bytes};
}

bool is_same(BytesView one, BytesView other) {
  return one.size() == other.size() && CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

}  // namespace

DtlsCookies::DtlsCookies(Random& random, Duration now)
    : random_(random),
      key_(random.bytes(key_bytes)),
      earlier_key_(random.bytes(key_bytes)),
      since_(now) {}

Bytes DtlsCookies::make(BytesView address, BytesView client_random) const {
  return digest(key_, address, client_random);
}

bool DtlsCookies::is_good(BytesView cookie, BytesView address, BytesView client_random) const {
  return is_same(cookie, digest(key_, address, client_random)) ||
         is_same(cookie, digest(earlier_key_, address, client_random));
}

void DtlsCookies::look_around(Duration now) {
  if (now - since_ < span) return;
  since_ = now;
  earlier_key_ = std::exchange(key_, random_.bytes(key_bytes));
}

}  // namespace cauce::net
