#include "disk/free_space.h"

#include <sys/statvfs.h>

#include <cerrno>
#include <utility>

#include "disk/error.h"

namespace cauce::disk {
namespace {

class FileSystemSpace final : public FreeSpace {
 public:
  explicit FileSystemSpace(std::filesystem::path path) : path_(std::move(path)) {}

  Result<Space> measure() override {
    struct statvfs state{};
    if (statvfs(path_.c_str(), &state) != 0) {
      return error_of("measure the free space of", path_.string(), errno);
    }
    const std::uint64_t used = state.f_blocks - state.f_bfree;
    return Space{.bytes_total = (used + state.f_bavail) * state.f_frsize,
                 .bytes_free = std::uint64_t(state.f_bavail) * state.f_frsize};
  }

 private:
  const std::filesystem::path path_;
};

}  // namespace

std::unique_ptr<FreeSpace> free_space_of(std::filesystem::path path) {
  return std::make_unique<FileSystemSpace>(std::move(path));
}

}  // namespace cauce::disk
