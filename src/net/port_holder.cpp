#include "net/port_holder.h"

#include <fmt/core.h>

#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string_view>
#include <vector>

namespace cauce::net {
namespace {

namespace fs = std::filesystem;

// Lines of /proc/net/tcp and udp: "sl local_address rem_address st … uid timeout inode", the local
// address as "0100007F:075B"; state 0A is LISTEN, and 07 a socket of datagrams without a peer
// (include/net/tcp_states.h).
void add_listening_inodes(const char* table, std::string_view state, std::uint16_t port,
                          std::vector<std::string>& inodes) {
  std::ifstream lines(table);
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    std::istringstream fields(line);
    std::array<std::string, 10> field;
    for (std::string& text : field)
      fields >> text;
    const std::size_t colon = field[1].rfind(':');
    if (field[3] != state || colon == std::string::npos) continue;
    unsigned number = 0;
    const char* text = field[1].c_str() + colon + 1;
    std::from_chars(text, text + field[1].size() - colon - 1, number, 16);
    if (number == port) inodes.push_back("socket:[" + field[9] + "]");
  }
}

bool holds(const fs::path& process, const std::vector<std::string>& inodes) {
  std::error_code failure;
  fs::directory_iterator descriptors(process / "fd", failure);
  for (; !failure && descriptors != fs::directory_iterator{}; descriptors.increment(failure)) {
    std::error_code unreadable;
    const std::string target = fs::read_symlink(descriptors->path(), unreadable);
    for (const std::string& inode : inodes) {
      if (!unreadable && target == inode) return true;
    }
  }
  return false;
}

bool is_pid(std::string_view name) {
  return !name.empty() && name.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

std::string port_holder(std::uint16_t port, bool datagrams) {
  std::vector<std::string> inodes;
  add_listening_inodes(datagrams ? "/proc/net/udp" : "/proc/net/tcp", datagrams ? "07" : "0A", port,
                       inodes);
  add_listening_inodes(datagrams ? "/proc/net/udp6" : "/proc/net/tcp6", datagrams ? "07" : "0A",
                       port, inodes);
  std::error_code failure;
  fs::directory_iterator processes("/proc", failure);
  for (; !failure && processes != fs::directory_iterator{}; processes.increment(failure)) {
    const std::string pid = processes->path().filename().string();
    if (!is_pid(pid) || !holds(processes->path(), inodes)) continue;
    std::string program = "a program";
    std::ifstream(processes->path() / "comm") >> program;
    return fmt::format("{} (pid {})", program, pid);
  }
  return "another program, whose name this user may not see";
}

}  // namespace cauce::net
