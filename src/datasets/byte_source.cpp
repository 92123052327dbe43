#include "datasets/byte_source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "disk/error.h"

namespace cauce::datasets {

namespace {

class FileSource final : public ByteSource {
 public:
  FileSource(int descriptor, std::string name) : descriptor_(descriptor), name_(std::move(name)) {}
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;
  ~FileSource() override { ::close(descriptor_); }

  Result<std::size_t> read(char* target, std::size_t bytes_max) override {
    for (;;) {
      const ssize_t bytes = ::read(descriptor_, target, bytes_max);
      if (bytes >= 0) return std::size_t(bytes);
      if (errno != EINTR) return disk::error_of("read", name_, errno);
    }
  }

 private:
  const int descriptor_;
  const std::string name_;
};

class ViewSource final : public ByteSource {
 public:
  explicit ViewSource(std::string_view bytes) : rest_(bytes) {}

  Result<std::size_t> read(char* target, std::size_t bytes_max) override {
    const std::size_t bytes = std::min(bytes_max, rest_.size());
    if (bytes > 0) std::memcpy(target, rest_.data(), bytes);
    rest_.remove_prefix(bytes);
    return bytes;
  }

 private:
  std::string_view rest_;
};

}  // namespace

Result<std::unique_ptr<ByteSource>> open_file_source(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) return disk::error_of("open", file.string(), errno);
  auto source = std::make_unique<FileSource>(descriptor, file.string());
  struct stat status{};
  if (::fstat(descriptor, &status) != 0) return disk::error_of("open", file.string(), errno);
  if (!S_ISREG(status.st_mode)) {
    return Error{Outcome::invalid,
                 file.string() + " is not a regular file: it is read several times"};
  }
  // Only a hint: the file is read once from front to back.
  (void)::posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
  return std::unique_ptr<ByteSource>(std::move(source));
}

Result<std::size_t> read_fully(ByteSource& source, char* target, std::size_t bytes_max) {
  std::size_t filled = 0;
  while (filled < bytes_max) {
    const Result<std::size_t> bytes = source.read(target + filled, bytes_max - filled);
    if (!bytes) return bytes.error();
    if (*bytes == 0) break;
    filled += *bytes;
  }
  return filled;
}

std::unique_ptr<ByteSource> source_of(std::string_view bytes) {
  return std::make_unique<ViewSource>(bytes);
}

}  // namespace cauce::datasets
