#include "coapload/channel.h"

#include <openssl/ssl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace coapload {
namespace {

constexpr int handshake_ms_max = 10'000;
constexpr int step_ms = 100;

}  // namespace

Channel::Channel(const sockaddr_in& server, const std::string& identity, const std::string& key)
    : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)),
      identity_(identity),
      key_(key) {
  if (::connect(socket_, reinterpret_cast<const sockaddr*>(&server), sizeof server) != 0) {
    failure_ = std::string("cannot connect: ") + std::strerror(errno);
  } else if (!key_.empty()) {
    shake_hands();
  }
}

Channel::~Channel() {
  if (tls_) SSL_shutdown(tls_.get());
  ::close(socket_);
}

void Channel::shake_hands() {
  context_.reset(SSL_CTX_new(DTLS_client_method()), SSL_CTX_free);
  SSL_CTX_set_cipher_list(context_.get(), "ECDHE-PSK-CHACHA20-POLY1305:PSK-AES128-CCM8:PSK");
  SSL_CTX_set_security_level(context_.get(), 0);
  SSL_CTX_set_app_data(context_.get(), this);
  SSL_CTX_set_psk_client_callback(
      context_.get(),
      [](SSL* tls, const char*, char* identity, unsigned identity_bytes_max, unsigned char* key,
         unsigned key_bytes_max) -> unsigned {
        const auto& own = *static_cast<Channel*>(SSL_CTX_get_app_data(SSL_get_SSL_CTX(tls)));
        if (own.identity_.size() >= identity_bytes_max || own.key_.size() > key_bytes_max) return 0;
        std::memcpy(identity, own.identity_.c_str(), own.identity_.size() + 1);
        std::memcpy(key, own.key_.data(), own.key_.size());
        return unsigned(own.key_.size());
      });
  tls_.reset(SSL_new(context_.get()), SSL_free);
  BIO* bio = BIO_new_dgram(socket_, BIO_NOCLOSE);
  sockaddr_storage peer{};
  socklen_t size = sizeof peer;
  ::getpeername(socket_, reinterpret_cast<sockaddr*>(&peer), &size);
  BIO_ctrl(bio, BIO_CTRL_DGRAM_SET_CONNECTED, 0, &peer);
  SSL_set_bio(tls_.get(), bio, bio);
  for (int waited = 0; waited < handshake_ms_max; waited += step_ms) {
    const int answer = SSL_connect(tls_.get());
    if (answer == 1) return;
    if (SSL_get_error(tls_.get(), answer) != SSL_ERROR_WANT_READ) break;
    pollfd watched{socket_, POLLIN, 0};
    if (::poll(&watched, 1, step_ms) == 0) {
      DTLSv1_handle_timeout(tls_.get());
    } else {
      waited -= step_ms;
    }
  }
  failure_ = "the handshake of " + identity_ + " failed";
}

void Channel::send(std::string_view datagram) {
  if (tls_) {
    SSL_write(tls_.get(), datagram.data(), int(datagram.size()));
  } else {
    (void)::send(socket_, datagram.data(), datagram.size(), 0);
  }
}

std::string_view Channel::receive() {
  const ssize_t count = tls_ ? SSL_read(tls_.get(), buffer_, sizeof buffer_)
                             : ::recv(socket_, buffer_, sizeof buffer_, 0);
  return count > 0 ? std::string_view(buffer_, std::size_t(count)) : std::string_view{};
}

}  // namespace coapload
