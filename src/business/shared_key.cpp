#include "business/shared_key.h"

#include <algorithm>

namespace cauce::business {
namespace {

constexpr std::string_view second_place = "2";

}  // namespace

std::optional<SharedKeyIdentity> SharedKeyIdentity::read(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == text.npos) return std::nullopt;
  SharedKeyIdentity identity{text.substr(0, slash), text.substr(slash + 1)};
  if (const std::size_t next = identity.device.find('/'); next != text.npos) {
    if (identity.device.substr(next + 1) != second_place) return std::nullopt;
    identity.place = 2;
    identity.device = identity.device.substr(0, next);
  }
  if (!is_name(identity.company) || !is_name(identity.device)) return std::nullopt;
  return identity;
}

std::string SharedKeyIdentity::text() const {
  std::string text = std::string(company) + '/' + std::string(device);
  if (place == 2) text += '/' + std::string(second_place);
  return text;
}

const SharedKey* shared_key_in(const Device& device, std::uint32_t place) {
  const auto found = std::find_if(device.shared_keys.begin(), device.shared_keys.end(),
                                  [place](const SharedKey& key) { return key.place == place; });
  return found == device.shared_keys.end() ? nullptr : &*found;
}

}  // namespace cauce::business
