// The real disk: directories of this machine's file systems.
#pragma once

#include <filesystem>
#include <memory>

#include "disk/directory.h"

namespace cauce::disk {

// `path` need not exist; make() makes it.
std::unique_ptr<Directory> posix_directory(std::filesystem::path path);

}  // namespace cauce::disk
