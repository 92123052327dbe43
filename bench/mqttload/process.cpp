#include "mqttload/process.h"

#include <unistd.h>

#include <fstream>
#include <sstream>

namespace mqttload {

std::uint64_t cpu_microseconds(int pid) {
  std::ifstream file{"/proc/" + std::to_string(pid) + "/stat"};
  std::string line;
  std::getline(file, line);
  // proc(5): the name in parentheses may hold anything; utime and stime are the 12th and 13th
  // fields after it.
  const std::size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return 0;
  std::istringstream fields{line.substr(name_end + 2)};
  std::string field;
  std::uint64_t ticks = 0;
  for (int number = 1; number <= 13 && fields >> field; ++number) {
    if (number >= 12) ticks += std::stoull(field);
  }
  return ticks * 1'000'000 / static_cast<std::uint64_t>(sysconf(_SC_CLK_TCK));
}

std::uint64_t own_resident_kib(int pid) {
  std::ifstream file{"/proc/" + std::to_string(pid) + "/statm"};
  // proc(5): the size of the program, what of it is resident, and what of that is of files.
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  std::uint64_t of_files = 0;
  file >> size >> resident >> of_files;
  if (!file) return 0;
  return (resident - of_files) * static_cast<std::uint64_t>(sysconf(_SC_PAGESIZE)) / 1024;
}

}  // namespace mqttload
