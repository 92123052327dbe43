// Objects as files of one directory: the key is the path below it. Several processes may use the
// directory at once; a reader writes nothing there, not even the directory.
//
// How it keeps its promise: a temporary file on the same file system, write, fdatasync, rename (or
// link, for create), fsync of the directory that holds the name and, once for each process, of
// every directory above it: one that an earlier process made and did not sync before it was killed
// would vanish in a power cut. Temporary files lie in .tmp/, one locked directory a process; what
// dead processes left there is removed before the first write.
#pragma once

#include <filesystem>
#include <memory>

#include "objects/objects.h"

namespace cauce::objects {

std::unique_ptr<Objects> file_objects(const std::filesystem::path& directory);

}  // namespace cauce::objects
