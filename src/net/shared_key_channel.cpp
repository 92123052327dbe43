#include "net/shared_key_channel.h"

#include <openssl/crypto.h>

#include <algorithm>
#include <memory>

namespace cauce::net {
namespace {

// TLS_AES_128_GCM_SHA256: a key that says nothing else goes with SHA-256 (RFC 8446, 4.2.11).
constexpr unsigned char cipher_of_keys[] = {0x13, 0x01};

std::optional<SharedKey> find(SSL* channel, std::string_view identity) {
  if (identity.size() > shared_key_identity_bytes_max) return std::nullopt;
  auto key = (*static_cast<const FindSharedKey*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(channel))))(
      identity);
  if (key && (key->secret.empty() || key->secret.size() > shared_key_bytes_max))
    return std::nullopt;
  return key;
}

bool write_holder(SSL_SESSION* session, const SharedKey& key) {
  return SSL_SESSION_set1_ticket_appdata(session, key.holder.data(), key.holder.size()) == 1;
}

// Of TLS 1.2 and DTLS 1.2; 0 refuses the identity.
unsigned find_for_1_2(SSL* channel, const char* identity, unsigned char* target,
                      unsigned bytes_max) {
  // TLS 1.3 asks here too, with the tickets that find_for_1_3() does not know.
  if (SSL_version(channel) == TLS1_3_VERSION || identity == nullptr) return 0;
  auto key = find(channel, identity);
  if (!key || key->secret.size() > bytes_max) return 0;
  SSL_SESSION* session = SSL_get0_session(channel);
  if (session == nullptr || !write_holder(session, *key)) return 0;
  std::copy(key->secret.begin(), key->secret.end(), target);
  OPENSSL_cleanse(key->secret.data(), key->secret.size());
  return unsigned(key->secret.size());
}

// Of TLS 1.3: a session as if it had been made before with this key. None: what was named is a
// ticket perhaps, or else the client is known by no key.
int find_for_1_3(SSL* channel, const unsigned char* identity, std::size_t bytes,
                 SSL_SESSION** session) {
  *session = nullptr;
  auto key = find(channel, {reinterpret_cast<const char*>(identity), bytes});
  if (!key) return 1;
  std::unique_ptr<SSL_SESSION, void (*)(SSL_SESSION*)> made(SSL_SESSION_new(), SSL_SESSION_free);
  const SSL_CIPHER* cipher = SSL_CIPHER_find(channel, cipher_of_keys);
  const auto* secret = reinterpret_cast<const unsigned char*>(key->secret.data());
  const bool good = made && cipher != nullptr &&
                    SSL_SESSION_set1_master_key(made.get(), secret, key->secret.size()) == 1 &&
                    SSL_SESSION_set_cipher(made.get(), cipher) == 1 &&
                    SSL_SESSION_set_protocol_version(made.get(), TLS1_3_VERSION) == 1 &&
                    write_holder(made.get(), *key);
  OPENSSL_cleanse(key->secret.data(), key->secret.size());
  if (!good) return 0;
  *session = made.release();
  return 1;
}

}  // namespace

void ask_for_shared_key(SSL_CTX* context, const FindSharedKey& find) {
  SSL_CTX_set_app_data(context, const_cast<FindSharedKey*>(&find));
  SSL_CTX_set_psk_server_callback(context, find_for_1_2);
  SSL_CTX_set_psk_find_session_callback(context, find_for_1_3);
  // Parameters of DHE as strong as the cipher asks for.
  SSL_CTX_set_dh_auto(context, 1);
}

Bytes shared_key_holder_of(SSL* channel) {
  SSL_SESSION* session = SSL_get0_session(channel);
  void* holder = nullptr;
  std::size_t bytes = 0;
  if (session == nullptr || SSL_SESSION_get0_ticket_appdata(session, &holder, &bytes) != 1)
    return {};
  return bytes == 0 ? Bytes{} : Bytes(static_cast<const char*>(holder), bytes);
}

}  // namespace cauce::net
