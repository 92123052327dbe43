// What a path of this port speaks of.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace cauce::gateway::http {

struct Target {
  enum class Kind : std::uint8_t {
    messages,  // POST /api/v1/devices/{device}/messages
    commands,  // GET  /api/v1/devices/{device}/commands
    result,    // POST /api/v1/devices/{device}/commands/{command}/result
  };
  Kind kind = Kind::messages;
  std::string_view device;
  std::string_view command = {};  // of `result`

  std::string_view method() const { return kind == Kind::commands ? "GET" : "POST"; }
};

// Views into `path`; nullopt: there is nothing.
std::optional<Target> target_of(std::string_view path);

}  // namespace cauce::gateway::http
