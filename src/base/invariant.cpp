#include "base/invariant.h"

#include <cstdio>
#include <cstdlib>

namespace cauce {

void invariant_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "cauce: invariant broken at %s:%d: %s\n", file, line, condition);
  std::abort();
}

}  // namespace cauce
