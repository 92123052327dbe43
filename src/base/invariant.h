// INVARIANT(condition): a statement about our own code that must hold, checked in release too.
// When it does not, the process stops at once: restart is the tested path, running on is not.
#pragma once

namespace cauce {

[[noreturn]] void invariant_failed(const char* condition, const char* file, int line);

}  // namespace cauce

#define INVARIANT(condition) \
  ((condition) ? void(0) : ::cauce::invariant_failed(#condition, __FILE__, __LINE__))
