#include "app/link_key.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>

#include "app/backup_files.h"
#include "crypto/crypto.h"
#include "disk/error.h"

namespace cauce::app {
namespace {

namespace fs = std::filesystem;

constexpr const char* secret_folder = "secret";
constexpr const char* key_name = "links.key";
constexpr std::size_t text_bytes = 2 * crypto::key_bytes + 1;

// Under another name first: half a key must never be taken for one.
Result<void> make_key(const fs::path& file, Random& random) {
  const fs::path unfinished = file.string() + ".unfinished";
  const int descriptor =
      ::open(unfinished.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
  if (descriptor < 0) return disk::error_of("make", unfinished.string(), errno);
  const std::string text = to_hex(random.bytes(crypto::key_bytes)) + "\n";
  const bool written = ::write(descriptor, text.data(), text.size()) == ssize_t(text.size()) &&
                       ::fsync(descriptor) == 0;
  const int failure = errno;
  ::close(descriptor);
  if (!written) return disk::error_of("write", unfinished.string(), failure);
  if (std::rename(unfinished.c_str(), file.c_str()) != 0)
    return disk::error_of("rename", unfinished.string(), errno);
  return {};
}

}  // namespace

Result<Bytes> read_or_make_link_key(const fs::path& data, Random& random) {
  const fs::path folder = data / secret_folder;
  const fs::path file = folder / key_name;
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    return disk::error_of("make", folder.string(), errno);
  int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0 && errno == ENOENT) {
    if (auto made = make_key(file, random); !made) return made.error();
    descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  }
  if (descriptor < 0) return disk::error_of("read", file.string(), errno);
  std::array<char, text_bytes + 1> text{};
  const ssize_t count = ::read(descriptor, text.data(), text.size());
  ::close(descriptor);
  Bytes key;
  const bool is_whole = count == ssize_t(text_bytes) && text[text_bytes - 1] == '\n';
  if (is_whole && from_hex({text.data(), text_bytes - 1}, key)) return key;
  return Error{Outcome::corrupt,
               fmt::format("{} is damaged: remove it, and a new one is made; links to charts that "
                           "were given out then end",
                           file.string())};
}

Result<void> copy_link_key(const fs::path& data, const fs::path& target) {
  const fs::path source = data / secret_folder / key_name;
  std::error_code failure;
  if (!fs::exists(source, failure)) return {};
  const fs::path folder = target / secret_folder;
  if (auto made = make_private_directory(folder); !made) return made;
  if (auto copied = copy_hashed(source, folder / key_name); !copied) return copied.error();
  return {};
}

}  // namespace cauce::app
