// The limits that a company or a device has of its own: each replaces the one that the
// configuration gives to all of them (limits.company.*, limits.device.*).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace cauce::business {

// Absent: as the configuration says.
struct Limits {
  std::optional<std::uint64_t> messages_per_second = {};
  std::optional<std::uint64_t> bytes_per_second = {};  // read, payloads and all around them
  std::optional<std::uint64_t> connections = {};       // of MQTT, at the same time
  std::optional<std::uint64_t> in_flight = {};         // messages, taken and not durable yet
  std::optional<std::uint64_t> payload_bytes = {};     // of one message

  bool operator==(const Limits&) const = default;
};

// A member by the name that it has everywhere.
struct LimitMember {
  std::string_view name;
  std::optional<std::uint64_t> Limits::* value;
  std::uint64_t most;  // the least is 1
};

constexpr std::array<LimitMember, 5> limit_members{{
    {"messages_per_second", &Limits::messages_per_second, 100'000'000},
    {"bytes_per_second", &Limits::bytes_per_second, std::uint64_t{1} << 40},
    {"connections", &Limits::connections, 1'000'000},
    {"in_flight", &Limits::in_flight, 1'000'000},
    {"payload_bytes", &Limits::payload_bytes, 1 << 20},  // record::payload_bytes_max
}};

}  // namespace cauce::business
