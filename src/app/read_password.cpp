#include "app/read_password.h"

#include <fmt/core.h>
#include <termios.h>
#include <unistd.h>

#include <cstdio>
#include <iostream>

namespace cauce::app {
namespace {

// While it lives, the terminal shows nothing of what is typed.
class Hidden {
 public:
  Hidden() {
    tcgetattr(STDIN_FILENO, &shown_);
    termios hidden = shown_;
    hidden.c_lflag &= ~tcflag_t{ECHO};
    tcsetattr(STDIN_FILENO, TCSAFLUSH, &hidden);
  }
  Hidden(const Hidden&) = delete;
  Hidden& operator=(const Hidden&) = delete;
  ~Hidden() { tcsetattr(STDIN_FILENO, TCSAFLUSH, &shown_); }

 private:
  termios shown_{};
};

Result<std::string> read_line() {
  std::string line;
  if (std::getline(std::cin, line)) return line;
  return Error{Outcome::invalid, "standard input ended before its first line"};
}

Result<std::string> ask(const std::string& prompt) {
  // First, because what was typed before it is thrown away.
  const Hidden hidden;
  std::fprintf(stderr, "%s: ", prompt.c_str());
  const Result<std::string> line = read_line();
  std::fprintf(stderr, "\n");
  return line;
}

}  // namespace

Result<std::string> read_new_secret(std::string_view what) {
  if (isatty(STDIN_FILENO) == 0) return read_line();
  const Result<std::string> first = ask(fmt::format("new {}", what));
  if (!first) return first;
  const Result<std::string> second = ask("the same again");
  if (!second) return second;
  if (*first == *second) return first;
  return Error{Outcome::invalid, "the two differ; nothing was changed"};
}

}  // namespace cauce::app
