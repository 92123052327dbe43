// For tests and fuzzers: one side's DTLS without a socket, a client with a shared key, one step at
// a time.
#pragma once

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>

#include <array>
#include <deque>
#include <memory>
#include <string>

#include "base/bytes.h"
#include "base/invariant.h"

namespace cauce::net {

struct TestDtls {
  std::string identity;
  Bytes key;
  const char* ciphers = "PSK";
  int version = DTLS1_2_VERSION;
  unsigned timer_us = 3'600'000'000;  // in real time, until it sends a flight again
};

class DtlsTestPeer {
 public:
  explicit DtlsTestPeer(TestDtls shown)
      : shown_(std::make_unique<TestDtls>(std::move(shown))),
        context_(SSL_CTX_new(DTLS_client_method()), SSL_CTX_free) {
    SSL_CTX_set_security_level(context_.get(), 0);
    SSL_CTX_set_min_proto_version(context_.get(), shown_->version);
    SSL_CTX_set_max_proto_version(context_.get(), shown_->version);
    SSL_CTX_set_options(context_.get(), SSL_OP_NO_QUERY_MTU | SSL_OP_ALLOW_CLIENT_RENEGOTIATION);
    INVARIANT(SSL_CTX_set_cipher_list(context_.get(), shown_->ciphers) == 1);
    SSL_CTX_set_app_data(context_.get(), shown_.get());
    SSL_CTX_set_psk_client_callback(context_.get(), show_key);
    channel_.reset(SSL_new(context_.get()), SSL_free);
    SSL_set_bio(channel_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    BIO_set_mem_eof_return(SSL_get_rbio(channel_.get()), -1);
    SSL_set_mtu(channel_.get(), 1232);
    DTLS_set_timer_cb(channel_.get(),
                      [](SSL* channel, unsigned) { return shown_by(channel).timer_us; });
    SSL_set_connect_state(channel_.get());
  }
  DtlsTestPeer(const DtlsTestPeer&) = delete;
  DtlsTestPeer& operator=(const DtlsTestPeer&) = delete;

  // What it sends next, each flight as one datagram; empty: it waits.
  Bytes step(BytesView datagram = {}) {
    if (!datagram.empty()) {
      BIO_write(SSL_get_rbio(channel_.get()), datagram.data(), int(datagram.size()));
    }
    std::array<char, 16 << 10> buffer;
    ERR_clear_error();
    int count = is_ready() ? 1 : SSL_do_handshake(channel_.get());
    while (count > 0) {
      count = SSL_read(channel_.get(), buffer.data(), int(buffer.size()));
      if (count > 0) received_.emplace_back(buffer.data(), std::size_t(count));
    }
    if (const char* reason = ERR_reason_error_string(ERR_peek_error())) alert_ = reason;
    return leaving();
  }
  // The last flight, when its timer has run out.
  Bytes again() {
    while (DTLSv1_handle_timeout(channel_.get()) == 0)
      ::poll(nullptr, 0, 1);
    return leaving();
  }
  Bytes sealed(BytesView plaintext) {
    SSL_write(channel_.get(), plaintext.data(), int(plaintext.size()));
    return leaving();
  }
  Bytes goodbye() {
    SSL_shutdown(channel_.get());
    return leaving();
  }

  // The next plaintext that came; empty: none.
  Bytes take() {
    if (received_.empty()) return {};
    Bytes first = received_.front();
    received_.pop_front();
    return first;
  }
  bool is_ready() const { return SSL_is_init_finished(channel_.get()) == 1; }
  bool was_told_goodbye() const {
    return (SSL_get_shutdown(channel_.get()) & SSL_RECEIVED_SHUTDOWN) != 0;
  }
  const std::string& alert() const { return alert_; }
  SSL* channel() { return channel_.get(); }

 private:
  static const TestDtls& shown_by(SSL* channel) {
    return *static_cast<const TestDtls*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(channel)));
  }
  static unsigned show_key(SSL* channel, const char*, char* identity, unsigned identity_bytes_max,
                           unsigned char* key, unsigned key_bytes_max) {
    const TestDtls& shown = shown_by(channel);
    if (shown.identity.size() >= identity_bytes_max || shown.key.size() > key_bytes_max) return 0;
    shown.identity.copy(identity, shown.identity.size());
    identity[shown.identity.size()] = '\0';
    shown.key.copy(reinterpret_cast<char*>(key), shown.key.size());
    return unsigned(shown.key.size());
  }
  Bytes leaving() {
    const int waiting = int(BIO_ctrl_pending(SSL_get_wbio(channel_.get())));
    Bytes datagram(std::size_t(waiting), '\0');
    if (waiting > 0) BIO_read(SSL_get_wbio(channel_.get()), datagram.data(), waiting);
    return datagram;
  }

  std::unique_ptr<TestDtls> shown_;
  std::shared_ptr<SSL_CTX> context_;
  std::shared_ptr<SSL> channel_;
  std::deque<Bytes> received_;
  std::string alert_;
};

}  // namespace cauce::net
