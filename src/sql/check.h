// Whether the bytes of a database are sound.
#pragma once

#include <filesystem>

#include "base/result.h"

namespace cauce::sql {

// Looks at every page (PRAGMA quick_check), also beside a process that writes. `corrupt` with the
// first thing found, not_found when there is no such file. Takes about a second for a gigabyte.
Result<void> check_database(const std::filesystem::path& file);

}  // namespace cauce::sql
