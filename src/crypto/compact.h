// The compact encrypted form of a payload: 33 bytes more than what it hides. Byte by byte in
// docs/formats/encryption.md, with a Python example; golden vector in contract/golden/compact.*.
//
//   version(1)=1  key-id(4, big-endian)  nonce(12)  ciphertext  tag(16)
//
// The tag also covers company, device and topic, so a payload cannot be sent again under another
// name. All functions may be called from any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "crypto/crypto.h"

namespace cauce::crypto {

constexpr std::uint8_t compact_version = 1;
constexpr std::size_t compact_header_bytes = 1 + 4 + nonce_bytes;
constexpr std::size_t compact_extra_bytes = compact_header_bytes + tag_bytes;

// Who sends and where to: authenticated, not transmitted. Each part is at most 65535 bytes.
struct CompactContext {
  std::string_view company;
  std::string_view device;
  std::string_view topic;
};

// The parts of a payload, as views into it. Nothing is verified until it is opened.
struct Compact {
  std::uint32_t key_id = 0;
  BytesView nonce;
  BytesView ciphertext_and_tag;
};

// Needs no key: the key id says which one opens it. `invalid` when the payload is too short,
// `unsupported` when its version is not 1.
Result<Compact> parse_compact(BytesView payload);

// `denied` when the key or the context is not that of the sender, or bytes were changed; `invalid`
// when `key` is not key_bytes long.
Result<Bytes> open_compact(const Compact& compact, BytesView key, const CompactContext& context);

// `nonce` must never be used twice with one key: a counter that survives restarts, or random.
Bytes seal_compact(std::uint32_t key_id, BytesView key, BytesView nonce,
                   const CompactContext& context, BytesView plaintext);

// What the tag covers besides the ciphertext: for each part its length as two big-endian bytes,
// then its bytes.
Bytes compact_associated(const CompactContext& context);

}  // namespace cauce::crypto
