// Objects in memory, for tests and for roles run in one process. They die with it.
#pragma once

#include <filesystem>
#include <memory>

#include "objects/objects.h"

namespace cauce::objects {

// `copies` is a directory for what local_copy() hands out; it must exist and outlive the objects.
std::unique_ptr<Objects> memory_objects(std::filesystem::path copies);

}  // namespace cauce::objects
