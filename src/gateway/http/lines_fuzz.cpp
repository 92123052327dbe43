// Whatever a device sends as NDJSON, packed or not: reading ends, keeps its limits, and gives the
// lines that splitting the whole text gives, however the body is cut.
#include <cstdint>
#include <string>

#include "base/invariant.h"
#include "gateway/http/encoding.h"
#include "gateway/http/lines.h"

namespace {

using namespace cauce;
using gateway::http::Lines;

constexpr gateway::http::LineLimits limits{
    .line = {100}, .unchecked_bytes_max = 4 << 10, .unpacked_bytes_max = 64 << 10};

struct Taken {
  std::string lines;  // each with its number and an end
  bool refused = false;
};

void drain(Lines& lines, Taken& taken) {
  do {
    for (const Lines::Line& line : lines.read(7, 1000)) {
      INVARIANT(line.text.size() <= limits.line.bytes_max);
      taken.lines += std::to_string(line.number) + ":" + std::string(line.text) + "\n";
    }
  } while (lines.is_busy());
  taken.refused = lines.refusal().has_value();
  if (taken.refused) INVARIANT(!lines.refusal()->detail.empty());
}

Taken take(packing::Packing packing, std::string_view body, std::size_t piece_bytes) {
  Lines lines(packing, limits);
  Taken taken;
  for (std::size_t at = 0; at < body.size() && !taken.refused; at += piece_bytes) {
    lines.put(body.substr(at, piece_bytes));
    drain(lines, taken);
  }
  if (taken.refused) return taken;
  lines.put_end();
  drain(lines, taken);
  INVARIANT(taken.refused || lines.at_end());
  return taken;
}

Taken split(std::string_view text) {
  Taken taken;
  for (std::size_t number = 1; !text.empty() && !taken.refused; ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    taken.refused = line.size() > limits.line.bytes_max;
    if (taken.refused || line.find_first_not_of(" \t") == line.npos) continue;
    taken.lines += std::to_string(number) + ":" + std::string(line) + "\n";
  }
  return taken;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view body(reinterpret_cast<const char*>(bytes), size);
  const packing::Packing packing = packing::detect_packing(body);
  const Taken at_once = take(packing, body, size + 1);
  const Taken in_parts = take(packing, body, 3);
  if (packing == packing::Packing::none) {
    const Taken whole = split(body);
    INVARIANT(at_once.lines == whole.lines && in_parts.lines == whole.lines);
    INVARIANT(at_once.refused == whole.refused && in_parts.refused == whole.refused);
    return 0;
  }
  const auto unpacked = gateway::http::unpack_body(packing, body, 1 << 20);
  const auto* const text = std::get_if<Bytes>(&unpacked);
  if (text == nullptr) return 0;
  const Taken whole = split(*text);
  INVARIANT(at_once.lines == whole.lines && in_parts.lines == whole.lines);
  return 0;
}
