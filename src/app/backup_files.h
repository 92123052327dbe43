// Files of a backup: copied and checked by their SHA-256.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace cauce::app {

// Both answer the SHA-256 of the file's bytes. A copy is readable by its owner alone, replaces what
// is there, and is synced in pieces only: end with sync_file_system.
Result<Bytes> hash_file(const std::filesystem::path& file);
Result<Bytes> copy_hashed(const std::filesystem::path& source, const std::filesystem::path& target);
// A new file with these bytes, for its owner alone; not synced either.
Result<void> write_file(const std::filesystem::path& file, BytesView content);

// Makes everything on the file system of `directory` durable.
Result<void> sync_file_system(const std::filesystem::path& directory);
// Replaces `file` as a whole, durably.
Result<void> replace_file(const std::filesystem::path& file, BytesView content);
// Makes the directory and its parents, for their owner alone.
Result<void> make_private_directory(const std::filesystem::path& directory);

// All regular files below `directory`, relative to it, in byte order.
Result<std::vector<std::string>> files_below(const std::filesystem::path& directory);

// One line of a list as sha256sum(1) writes and checks it: 64 digits, two blanks, a path.
struct Sum {
  std::string path;
  Bytes sha256;
};
std::string line_of(const Sum& sum);
// Gives each line to `take`. `corrupt`, naming the line, for what is none or names a path that is
// absolute or leaves the directory.
Result<void> read_sums(const std::filesystem::path& file,
                       const std::function<Result<void>(const Sum&)>& take);

}  // namespace cauce::app
