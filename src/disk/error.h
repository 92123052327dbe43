// Turns errno into an Error with the outcome that says what the caller may do.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace cauce::disk {

// "cannot <activity> <path>: No space left on device". `number` is an errno value.
Error error_of(std::string_view activity, const std::string& path, int number);

}  // namespace cauce::disk
