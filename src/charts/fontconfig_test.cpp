// For the leak sanitizer alone: fontconfig and Pango keep what they learned of the fonts, a few
// kilobytes whatever is drawn, until the process ends, and give no way to free it. What our own
// code leaks is still found.
#if defined(__SANITIZE_ADDRESS__)
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() {
  return "leak:libfontconfig.so\n";
}
#endif
