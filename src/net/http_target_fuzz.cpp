// The target of a request out of any bytes: what is read is written back so that it reads the same,
// and no NUL gets through.
#include <cstddef>
#include <cstdint>

#include "base/invariant.h"
#include "net/http_target.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace cauce;
  const auto target = net::parse_target({reinterpret_cast<const char*>(bytes), size});
  if (!target) return 0;
  INVARIANT(target->path == "*" || target->path.starts_with('/'));
  INVARIANT(target->path.find('\0') == std::string::npos);
  const auto again = net::parse_target(net::to_text(*target));
  INVARIANT(again && again->path == target->path && again->query == target->query);
  return 0;
}
