// The decoder on any bytes: it answers, what it accepts it would have written itself, and what was
// accepted can be asked and merged.
#include <cstddef>
#include <cstdint>

#include "base/invariant.h"
#include "recent/sketch.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace cauce;
  const BytesView bytes{reinterpret_cast<const char*>(data), size};
  const auto sketch = recent::Sketch::decode(bytes);
  if (!sketch) return 0;
  Bytes written;
  put_sketch(written, *sketch);
  INVARIANT(written == bytes);
  if (sketch->count() == 0) return 0;
  INVARIANT(sketch->percentile(1) <= sketch->percentile(50));
  INVARIANT(sketch->percentile(50) <= sketch->percentile(100));
  recent::Sketch merged;
  merged.merge(*sketch);
  INVARIANT(merged == *sketch);
  merged.add(1.0);
  merged.add(-1.0);
  return 0;
}
