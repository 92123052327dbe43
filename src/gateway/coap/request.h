// What a request of CoAP asks for, by its options (RFC 7252 section 5.10): the resource, and the
// block that it brings or wants.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "gateway/coap/blocks.h"
#include "gateway/coap/message.h"

namespace cauce::gateway::coap {

// No option: as if it were this, which is no registered format.
constexpr std::uint32_t no_content_format = 0xFFFF'FFFF;

enum class Resource : std::uint8_t {
  telemetry,  // POST devices/{device}/telemetry
  commands,   // GET  devices/{device}/commands
  result,     // POST devices/{device}/commands/{command}/result
};

struct Asked {
  Resource resource = Resource::telemetry;
  std::string_view device;
  std::string_view command = {};          // of `result`
  std::optional<std::string_view> token;  // of ?token=…
  std::uint32_t content_format = no_content_format;
  std::uint32_t accept = no_content_format;
  std::optional<Block> block;         // Block1: of what comes
  std::optional<Block> answer_block;  // Block2: which is asked for
  std::optional<std::uint32_t> size;  // of the whole payload, as the client says it
};

// What is asked for, or what is answered instead. A response without a code: the message is
// rejected in silence (sections 4.3 and 5.4.1).
std::variant<Asked, Response> read_request(const Message& request);

// The media type of a Content-Format (section 12.3), empty without one; nullopt when it has none
// here.
std::optional<std::string_view> content_type_of(std::uint32_t content_format);

}  // namespace cauce::gateway::coap
