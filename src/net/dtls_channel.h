// One client's DTLS, and what all of them share, as OpenSSL has it. Inside this room only.
//
// OpenSSL would ask the system's clock when to send a flight again, and at nobody else's wish. So
// its timers stand still, and the flight is kept here (retransmit()).
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "net/datagrams.h"
#include "net/dtls_cookies.h"
#include "net/shared_key.h"
#include "net/tls_files.h"

namespace cauce::net {

// The random bytes of a client that begins a handshake with this datagram; empty: it does not.
BytesView client_random_of(BytesView datagram);

class DtlsContext {
 public:
  // What it refers to outlives it.
  DtlsContext(const FindSharedKey& find, const DtlsCookies& cookies, DatagramSocket& below);

  SSL_CTX* get() const { return context_.get(); }
  const BIO_METHOD* bio_method() const { return bio_method_.get(); }
  const DtlsCookies& cookies() const { return cookies_; }
  DatagramSocket& below() const { return below_; }
  // Scratch memory: one datagram is read at a time.
  Bytes& plaintext() { return plaintext_; }

 private:
  const DtlsCookies& cookies_;
  DatagramSocket& below_;
  const Openssl<BIO_METHOD> bio_method_;
  const Openssl<SSL_CTX> context_;
  Bytes plaintext_;
};

class DtlsChannel {
 public:
  explicit DtlsChannel(DtlsContext& context);
  DtlsChannel(const DtlsChannel&) = delete;
  DtlsChannel& operator=(const DtlsChannel&) = delete;

  // Of a datagram that has a client_random_of(). False: it was answered with a cookie, or not at
  // all, and nothing is kept of it. True: it shows its cookie, and shake_hands() goes on.
  bool greet(const DatagramPeer& address, BytesView datagram);

  enum class State { open, ready, failed };
  // `ready`: the handshake is over; `failed`: reason() says why.
  State shake_hands(BytesView datagram);
  // Sends the last flight again, the same bytes: whoever had them drops them.
  void retransmit();

  // After the handshake. Gives `take` what the datagram holds, record by record. `ready`: the
  // client has ended the session.
  using Take = std::function<void(BytesView plaintext)>;
  State read(BytesView datagram, const Take& take);
  void write(BytesView plaintext);
  // Tells the client that it is over.
  void close();

  const DatagramPeer& address() const { return address_; }
  BytesView client_random() const { return client_random_; }
  const std::string& reason() const { return reason_; }
  // As the client named it; empty before.
  std::string identity() const;
  Bytes shared_key_holder() const;

  // For the channel's BIO and cookies.
  int take(char* target, int size);
  void give(const char* source, int size);
  const DtlsCookies& cookies() const { return context_.cookies(); }

 private:
  // OpenSSL's buffers of 34 KB, which are there while something is done.
  class Buffers;

  DtlsContext& context_;
  Openssl<SSL> channel_;
  DatagramPeer address_;
  Bytes client_random_;
  BytesView incoming_;         // empty but while it is read
  std::vector<Bytes> flight_;  // what left last, while the handshake is open
  bool is_answered_ = false;   // it is another's turn, so the next to leave is another flight
  bool is_ready_ = false;
  std::string reason_;
  int users_of_buffers_ = 0;
};

}  // namespace cauce::net
