// A directory for this process's temporary files, below `.tmp` of the store. Only for files/.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>

#include "base/result.h"

namespace cauce::objects {

// Locked (flock) as long as it lives. Any thread.
class Workspace {
 public:
  // Makes one in `parent`, which is made when absent, and removes those whose process is dead.
  static Result<std::unique_ptr<Workspace>> open(const std::filesystem::path& parent);
  ~Workspace();
  Workspace(const Workspace&) = delete;
  Workspace& operator=(const Workspace&) = delete;

  // A path that no other file has.
  std::filesystem::path next_path();

 private:
  Workspace(std::filesystem::path path, int lock) : path_(std::move(path)), lock_(lock) {}

  std::filesystem::path path_;
  int lock_;  // descriptor of the directory
  std::atomic<std::uint64_t> next_{0};
};

}  // namespace cauce::objects
