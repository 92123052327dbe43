// The messages in the body of one request that is taken as a whole. docs/guides/devices.md says the
// same to whoever programs a device.
//
//   application/vnd.cauce.batch+json  {"messages": [{"payload": 1}, {"payload_base64": "…"}]}
//   application/x-ndjson              is not taken as a whole but by lines.h
//   everything else                   the body is one message, byte for byte
#pragma once

#include <cstddef>
#include <deque>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "gateway/allowance.h"
#include "gateway/intake.h"
#include "record/message.h"

namespace cauce::gateway::http {

struct BodyLimits {
  std::size_t messages_max = 1000;
  PayloadLimit payload{record::payload_bytes_max};
  std::size_t content_type_bytes_max = record::content_type_bytes_max;
};

// What a request is answered instead of being served.
struct Refusal {
  int status = 400;
  std::string detail;        // a sentence that names place, size and limit
  bool is_oversize = false;  // a payload is over the limit of one message
};

class Body {
 public:
  // Reads all of it or nothing. The views in messages() point into `body` and into this object.
  static std::variant<Body, Refusal> read(std::string_view content_type, BytesView body,
                                          std::string_view topic, const BodyLimits& limits);

  std::span<const Incoming> messages() const { return messages_; }

 private:
  friend class BatchReader;

  std::vector<Incoming> messages_;
  std::deque<Bytes> decoded_;  // what stood there in base64 or with escapes; does not move
};

// Whether a message may be so large; `place` says which of them it is. nullopt: it may.
std::optional<Refusal> check_payload(std::string_view place, BytesView payload,
                                     const PayloadLimit& limit);

// Whether each line that is not empty is a message.
bool is_lines_type(std::string_view content_type);

// Whether a Content-Type may be stored: printable ASCII of at most so many bytes. nullopt: it may.
std::optional<Refusal> check_content_type(std::string_view content_type, std::size_t bytes_max);

}  // namespace cauce::gateway::http
