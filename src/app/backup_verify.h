// Reads a backup whole and tells what is damaged.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

#include "app/backup_target.h"

namespace cauce::app {

// Reads one file of a backup, `path` in the data directory, and answers its SHA-256.
using ReadFile =
    std::function<Result<Bytes>(const std::filesystem::path& file, const std::string& path)>;

// Has every file read by `read_file` (hashed only, when there is none) and compared. `corrupt`,
// naming the first damaged or missing files and their number, when not all are as they were.
Result<void> verify_backup(const std::filesystem::path& directory, const BackupNote& note,
                           const ReadFile& read_file);

}  // namespace cauce::app
