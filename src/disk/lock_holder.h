// Who holds a lock that disk/lock.h takes.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/result.h"

namespace cauce::disk {

// "cauce serve (pid 812)" when somebody holds the lock of this file; nullopt when nobody does, or
// when there is no such file. Changes nothing: whoever wants the lock at this very moment is
// refused once, and tries again.
Result<std::optional<std::string>> lock_holder(const std::filesystem::path& path);

}  // namespace cauce::disk
