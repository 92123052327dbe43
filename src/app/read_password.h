// Passwords and keys never stand on a command line, where every process of the machine can read
// them.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace cauce::app {

// `what` it is and whose: "password of ana". From a terminal: asks twice, without showing what is
// typed. From a pipe or a file: the first line of standard input.
Result<std::string> read_new_secret(std::string_view what);

}  // namespace cauce::app
