// A UDP socket of one client, in the clear or by DTLS with a shared key.
#pragma once

#include <netinet/in.h>

#include <memory>
#include <string>
#include <string_view>

struct ssl_st;
struct ssl_ctx_st;

namespace coapload {

class Channel {
 public:
  // With a key, in bytes: by DTLS; it shakes hands at once and waits for its end. failure() then.
  Channel(const sockaddr_in& server, const std::string& identity, const std::string& key);
  Channel(const Channel&) = delete;
  Channel& operator=(const Channel&) = delete;
  ~Channel();

  int socket() const { return socket_; }
  const std::string& failure() const { return failure_; }
  void send(std::string_view datagram);
  // Nothing waits: empty.
  std::string_view receive();

 private:
  void shake_hands();

  int socket_ = -1;
  const std::string identity_;
  const std::string key_;
  std::shared_ptr<ssl_ctx_st> context_;
  std::shared_ptr<ssl_st> tls_;
  std::string failure_;
  char buffer_[2048];
};

}  // namespace coapload
