#define DOCTEST_CONFIG_IMPLEMENT_WITH_MAIN
#include <doctest/doctest.h>

// What fontconfig and Pango learn of the fonts, a few kilobytes whatever is drawn, they keep until
// the process ends, and give no way to free it. What our own code leaks is still found. Only the
// address sanitizer asks.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libfontconfig.so\n";
}
