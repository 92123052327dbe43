// One message of CoAP (RFC 7252) as it stands in a datagram: read and written, nothing kept.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"

namespace cauce::gateway::coap {

enum class Type : std::uint8_t { confirmable, non_confirmable, acknowledgement, reset };  // 3

// Class and detail in one byte (section 3): 4.04 is 0x84.
enum class Code : std::uint8_t {
  empty = 0x00,
  get = 0x01,
  post = 0x02,
  changed = 0x44,            // 2.04
  content = 0x45,            // 2.05
  resume = 0x5F,             // 2.31, "Continue" of RFC 7959
  bad_request = 0x80,        // 4.00
  unauthorized = 0x81,       // 4.01
  bad_option = 0x82,         // 4.02
  not_found = 0x84,          // 4.04
  not_allowed = 0x85,        // 4.05
  not_acceptable = 0x86,     // 4.06
  incomplete = 0x88,         // 4.08 of RFC 7959
  too_large = 0x8D,          // 4.13
  unsupported = 0x8F,        // 4.15
  too_many_requests = 0x9D,  // 4.29 of RFC 8516
  unavailable = 0xA3,        // 5.03
  no_proxy = 0xA5,           // 5.05
};

// Whether a method: 0.01 to 0.31.
bool is_request(Code code);

// Numbers of options (section 12.2; RFC 7959).
enum class Number : std::uint16_t {
  uri_host = 3,
  etag = 4,
  uri_port = 7,
  uri_path = 11,
  content_format = 12,
  max_age = 14,
  uri_query = 15,
  accept = 17,
  block2 = 23,
  block1 = 27,
  proxy_uri = 35,
  proxy_scheme = 39,
  size1 = 60,
};

// A Content-Format (section 12.3).
constexpr std::uint32_t json_format = 50;

struct Option {
  Number number{};
  BytesView value;
};

struct Message {
  Type type = Type::confirmable;
  Code code = Code::empty;
  std::uint16_t id = 0;
  BytesView token;  // at most 8 bytes
  std::vector<Option> options;
  BytesView payload;
};

enum class Verdict {
  good,
  malformed,  // type and id can be read (section 4.2: it is rejected)
  foreign,    // of no message of this version (section 3: silently ignored)
};

constexpr std::size_t options_max = 64;  // of one message; more is malformed

// The views point into `datagram`.
Verdict read(BytesView datagram, Message& message);

// An option that holds a number (section 3.2); nullopt when it has more than bytes_max.
std::optional<std::uint32_t> number_of(BytesView value, std::size_t bytes_max);

struct NumberOption {
  Number number{};
  std::uint32_t value = 0;
};

struct Response {
  Code code = Code::empty;
  std::vector<NumberOption> options;  // in the order of their numbers
  std::string payload;                // of an error: a sentence (section 5.5.2)
};

Bytes write(Type type, std::uint16_t id, BytesView token, const Response& response);
Bytes write_empty(Type type, std::uint16_t id);

}  // namespace cauce::gateway::coap
