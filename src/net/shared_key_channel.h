// How OpenSSL asks for shared keys, and who has proved to hold one; for TLS and DTLS alike. Inside
// this room only.
//
// The holder is written into the session that his key makes, which its tickets carry on: what a
// client only named, and did not prove, is in no session that a handshake ends with.
#pragma once

#include <openssl/ssl.h>

#include "net/shared_key.h"

namespace cauce::net {

// Of TLS 1.2 and DTLS 1.2, with forward secrecy; those of TLS 1.3 are all good.
constexpr const char* shared_key_ciphers = "ECDHE-PSK-CHACHA20-POLY1305:kDHEPSK+AESGCM";

// Clients of `context` may show a shared key from now on. `find` outlives the context's channels.
void ask_for_shared_key(SSL_CTX* context, const FindSharedKey& find);

// Who holds the key that the handshake was made with, or the one whose session it resumed. Empty:
// there was none. Only after the handshake.
Bytes shared_key_holder_of(SSL* channel);

}  // namespace cauce::net
