// Payloads that come in blocks (RFC 7959, Block1): put together in order, one at a time of each
// peer and a bounded number of bytes of all, of which each company has a fair share.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>

#include "base/time.h"
#include "gateway/coap/endpoint.h"
#include "gateway/coap/fair_share.h"
#include "gateway/coap/message.h"

namespace cauce::gateway::coap {

// The value of a Block option (section 2.2).
struct Block {
  std::uint32_t number = 0;
  bool more = false;
  std::uint8_t size_exponent = 0;  // SZX

  std::size_t bytes() const { return std::size_t(16) << size_exponent; }
  std::uint32_t value() const { return number << 4 | std::uint32_t(more) << 3 | size_exponent; }

  // nullopt: more than three bytes, or the reserved size.
  static std::optional<Block> read(BytesView value);
};

// SZX of 1,024 bytes.
constexpr std::uint8_t largest_block = 6;

// What is answered to who asks for this block of `text`, in JSON (section 2.4): 2.05, or 4.00 when
// it has no such block. A text that is one block has no Block2.
Response block_of(std::string_view text, const Block& wanted);

struct BlockLimits {
  std::size_t payload_bytes_max = 1 << 20;        // of one payload; more: 4.13
  std::size_t bytes_max = 64u << 20;              // of all that are not whole; more: 5.03
  Duration span_max = std::chrono::seconds{247};  // without another block, then it is forgotten
};

// One thread.
class Blocks {
 public:
  explicit Blocks(const BlockLimits& limits) : limits_(limits), shares_(limits.bytes_max) {}

  struct Whole {
    std::uint32_t content_format = 0;  // as put() was given it, with the first block
    Bytes payload;
  };
  // Takes a block of the payload that `peer` of a company sends under `name` (whatever tells its
  // payloads apart). The whole payload, after the last; or what is answered: 2.31, or why not.
  std::variant<Whole, Response> put(const Peer& peer, std::string_view company,
                                    std::string_view name, const Message& request,
                                    const Block& block, std::uint32_t content_format, Duration now);

  // Once a second.
  void look_around(Duration now);

  std::size_t bytes() const { return shares_.used(); }

 private:
  struct Transfer {
    std::string name;
    FairShare::Owner owner = 0;
    Bytes payload;
    std::uint32_t content_format = 0;
    std::uint16_t last_id = 0;     // of the block that came last
    std::uint32_t last_value = 0;  // and its option
    Duration last_at{0};
  };
  using Transfers = std::unordered_map<Peer, Transfer>;

  Response too_large() const;
  void forget(Transfers::iterator transfer);

  const BlockLimits limits_;
  Transfers transfers_;
  FairShare shares_;
};

}  // namespace cauce::gateway::coap
