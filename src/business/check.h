// What has to hold for a value before any engine stores it, as far as it can be seen from the
// value alone. `invalid` names the field, the value's size or number, and the limit. Inside this
// room only.
#pragma once

#include "base/result.h"
#include "business/business.h"

namespace cauce::business {

constexpr std::size_t title_bytes_max = 200;
constexpr std::size_t time_zone_bytes_max = 64;
constexpr std::size_t metrics_max = 1000;    // of one device type
constexpr std::size_t device_keys_max = 16;  // of one device: the current one and those it follows
constexpr std::size_t token_hash_bytes = 32;
constexpr std::size_t authority_bytes_max = 16 << 10;
constexpr std::size_t password_hash_bytes_max = 200;
constexpr std::uint32_t rule_count_max = 1'000'000;
// A tick a second is the finest that stream time can tell.
constexpr Duration rule_duration_min = std::chrono::seconds{1};
constexpr Duration rule_duration_max = std::chrono::hours{24 * 30};

Result<void> check(const Company& company);
Result<void> check(const Site& site);
Result<void> check(const DeviceType& type);
Result<void> check(const Device& device);
Result<void> check(const Rule& rule);
Result<void> check(const User& user);
Result<void> check(const AccessToken& token);

}  // namespace cauce::business
