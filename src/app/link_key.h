// The key that signs links to charts: DIR/secret/links.key, 32 random bytes as 64 hexadecimal
// digits and a line feed, readable by its owner alone. Made when absent; removing the file ends all
// links at the next start.
#pragma once

#include <filesystem>

#include "base/bytes.h"
#include "base/random.h"
#include "base/result.h"

namespace cauce::app {

// `corrupt` when the file is no key; says what to do.
Result<Bytes> read_or_make_link_key(const std::filesystem::path& data, Random& random);
// For cauce backup: to the same place below `target`. Nothing when there is none yet.
Result<void> copy_link_key(const std::filesystem::path& data, const std::filesystem::path& target);

}  // namespace cauce::app
