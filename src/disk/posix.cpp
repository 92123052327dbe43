#include "disk/posix.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <utility>

#include "disk/error.h"
#include "disk/lock.h"

namespace cauce::disk {
namespace {

namespace filesystem = std::filesystem;

// Whatever the reason, a failed sync can't be tried again.
Error failed_sync(const std::string& path, int number) {
  return Error{Outcome::unavailable, error_of("sync", path, number).message};
}

class PosixFile final : public File {
 public:
  PosixFile(int file, std::string path) : file_(file), path_(std::move(path)) {}
  ~PosixFile() override { close(file_); }
  PosixFile(const PosixFile&) = delete;
  PosixFile& operator=(const PosixFile&) = delete;

  Result<std::size_t> read_at(std::uint64_t offset, char* target, std::size_t count) override {
    std::size_t done = 0;
    while (done < count) {
      const ssize_t part = pread(file_, target + done, count - done, off_t(offset + done));
      if (part < 0 && errno == EINTR) continue;
      if (part < 0) return error_of("read", path_, errno);
      if (part == 0) break;
      done += std::size_t(part);
    }
    return done;
  }

  Result<void> write_at(std::uint64_t offset, BytesView bytes) override {
    std::size_t done = 0;
    while (done < bytes.size()) {
      const ssize_t part =
          pwrite(file_, bytes.data() + done, bytes.size() - done, off_t(offset + done));
      if (part < 0 && errno == EINTR) continue;
      if (part < 0) return error_of("write", path_, errno);
      // A write of nothing without a reason is a full disk that has not said so yet.
      if (part == 0) return error_of("write", path_, ENOSPC);
      done += std::size_t(part);
    }
    return {};
  }

  Result<void> sync() override {
    if (fdatasync(file_) != 0) return failed_sync(path_, errno);
    return {};
  }

  Result<void> reserve(std::uint64_t bytes) override {
    while (fallocate(file_, FALLOC_FL_KEEP_SIZE, 0, off_t(bytes)) != 0) {
      if (errno == EINTR) continue;
      if (errno == EOPNOTSUPP || errno == ENOSYS) return {};
      return error_of("set room aside for", path_, errno);
    }
    return {};
  }

  Result<void> truncate(std::uint64_t bytes) override {
    while (ftruncate(file_, off_t(bytes)) != 0) {
      if (errno != EINTR) return error_of("cut", path_, errno);
    }
    return {};
  }

  Result<std::uint64_t> size() override {
    struct stat state{};
    if (fstat(file_, &state) != 0) return error_of("measure", path_, errno);
    return std::uint64_t(state.st_size);
  }

 private:
  const int file_;
  const std::string path_;
};

class PosixPage final : public Page {
 public:
  PosixPage(char* bytes, std::string path) : bytes_(bytes), path_(std::move(path)) {}
  ~PosixPage() override { munmap(bytes_, page_bytes); }
  PosixPage(const PosixPage&) = delete;
  PosixPage& operator=(const PosixPage&) = delete;

  char* bytes() override { return bytes_; }

  Result<void> sync() override {
    if (msync(bytes_, page_bytes, MS_SYNC) != 0) return failed_sync(path_, errno);
    return {};
  }

 private:
  char* const bytes_;
  const std::string path_;
};

Result<void> sync_directory(const filesystem::path& path) {
  const int directory = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (directory < 0) return error_of("open", path.string(), errno);
  const bool synced = fsync(directory) == 0;
  const int number = errno;
  close(directory);
  if (!synced) return failed_sync(path.string(), number);
  return {};
}

Result<void> make_directory(const filesystem::path& path) {
  std::error_code error;
  if (path.empty() || filesystem::is_directory(path, error)) return {};
  const filesystem::path parent = path.parent_path();
  if (auto made = make_directory(parent); !made) return made;
  // 0750: what is stored belongs to the user that runs cauce and to nobody else.
  if (mkdir(path.c_str(), 0750) != 0 && errno != EEXIST) {
    return error_of("make the directory", path.string(), errno);
  }
  if (!filesystem::is_directory(path, error)) {
    return error_of("make the directory", path.string(), ENOTDIR);
  }
  return sync_directory(parent.empty() ? "." : parent);
}

class PosixDirectory final : public Directory {
 public:
  explicit PosixDirectory(filesystem::path path) : path_(std::move(path)) {}

  std::string path() const override { return path_.string(); }

  std::unique_ptr<Directory> directory(std::string_view name) override {
    return std::make_unique<PosixDirectory>(path_ / name);
  }

  Result<void> make() override { return make_directory(path_); }

  Result<std::unique_ptr<File>> open(std::string_view name, Open mode) override {
    auto file = open_file(name, mode);
    if (!file) return file.error();
    return std::unique_ptr<File>{std::make_unique<PosixFile>(*file, (path_ / name).string())};
  }

  Result<std::unique_ptr<Page>> map(std::string_view name, Open mode) override {
    const std::string path = (path_ / name).string();
    auto opened = open_file(name, mode);
    if (!opened) return opened.error();
    PosixFile file{*opened, path};
    auto size = file.size();
    if (!size) return size.error();
    if (*size < page_bytes) {
      // Beyond the end of a file a mapping is a SIGBUS.
      if (mode == Open::read) return error_of("map the short file", path, ENOENT);
      // Written, not only extended: a hole would need room at a moment when nobody can be told.
      if (auto done = file.write_at(*size, Bytes(page_bytes - *size, '\0')); !done) {
        return done.error();
      }
    }
    const int access = mode == Open::read ? PROT_READ : PROT_READ | PROT_WRITE;
    void* bytes = mmap(nullptr, page_bytes, access, MAP_SHARED, *opened, 0);
    if (bytes == MAP_FAILED) return error_of("map", path, errno);
    return std::unique_ptr<Page>{std::make_unique<PosixPage>(static_cast<char*>(bytes), path)};
  }

  Result<std::unique_ptr<Lock>> lock(std::string_view name, std::string_view program,
                                     Duration span_max) override {
    return lock_file(path_ / name, program, span_max);
  }

  Result<std::vector<std::string>> list() override {
    std::error_code error;
    std::vector<std::string> names;
    filesystem::directory_iterator entry{path_, error};
    while (!error && entry != filesystem::directory_iterator{}) {
      names.push_back(entry->path().filename().string());
      entry.increment(error);
    }
    if (error) return error_of("list", path_.string(), error.value());
    std::sort(names.begin(), names.end());
    return names;
  }

  Result<void> rename(std::string_view source, std::string_view target) override {
    if (std::rename((path_ / source).c_str(), (path_ / target).c_str()) != 0) {
      return error_of("rename", (path_ / source).string(), errno);
    }
    return {};
  }

  Result<void> remove(std::string_view name) override {
    if (unlink((path_ / name).c_str()) != 0) {
      return error_of("remove", (path_ / name).string(), errno);
    }
    return {};
  }

  Result<void> sync() override { return sync_directory(path_); }

 private:
  Result<int> open_file(std::string_view name, Open mode) {
    const int access = mode == Open::read ? O_RDONLY : O_RDWR;
    const int create = mode == Open::create ? O_CREAT : 0;
    const int file = ::open((path_ / name).c_str(), access | create | O_CLOEXEC, 0640);
    if (file < 0) return error_of("open", (path_ / name).string(), errno);
    return file;
  }

  const filesystem::path path_;
};

}  // namespace

std::unique_ptr<Directory> posix_directory(std::filesystem::path path) {
  return std::make_unique<PosixDirectory>(std::move(path));
}

}  // namespace cauce::disk
