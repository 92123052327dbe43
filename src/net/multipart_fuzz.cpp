// Any bytes as a form, in pieces of any size: what comes out does not depend on the pieces.
#include <cstdint>
#include <cstdlib>

#include "net/multipart.h"

namespace {

struct Outcome {
  bool whole = false;
  cauce::Bytes file;
  std::map<std::string, std::string> fields;
  std::string name;

  bool operator==(const Outcome&) const = default;
};

Outcome read(std::string_view boundary, std::string_view text, std::size_t piece_bytes) {
  Outcome outcome;
  cauce::net::FormReader reader(boundary,
                                [&](cauce::BytesView bytes) -> cauce::Result<void> {
                                  outcome.file.append(bytes);
                                  return {};
                                },
                                {.fields_max = 3, .field_bytes_max = 64, .head_bytes_max = 128});
  while (!text.empty()) {
    if (!reader.take(text.substr(0, piece_bytes))) return {};
    text.remove_prefix(std::min(piece_bytes, text.size()));
  }
  if (!reader.finish()) return {};
  outcome.whole = true;
  outcome.fields = reader.fields();
  outcome.name = reader.file_name();
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count) {
  if (count < 2) return 0;
  const std::string_view text(reinterpret_cast<const char*>(bytes) + 1, count - 1);
  cauce::net::form_boundary(text);
  const Outcome whole = read("b", text, text.size());
  const Outcome pieces = read("b", text, 1 + bytes[0] % 16);
  // A limit may be met by a large piece that smaller ones pass; what both take is the same.
  if (whole.whole && pieces.whole && whole != pieces) std::abort();
  return 0;
}
