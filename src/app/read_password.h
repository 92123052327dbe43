// Passwords never stand on a command line, where every process of the machine can read them.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace cauce::app {

// From a terminal: asks twice, without showing what is typed. From a pipe or a file: the first line
// of standard input.
Result<std::string> read_new_password(std::string_view user);

}  // namespace cauce::app
