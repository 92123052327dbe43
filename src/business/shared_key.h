// How a device names the key that it shares with cauce, in the handshake of TLS or DTLS: the only
// thing that it says before it has proved to hold the key.
//
//   company/device      the key in the first place
//   company/device/2    the key in the second
//
// No name holds a slash, so an identity has one meaning.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/names.h"
#include "business/business.h"

namespace cauce::business {

constexpr std::size_t shared_key_identity_bytes_max = 2 * name_bytes_max + 3;

struct SharedKeyIdentity {
  std::string_view company;
  std::string_view device;
  std::uint32_t place = 1;

  // nullopt when the text has another form; the views point into it.
  static std::optional<SharedKeyIdentity> read(std::string_view text);
  std::string text() const;
};

// nullptr when the device has none in this place.
const SharedKey* shared_key_in(const Device& device, std::uint32_t place);

}  // namespace cauce::business
