#include "disk/lock_holder.h"

#include <doctest/doctest.h>
#include <unistd.h>

#include <cstdlib>

#include "disk/lock.h"

namespace cauce::disk {

TEST_CASE("who holds a lock is told without taking it") {
  std::string name = (std::filesystem::temp_directory_path() / "lock_test_XXXXXX").string();
  REQUIRE(mkdtemp(name.data()) != nullptr);
  const std::filesystem::path file = std::filesystem::path(name) / "lock";
  CHECK(*lock_holder(file) == std::nullopt);
  CHECK_FALSE(std::filesystem::exists(file));
  {
    const auto lock = lock_file(file, "a test", Duration{0});
    REQUIRE(lock);
    CHECK(*lock_holder(file) == "a test (pid " + std::to_string(getpid()) + ")");
  }
  CHECK(*lock_holder(file) == std::nullopt);
  std::filesystem::remove_all(name);
}

}  // namespace cauce::disk
