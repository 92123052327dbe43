// Messages of devices that came to this port instead of the gateway's: handed on to the gateway,
// which alone knows devices and stores what they send. Its answer goes back as it is; nothing is
// acknowledged here.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "net/http.h"

namespace cauce::api {

class Ingest {
 public:
  Ingest(net::HttpClient& gateway, std::optional<net::Address> address)
      : gateway_(gateway), address_(std::move(address)) {}

  static constexpr std::string_view route = "POST /api/v1/devices/{device}/messages";

  // Whether it is the route's path, whatever the method.
  static bool takes(std::string_view path);

  // The loop's thread. 503 when the gateway does not answer: the device then sends again.
  void hand_on(const net::Request& request, const std::string& id, net::Respond respond);

  // Where the gateway listens now; another thread may say so.
  void set_address(std::optional<net::Address> address);

 private:
  net::HttpClient& gateway_;
  std::mutex mutex_;  // guards address_
  std::optional<net::Address> address_;
};

}  // namespace cauce::api
