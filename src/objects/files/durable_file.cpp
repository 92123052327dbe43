#include "objects/files/durable_file.h"

#include <errno.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "disk/error.h"

namespace cauce::objects {
namespace {

// 1 MiB: large enough that the calls cost nothing beside the copying.
constexpr std::size_t copy_bytes = 1u << 20;

class Descriptor {
 public:
  Descriptor(const std::filesystem::path& path, int flags)
      : value_(::open(path.c_str(), flags | O_CLOEXEC, 0640)) {}
  ~Descriptor() {
    if (value_ >= 0) close(value_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  bool failed() const { return value_ < 0; }
  int value() const { return value_; }

 private:
  int value_;
};

Result<void> write_all(int descriptor, BytesView bytes, const std::filesystem::path& path) {
  while (!bytes.empty()) {
    const ssize_t count = write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return disk::error_of("write", path.string(), errno);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

Result<std::size_t> read_some(int descriptor, char* target, std::size_t count,
                              const std::filesystem::path& path) {
  while (true) {
    const ssize_t got = read(descriptor, target, count);
    if (got >= 0) return static_cast<std::size_t>(got);
    if (errno != EINTR) return disk::error_of("read", path.string(), errno);
  }
}

Result<void> sync_descriptor(int descriptor, const std::filesystem::path& path) {
  if (fsync(descriptor) == 0) return {};
  const Error error = disk::error_of("sync", path.string(), errno);
  if (error.outcome == Outcome::exhausted) return error;
  return Error{Outcome::corrupt, error.message + "; it is unknown what the device keeps"};
}

// Runs `fill` on a new file, then syncs it; removes it when either fails.
template <class Fill>
Result<void> make_synced(const std::filesystem::path& path, Fill fill) {
  const Descriptor file(path, O_WRONLY | O_CREAT | O_EXCL);
  if (file.failed()) return disk::error_of("create", path.string(), errno);
  Result<void> done = fill(file.value());
  if (done) done = sync_descriptor(file.value(), path);
  if (!done) unlink(path.c_str());
  return done;
}

}  // namespace

Result<void> write_synced(const std::filesystem::path& path, BytesView bytes) {
  return make_synced(path, [&](int file) { return write_all(file, bytes, path); });
}

Result<void> copy_synced(const std::filesystem::path& source, const std::filesystem::path& target) {
  const Descriptor from(source, O_RDONLY);
  if (from.failed()) return disk::error_of("open", source.string(), errno);
  return make_synced(target, [&](int file) -> Result<void> {
    Bytes buffer(copy_bytes, '\0');
    while (true) {
      auto count = read_some(from.value(), buffer.data(), buffer.size(), source);
      if (!count) return count.error();
      if (*count == 0) return {};
      auto written = write_all(file, BytesView(buffer).substr(0, *count), target);
      if (!written) return written;
    }
  });
}

Result<void> sync_path(const std::filesystem::path& path) {
  const Descriptor file(path, O_RDONLY);
  if (file.failed()) return disk::error_of("open", path.string(), errno);
  return sync_descriptor(file.value(), path);
}

Result<Bytes> read_whole(const std::filesystem::path& path, std::uint64_t bytes_max) {
  const Descriptor file(path, O_RDONLY);
  if (file.failed()) return disk::error_of("open", path.string(), errno);
  struct stat status{};
  if (fstat(file.value(), &status) != 0) return disk::error_of("stat", path.string(), errno);
  const auto size = static_cast<std::uint64_t>(status.st_size);
  if (size > bytes_max) {
    return Error{Outcome::invalid, fmt::format("{} has {} bytes, more than the {} that are read",
                                               path.string(), size, bytes_max)};
  }
  Bytes bytes(size, '\0');
  std::size_t filled = 0;
  while (filled < bytes.size()) {
    auto count = read_some(file.value(), bytes.data() + filled, bytes.size() - filled, path);
    if (!count) return count.error();
    if (*count == 0) break;
    filled += *count;
  }
  bytes.resize(filled);
  return bytes;
}

}  // namespace cauce::objects
