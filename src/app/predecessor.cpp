#include "app/predecessor.h"

#include <fmt/core.h>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <thread>
#include <vector>

#include "base/log.h"
#include "disk/lock.h"

namespace cauce::app {
namespace {

namespace fs = std::filesystem;

constexpr Duration look_interval = std::chrono::milliseconds{10};
constexpr std::size_t kernel_name_bytes_max = 15;

std::string content_of(const fs::path& file) {
  std::ifstream stream{file};
  return {std::istreambuf_iterator<char>{stream}, {}};
}

// "R", "S", …: what follows the name, which may hold anything, brackets too.
char state_of(const std::string& stat) {
  const std::size_t bracket = stat.rfind(") ");
  return bracket == std::string::npos || bracket + 2 >= stat.size() ? 'X' : stat[bracket + 2];
}

std::size_t threads_of(const fs::path& process) {
  std::error_code failure;
  std::size_t count = 0;
  fs::directory_iterator task(process / "task", failure);
  for (; !failure && task != fs::directory_iterator(); task.increment(failure))
    ++count;
  return count;
}

Result<std::unique_ptr<disk::Lock>> take_lock(const fs::path& data) {
  constexpr std::string_view program = "cauce serve";
  const fs::path file = data / "cauce.lock";
  auto lock = disk::lock_file(file, program, Duration{0});
  if (lock || lock.error().outcome != Outcome::conflict) return lock;
  log::notice(fmt::format("waiting up to {} s for the cauce before this one: {}",
                          predecessor_patience.count(), lock.error().message));
  return disk::lock_file(file, program, predecessor_patience);
}

}  // namespace

std::string kernel_name_of(std::string_view process) {
  return fmt::format("cauce-{}", process).substr(0, kernel_name_bytes_max);
}

bool has_ended(int pid, std::string_view name) {
  const fs::path process = fs::path("/proc") / std::to_string(pid);
  std::string comm = content_of(process / "comm");
  if (!comm.empty() && comm.back() == '\n') comm.pop_back();
  if (comm != name) return true;
  // The leader of a group of threads is a zombie while others still hold files and sockets.
  const char state = state_of(content_of(process / "stat"));
  return (state == 'Z' || state == 'X') && threads_of(process) <= 1;
}

Result<std::unique_ptr<disk::Lock>> succeed_predecessor(const fs::path& data,
                                                        const RunDirectory& run) {
  auto lock = take_lock(data);
  if (!lock) return lock;
  std::vector<ProcessState> dying;
  if (auto known = run.read_processes(); known) dying = std::move(*known);
  bool said = false;
  for (Duration waited{0}; waited < predecessor_patience; waited += look_interval) {
    std::erase_if(dying, [](const ProcessState& process) {
      return process.pid <= 0 || has_ended(process.pid, kernel_name_of(process.name));
    });
    if (dying.empty()) break;
    if (!std::exchange(said, true)) {
      log::notice(
          fmt::format("waiting up to {} s for process {} (pid {}) of the cauce before this "
                      "one, which holds its ports and locks until it has ended",
                      predecessor_patience.count(), dying.front().name, dying.front().pid));
    }
    std::this_thread::sleep_for(look_interval);
  }
  return lock;
}

}  // namespace cauce::app
