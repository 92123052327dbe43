#include "net/dtls_channel.h"

#include <fmt/core.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <utility>

#include "base/invariant.h"
#include "net/dtls.h"
#include "net/openssl_bio.h"
#include "net/shared_key_channel.h"

namespace cauce::net {
namespace {

// What devices of CoAP have that can no other (RFC 7252 section 9.1.3.1). It is chosen for those
// alone, because it keeps nothing secret once the key is lost.
constexpr const char* cipher_of_small_devices = "PSK-AES128-CCM8";

// Section 4.1 and 4.2.2: a record's header, a handshake message's, and the client's version.
constexpr std::size_t record_header_bytes = 13;
constexpr std::size_t random_offset = record_header_bytes + 12 + 2;
constexpr std::size_t random_bytes = 32;
constexpr char handshake_record = 22;
constexpr char major_version = '\xFE';
constexpr char client_hello = 1;

// OpenSSL's own, in microseconds: longer than any handshake.
constexpr unsigned timer_us = 3'600'000'000;

// Of one message of a handshake that is put together from fragments, beside what a record may hold.
constexpr long message_bytes_max = 4096;
constexpr std::size_t plaintext_bytes_max = 16 << 10;

DtlsChannel& channel_of(SSL* channel) {
  return net::channel_of<DtlsChannel>(SSL_get_rbio(channel));
}

int make_cookie(SSL* ssl, unsigned char* target, unsigned* size) {
  const DtlsChannel& channel = channel_of(ssl);
  const Bytes cookie = channel.cookies().make(channel.address(), channel.client_random());
  std::copy(cookie.begin(), cookie.end(), target);
  *size = unsigned(cookie.size());
  return 1;
}

int check_cookie(SSL* ssl, const unsigned char* shown, unsigned size) {
  const DtlsChannel& channel = channel_of(ssl);
  const BytesView cookie(reinterpret_cast<const char*>(shown), size);
  return channel.cookies().is_good(cookie, channel.address(), channel.client_random()) ? 1 : 0;
}

Openssl<SSL_CTX> make_context(const FindSharedKey& find) {
  Openssl<SSL_CTX> context(SSL_CTX_new(DTLS_server_method()));
  SSL_CTX_set_min_proto_version(context.get(), DTLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                         SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                         SSL_OP_NO_QUERY_MTU);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_max_cert_list(context.get(), message_bytes_max);
  const std::string ciphers = fmt::format("{}:{}", shared_key_ciphers, cipher_of_small_devices);
  INVARIANT(SSL_CTX_set_cipher_list(context.get(), ciphers.c_str()) == 1);
  SSL_CTX_set_cookie_generate_cb(context.get(), make_cookie);
  SSL_CTX_set_cookie_verify_cb(context.get(), check_cookie);
  ask_for_shared_key(context.get(), find);
  return context;
}

}  // namespace

BytesView client_random_of(BytesView datagram) {
  if (datagram.size() < random_offset + random_bytes) return {};
  const bool begins = datagram[0] == handshake_record && datagram[1] == major_version &&
                      datagram[3] == 0 && datagram[4] == 0 &&  // the epoch
                      datagram[record_header_bytes] == client_hello;
  return begins ? datagram.substr(random_offset, random_bytes) : BytesView{};
}

DtlsContext::DtlsContext(const FindSharedKey& find, const DtlsCookies& cookies,
                         DatagramSocket& below)
    : cookies_(cookies),
      below_(below),
      bio_method_(bio_method_of<DtlsChannel>("datagrams")),
      context_(make_context(find)),
      plaintext_(plaintext_bytes_max, '\0') {}

class DtlsChannel::Buffers {
 public:
  explicit Buffers(DtlsChannel& channel) : channel_(channel) {
    if (channel_.users_of_buffers_++ == 0) SSL_alloc_buffers(channel_.channel_.get());
    ERR_clear_error();
  }
  Buffers(const Buffers&) = delete;
  Buffers& operator=(const Buffers&) = delete;
  // They stay while they hold something.
  ~Buffers() {
    if (--channel_.users_of_buffers_ == 0) SSL_free_buffers(channel_.channel_.get());
    channel_.incoming_ = {};
  }

 private:
  DtlsChannel& channel_;
};

DtlsChannel::DtlsChannel(DtlsContext& context)
    : context_(context), channel_(SSL_new(context.get())) {
  attach(channel_.get(), context.bio_method(), *this);
}

int DtlsChannel::take(char* target, int size) {
  const std::size_t count = incoming_.copy(target, std::size_t(size));
  incoming_ = {};
  return int(count);
}

void DtlsChannel::give(const char* source, int size) {
  const BytesView datagram(source, std::size_t(size));
  if (!is_ready_) {
    if (std::exchange(is_answered_, false)) flight_.clear();
    flight_.emplace_back(datagram);
  }
  context_.below().send(address_, datagram);
}

bool DtlsChannel::greet(const DatagramPeer& address, BytesView datagram) {
  address_ = address;
  client_random_ = client_random_of(datagram);
  std::unique_ptr<BIO_ADDR, void (*)(BIO_ADDR*)> unused(BIO_ADDR_new(), BIO_ADDR_free);
  const Buffers buffers(*this);
  incoming_ = datagram;
  if (DTLSv1_listen(channel_.get(), unused.get()) != 1) return false;
  SSL_set_mtu(channel_.get(), dtls_datagram_bytes_max);
  DTLS_set_timer_cb(channel_.get(), [](SSL*, unsigned) { return timer_us; });
  return true;
}

DtlsChannel::State DtlsChannel::shake_hands(BytesView datagram) {
  const Buffers buffers(*this);
  incoming_ = datagram;
  is_answered_ = true;
  const int answer = SSL_accept(channel_.get());
  if (answer == 1) {
    is_ready_ = true;
    flight_ = {};
    return State::ready;
  }
  if (SSL_get_error(channel_.get(), answer) == SSL_ERROR_WANT_READ) return State::open;
  reason_ = openssl_reason();
  return State::failed;
}

void DtlsChannel::retransmit() {
  for (const Bytes& datagram : flight_)
    context_.below().send(address_, datagram);
}

DtlsChannel::State DtlsChannel::read(BytesView datagram, const Take& take) {
  const Buffers buffers(*this);
  incoming_ = datagram;
  Bytes& plaintext = context_.plaintext();
  for (;;) {
    std::size_t count = 0;
    ERR_clear_error();
    const int answer = SSL_read_ex(channel_.get(), plaintext.data(), plaintext.size(), &count);
    if (answer == 1) {
      take(BytesView(plaintext).substr(0, count));
      continue;
    }
    const int error = SSL_get_error(channel_.get(), answer);
    if (error == SSL_ERROR_WANT_READ) return State::open;
    if (error == SSL_ERROR_ZERO_RETURN) return State::ready;
    reason_ = openssl_reason();
    return State::failed;
  }
}

void DtlsChannel::write(BytesView plaintext) {
  const Buffers buffers(*this);
  std::size_t count = 0;
  // What carries it takes everything; a session that has failed says so when it is read.
  (void)SSL_write_ex(channel_.get(), plaintext.data(), plaintext.size(), &count);
}

void DtlsChannel::close() {
  const Buffers buffers(*this);
  SSL_shutdown(channel_.get());
}

std::string DtlsChannel::identity() const {
  const char* named = SSL_get_psk_identity(channel_.get());
  return named == nullptr ? std::string{} : std::string(named);
}

Bytes DtlsChannel::shared_key_holder() const {
  return shared_key_holder_of(channel_.get());
}

}  // namespace cauce::net
