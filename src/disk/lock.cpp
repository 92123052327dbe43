#include "disk/lock.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <string>
#include <thread>

#include "disk/error.h"
#include "disk/lock_holder.h"

namespace cauce::disk {
namespace {

// flock(2) has no time-out, so the wait is made of short ones.
constexpr Duration retry_interval = std::chrono::milliseconds{10};
constexpr std::size_t holder_bytes_max = 200;

class FileLock final : public Lock {
 public:
  explicit FileLock(int file) : file_(file) {}
  ~FileLock() override { close(file_); }
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  const int file_;
};

// "cauce serve (pid 812)"
std::string holder_of(int file) {
  std::string holder(holder_bytes_max, '\0');
  const ssize_t count = pread(file, holder.data(), holder.size(), 0);
  holder.resize(count > 0 ? std::size_t(count) : 0);
  const std::size_t blank = holder.find(' ');
  if (blank == std::string::npos) return "another process";
  return fmt::format("{} (pid {})", holder.substr(blank + 1), holder.substr(0, blank));
}

Error taken_by(int file, const std::string& path) {
  return Error{Outcome::conflict, fmt::format("{} is held by {}; stop it or use another directory",
                                              path, holder_of(file))};
}

}  // namespace

Result<std::optional<std::string>> lock_holder(const std::filesystem::path& path) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0 && errno == ENOENT) return std::optional<std::string>{};
  if (file < 0) return error_of("open", path.string(), errno);
  std::optional<std::string> holder;
  if (flock(file, LOCK_SH | LOCK_NB) != 0) holder = holder_of(file);
  close(file);
  return holder;
}

Result<std::unique_ptr<Lock>> lock_file(const std::filesystem::path& path, std::string_view program,
                                        Duration span_max) {
  const int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0640);
  if (file < 0) return error_of("open", path.string(), errno);
  auto lock = std::make_unique<FileLock>(file);
  Duration waited{0};
  while (flock(file, LOCK_EX | LOCK_NB) != 0) {
    if (errno == EINTR) continue;
    if (errno != EWOULDBLOCK) return error_of("lock", path.string(), errno);
    if (waited >= span_max) return taken_by(file, path.string());
    std::this_thread::sleep_for(retry_interval);
    waited += retry_interval;
  }
  // Who holds it is a courtesy to the next one: a disk too full to say so does not stop us.
  const std::string holder = fmt::format("{} {}", getpid(), program).substr(0, holder_bytes_max);
  if (ftruncate(file, 0) == 0 && pwrite(file, holder.data(), holder.size(), 0) < 0) {
    return std::unique_ptr<Lock>{std::move(lock)};
  }
  return std::unique_ptr<Lock>{std::move(lock)};
}

}  // namespace cauce::disk
