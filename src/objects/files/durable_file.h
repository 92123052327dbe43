// Writing files so that they survive a power cut: the few system calls of files/, with their
// failures told apart. Only for files/.
#pragma once

#include <filesystem>

#include "base/bytes.h"
#include "base/result.h"

namespace cauce::objects {

// A new file with these bytes, synced. On failure nothing stays.
Result<void> write_synced(const std::filesystem::path& path, BytesView bytes);
// The same with the bytes of another file.
Result<void> copy_synced(const std::filesystem::path& source, const std::filesystem::path& target);
// Makes the bytes of a file, or the names in a directory, durable. `corrupt` when the device
// failed: nothing is then known about what was written, and asking again could lie.
Result<void> sync_path(const std::filesystem::path& path);
// All bytes of a file of at most `bytes_max`.
Result<Bytes> read_whole(const std::filesystem::path& path, std::uint64_t bytes_max);

}  // namespace cauce::objects
