#include "gateway/http/encoding.h"

#include <fmt/core.h>

#include <cctype>

namespace cauce::gateway::http {
namespace {

constexpr int bad_request = 400;
constexpr int too_large = 413;
constexpr std::size_t step_bytes = 64 << 10;

}  // namespace

std::optional<packing::Packing> encoding_of(std::string_view content_encoding) {
  std::string name;
  for (const char letter : content_encoding)
    name += char(std::tolower(static_cast<unsigned char>(letter)));
  if (name.empty() || name == "identity") return packing::Packing::none;
  // Section 8.4.1.3: both are the same.
  if (name == "gzip" || name == "x-gzip") return packing::Packing::gzip;
  if (name == "zstd") return packing::Packing::zstd;
  return std::nullopt;
}

std::variant<Bytes, Refusal> unpack_body(packing::Packing packing, BytesView body,
                                         std::size_t bytes_max) {
  packing::UnpackLimits limits;
  limits.bytes_max = bytes_max;
  limits.window_bits_max = zstd_window_bits_max;
  const auto unpacker = packing::make_unpacker(packing, limits);
  Bytes text;
  Bytes step_text(step_bytes, '\0');
  for (bool goes_on = !body.empty(); goes_on;) {
    const auto step = unpacker->step(body, step_text.data(), step_text.size());
    if (!step && step.error().outcome == Outcome::exhausted) {
      return Refusal{
          too_large,
          fmt::format("The body may have {} bytes at most once it is unpacked: send it in parts.",
                      bytes_max)};
    }
    if (!step) return refuse_packed(step.error());
    text.append(step_text, 0, step->written);
    body.remove_prefix(step->taken);
    goes_on = !body.empty() || (step->written == step_text.size() && !unpacker->may_end());
  }
  if (!unpacker->may_end()) return refuse_cut_off();
  return text;
}

Refusal refuse_packed(const Error& error) {
  return {error.outcome == Outcome::exhausted ? too_large : bad_request,
          fmt::format("The body {}.", error.message)};
}

Refusal refuse_cut_off() {
  return {bad_request, "The body is cut off: the end of what was packed is missing."};
}

}  // namespace cauce::gateway::http
