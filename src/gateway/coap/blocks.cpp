#include "gateway/coap/blocks.h"

#include <fmt/core.h>

#include <algorithm>

#include "disk/crc32c.h"

namespace cauce::gateway::coap {
namespace {

// What each costs beside its payload, so that many small ones are bounded as well.
constexpr std::size_t transfer_bytes = 256;

Response refusal(Code code, std::string_view why) {
  return {code, {}, std::string(why)};
}

}  // namespace

std::optional<Block> Block::read(BytesView value) {
  const auto number = number_of(value, 3);
  if (!number) return std::nullopt;
  Block block;
  block.number = *number >> 4;
  block.more = (*number & 8) != 0;
  block.size_exponent = *number & 7;
  if (block.size_exponent == 7) return std::nullopt;
  return block;
}

std::variant<Blocks::Whole, Response> Blocks::put(const Peer& peer, std::string_view company,
                                                  std::string_view name, const Message& request,
                                                  const Block& block, std::uint32_t content_format,
                                                  Duration now) {
  const bool fits = block.more ? request.payload.size() == block.bytes()
                               : request.payload.size() <= block.bytes();
  if (!fits) return refusal(Code::bad_request, "A block has another size than its option says.");
  const Response next{Code::resume, {{Number::block1, block.value()}}, {}};
  auto found = transfers_.find(peer);
  if (found != transfers_.end() && found->second.name == name &&
      found->second.last_id == request.id && found->second.last_value == block.value()) {
    return next;  // it comes again, because the answer was lost
  }
  if (block.number == 0) {
    if (found != transfers_.end()) forget(found);
    const FairShare::Owner owner = shares_.owner(company);
    if (!shares_.has_room(owner, transfer_bytes + request.payload.size())) {
      return Response{Code::unavailable,
                      {{Number::max_age, 10}},
                      "Too many payloads are coming in blocks: send it again."};
    }
    found = transfers_.emplace(peer, Transfer{}).first;
    found->second.name = name;
    found->second.owner = owner;
    found->second.content_format = content_format;
    shares_.take(owner, transfer_bytes);
  }
  // Section 2.9.2: a block before it is missing.
  if (found == transfers_.end() || found->second.name != name ||
      found->second.payload.size() != block.number * block.bytes()) {
    return refusal(Code::incomplete, "A block is missing: begin again with block 0.");
  }
  Transfer& transfer = found->second;
  if (transfer.payload.size() + request.payload.size() > limits_.payload_bytes_max) {
    forget(found);
    return too_large();
  }
  if (!shares_.has_room(transfer.owner, request.payload.size())) {
    forget(found);
    return Response{Code::unavailable,
                    {{Number::max_age, 10}},
                    "Too many payloads are coming in blocks: begin again with block 0."};
  }
  transfer.payload += request.payload;
  shares_.take(transfer.owner, request.payload.size());
  transfer.last_id = request.id;
  transfer.last_value = block.value();
  transfer.last_at = now;
  if (block.more) return next;
  Whole whole{transfer.content_format, std::move(transfer.payload)};
  shares_.give_back(transfer.owner, whole.payload.size());
  transfer.payload.clear();
  forget(found);
  return whole;
}

Response block_of(std::string_view text, const Block& wanted) {
  const std::size_t from = wanted.number * wanted.bytes();
  if (from >= text.size()) {
    return {Code::bad_request, {}, fmt::format("It has {} bytes, and no such block.", text.size())};
  }
  // By which the client knows that all blocks are of the same text (section 2.4).
  const std::uint32_t tag = std::max<std::uint32_t>(disk::crc32c(text), 1);
  Response response{Code::content,
                    {{Number::etag, tag}, {Number::content_format, json_format}},
                    std::string(text.substr(from, wanted.bytes()))};
  const bool more = from + wanted.bytes() < text.size();
  if (more || wanted.number > 0) {
    const Block block{wanted.number, more, wanted.size_exponent};
    response.options.push_back({Number::block2, block.value()});
  }
  return response;
}

Response Blocks::too_large() const {
  return {Code::too_large,
          {{Number::size1, std::uint32_t(limits_.payload_bytes_max)}},
          fmt::format("One message may have {} bytes at most.", limits_.payload_bytes_max)};
}

void Blocks::forget(Transfers::iterator transfer) {
  shares_.give_back(transfer->second.owner, transfer->second.payload.size() + transfer_bytes);
  transfers_.erase(transfer);
}

void Blocks::look_around(Duration now) {
  for (auto each = transfers_.begin(); each != transfers_.end();) {
    const auto transfer = each++;
    if (now - transfer->second.last_at >= limits_.span_max) forget(transfer);
  }
}

}  // namespace cauce::gateway::coap
