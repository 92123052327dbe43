// Content-Encoding (RFC 9110 section 8.4): bodies that are packed with gzip or zstd.
#pragma once

#include <optional>
#include <string_view>
#include <variant>

#include "base/bytes.h"
#include "gateway/http/body.h"
#include "packing/unpacker.h"

namespace cauce::gateway::http {

// What a 415 offers in Accept-Encoding.
constexpr const char* known_encodings = "gzip, zstd";

// RFC 9659: what a body may need of memory to be unpacked, 8 MiB.
constexpr int zstd_window_bits_max = 23;

// By the value of Content-Encoding, which may be empty; nullopt when it is another, or more than
// one.
std::optional<packing::Packing> encoding_of(std::string_view content_encoding);

// A whole body as it was before it was packed: at most bytes_max of it, which is where unpacking
// ends at the latest.
std::variant<Bytes, Refusal> unpack_body(packing::Packing packing, BytesView body,
                                         std::size_t bytes_max);

// What is wrong with a packed body, by what the unpacker says.
Refusal refuse_packed(const Error& error);
// The body ends in the middle of what was packed.
Refusal refuse_cut_off();

}  // namespace cauce::gateway::http
