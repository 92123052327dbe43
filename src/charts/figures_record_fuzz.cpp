// Any bytes as kept figures: what is read is written again as the same bytes.
#include <cstdint>
#include <cstdlib>

#include "charts/figures_record.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t count) {
  const cauce::BytesView text(reinterpret_cast<const char*>(bytes), count);
  const auto figures = cauce::charts::figures_from_bytes(text);
  if (figures && cauce::charts::to_bytes(*figures) != text) std::abort();
  return 0;
}
