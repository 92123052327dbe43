// How full the file system below a directory is.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>

#include "base/result.h"

namespace cauce::disk {

struct Space {
  // What is used and what is free: without the blocks reserved for root, as df(1) reckons its
  // percentage.
  std::uint64_t bytes_total = 0;
  // What this process may still write.
  std::uint64_t bytes_free = 0;

  bool below_percent(unsigned percent) const { return bytes_free < bytes_total / 100 * percent; }
};

// Any thread.
class FreeSpace {
 public:
  virtual ~FreeSpace() = default;
  virtual Result<Space> measure() = 0;
};

// The file system that holds `path`, by statvfs(3).
std::unique_ptr<FreeSpace> free_space_of(std::filesystem::path path);

}  // namespace cauce::disk
