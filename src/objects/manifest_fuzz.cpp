// Any bytes as an entry of a manifest: what is accepted is exactly what would be written for it.
// The first byte says whether the checksum is made right, so that what it covers is reached too.
#include <fmt/core.h>

#include <cstddef>
#include <cstdint>

#include "base/invariant.h"
#include "disk/crc32c.h"
#include "objects/manifest_json.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace cauce;
  if (size == 0) return 0;
  std::string text(reinterpret_cast<const char*>(bytes) + 1, size - 1);
  if (bytes[0] % 2 == 1) {
    text = fmt::format(R"({{"crc32c":"{:08x}","entry":{}}})", disk::crc32c(text), text);
  }
  const auto entry = objects::from_json(text);
  if (entry) {
    INVARIANT(objects::to_json(*entry) == text);
  } else {
    INVARIANT(!entry.error().message.empty());
  }
  return 0;
}
