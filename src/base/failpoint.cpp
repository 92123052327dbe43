#include "base/failpoint.h"

#ifdef CAUCE_FAILPOINTS

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <string>
#include <string_view>

namespace cauce {
namespace {

struct Armed {
  std::string name;
  std::atomic<long> passes_left{0};

  Armed() {
    const char* text = std::getenv("CAUCE_FAILPOINT");
    if (text == nullptr) return;
    const std::string_view whole = text;
    const std::size_t at = whole.find('@');
    name = whole.substr(0, at);
    passes_left = at == std::string_view::npos ? 1 : std::atol(text + at + 1);
  }
};

}  // namespace

void failpoint(const char* name) {
  static Armed armed;
  if (armed.name != name) return;
  if (--armed.passes_left == 0) std::raise(SIGKILL);
}

}  // namespace cauce

#endif
