// For the program of a test or fuzzer that draws text. What fontconfig and Pango learn of the
// fonts, a few kilobytes whatever is drawn, they keep until the process ends, and give no way to
// free it. What our own code leaks is still found. Only the address sanitizer asks.
#pragma once

extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libfontconfig.so\n";
}
