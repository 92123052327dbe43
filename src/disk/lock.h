// One holder at a time for a file, by flock(2): the kernel lets go when the holder dies. The file
// says who holds it, as "812 cauce gateway".
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "disk/directory.h"

namespace cauce::disk {

// The file is made when absent and never removed. Waits up to `span_max` for the holder to go: one
// that was just killed may take a moment. `conflict` names the holder's process and program.
Result<std::unique_ptr<Lock>> lock_file(const std::filesystem::path& path, std::string_view program,
                                        Duration span_max);

}  // namespace cauce::disk
