// Places for one test's files, gone afterwards. Only for tests.
#pragma once

#include <doctest/doctest.h>
#include <stdlib.h>
#include <sys/mount.h>

#include <filesystem>
#include <string>
#include <system_error>
#include <utility>

namespace cauce::objects {

// A directory.
struct Scratch {
  std::filesystem::path path;

  Scratch() {
    std::string name = (std::filesystem::temp_directory_path() / "cauce_test.XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~Scratch() {
    std::error_code ignored;
    std::filesystem::remove_all(path, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
};

// A file system, full after `size` ("size=1m"); needs root, so ask whether it is mounted.
struct SmallDisk {
  std::filesystem::path path;
  bool mounted;

  SmallDisk(std::filesystem::path directory, const char* size) : path(std::move(directory)) {
    std::filesystem::create_directories(path);
    mounted = mount("tmpfs", path.c_str(), "tmpfs", 0, size) == 0;
  }
  ~SmallDisk() {
    if (mounted) umount2(path.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
};

}  // namespace cauce::objects
