#include "objects/files/workspace.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <system_error>

#include "disk/error.h"

namespace cauce::objects {
namespace {

// Another process may sweep a directory between our mkdir and our lock; each try makes a new one.
constexpr int tries_max = 100;

// Whether `path` still names the directory behind `descriptor`.
bool is_at(const std::filesystem::path& path, int descriptor) {
  struct stat named{};
  struct stat held{};
  return stat(path.c_str(), &named) == 0 && fstat(descriptor, &held) == 0 &&
         named.st_ino == held.st_ino && named.st_dev == held.st_dev;
}

void remove_dead(const std::filesystem::path& parent) {
  std::error_code failure;
  for (const auto& entry : std::filesystem::directory_iterator(parent, failure)) {
    const int descriptor = open(entry.path().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) continue;
    if (flock(descriptor, LOCK_EX | LOCK_NB) == 0) {
      std::error_code ignored;  // whoever comes next tries again
      std::filesystem::remove_all(entry.path(), ignored);
    }
    close(descriptor);
  }
}

}  // namespace

Result<std::unique_ptr<Workspace>> Workspace::open(const std::filesystem::path& parent) {
  std::error_code failure;
  std::filesystem::create_directories(parent, failure);
  if (failure) return disk::error_of("make directory", parent.string(), failure.value());
  remove_dead(parent);
  for (int count = 0; count < tries_max; ++count) {
    std::string name = (parent / "XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) return disk::error_of("make directory", name, errno);
    const int descriptor = ::open(name.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0 && errno != ENOENT) return disk::error_of("open directory", name, errno);
    if (descriptor < 0) continue;
    if (flock(descriptor, LOCK_EX | LOCK_NB) == 0 && is_at(name, descriptor)) {
      return std::unique_ptr<Workspace>(new Workspace(name, descriptor));
    }
    close(descriptor);
  }
  return Error{Outcome::unavailable, "cannot keep a directory in " + parent.string() +
                                         "; others remove it again and again"};
}

Workspace::~Workspace() {
  std::error_code ignored;  // what stays is swept by the next process
  std::filesystem::remove_all(path_, ignored);
  close(lock_);
}

std::filesystem::path Workspace::next_path() {
  return path_ / std::to_string(next_++);
}

}  // namespace cauce::objects
