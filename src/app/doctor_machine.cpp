#include <dlfcn.h>
#include <fcntl.h>
#include <fmt/core.h>
#include <link.h>
#include <sys/resource.h>
#include <sys/timex.h>
#include <sys/utsname.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <map>
#include <optional>

#include "app/doctor.h"
#include "disk/error.h"
#include "disk/free_space.h"
#include "table/table.h"

namespace cauce::app {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t mebibyte = 1 << 20;
// The gateway's limit of connections, and what else a process opens.
constexpr rlim_t files_least = 20'000 + 1'000;
constexpr std::uint64_t memory_least = 1024 * mebibyte;
constexpr std::uint64_t memory_available_least = 256 * mebibyte;
constexpr int sync_count = 5;
constexpr Duration sync_slow = std::chrono::milliseconds{50};

// The value of `name` in a file of lines "name: value" or "name=value".
std::string value_in(const char* file, std::string_view name) {
  std::ifstream lines{file};
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with(name)) continue;
    std::string value = line.substr(name.size());
    value.erase(0, value.find_first_not_of(" \t:=\""));
    value.erase(value.find_last_not_of(" \t\"") + 1);
    return value;
  }
  return "";
}

std::uint64_t bytes_in_meminfo(std::string_view name) {
  return std::strtoull(value_in("/proc/meminfo", name).c_str(), nullptr, 10) * 1024;
}

Finding system_finding() {
  utsname system{};
  uname(&system);
  const std::string distribution = value_in("/etc/os-release", "PRETTY_NAME");
  const std::string version = value_in("/etc/os-release", "VERSION_ID");
  const bool is_tested = value_in("/etc/os-release", "ID") == "debian" && version == "12" &&
                         std::string_view{system.machine} == "x86_64";
  const std::string text =
      fmt::format("{}, Linux {} on {}", distribution, system.release, system.machine);
  if (is_tested) return {State::ok, "system", text};
  return {State::warning, "system",
          text +
              "; built and tested is Debian 12 on x86_64: run script/test here before you rely "
              "on it"};
}

Finding memory_finding() {
  const std::uint64_t total = bytes_in_meminfo("MemTotal");
  const std::uint64_t available = bytes_in_meminfo("MemAvailable");
  const std::string text =
      fmt::format("{} MiB, {} MiB available", total / mebibyte, available / mebibyte);
  if (total < memory_least || available < memory_available_least) {
    return {State::warning, "memory",
            text + "; cauce wants 1 GiB and 256 MiB of it available: stop something or add memory"};
  }
  return {State::ok, "memory", text};
}

Finding clock_finding() {
  timex state{};
  const int answer = adjtimex(&state);
  if (answer < 0) {
    return {State::warning, "clock", "the kernel does not say whether the clock is synchronised"};
  }
  if (answer == TIME_ERROR || (state.status & STA_UNSYNC) != 0) {
    return {State::warning, "clock",
            "not synchronised, so times of arrival and of silence drift; install chrony or "
            "systemd-timesyncd"};
  }
  return {State::ok, "clock", "synchronised"};
}

Finding files_finding() {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  if (files.rlim_cur >= files_least) {
    return {State::ok, "open files", fmt::format("{} allowed", files.rlim_cur)};
  }
  return {State::warning, "open files",
          fmt::format("{} allowed in this shell, but 20,000 devices may connect; start cauce with "
                      "ulimit -n {} or LimitNOFILE={} in its unit",
                      files.rlim_cur, std::uint64_t{65536}, std::uint64_t{65536})};
}

Finding duckdb_finding() {
  const auto engine = table::Engine::open({});
  if (!engine) return {State::wrong, "libduckdb", engine.error().message};
  std::string found;
  dl_iterate_phdr(
      [](dl_phdr_info* library, std::size_t, void* place) {
        const std::string_view name{library->dlpi_name};
        if (name.find("libduckdb") == std::string_view::npos) return 0;
        *static_cast<std::string*>(place) = name;
        return 1;
      },
      &found);
  return {State::ok, "libduckdb", found};
}

struct FileSystem {
  std::string_view name;
  std::string_view trouble;  // empty: none
};

// By the number that statfs(2) gives (linux/magic.h).
FileSystem file_system_of(std::uint64_t magic) {
  constexpr std::string_view network =
      "a sync there is what the other side makes of it, and locks may fail: use a local disk";
  static const std::map<std::uint64_t, FileSystem> known{
      {0xEF53, {"ext4", ""}},
      {0x58465342, {"xfs", ""}},
      {0x9123683E, {"btrfs", ""}},
      {0x2FC12FC1, {"zfs", ""}},
      {0xF2F52010, {"f2fs", ""}},
      {0x01021994, {"tmpfs", "it is memory, all data is gone when the power is: use a disk"}},
      {0x858458F6, {"ramfs", "it is memory, all data is gone when the power is: use a disk"}},
      {0x794C7630, {"overlayfs", "it goes with its container: mount a volume there"}},
      {0x6969, {"nfs", network}},
      {0xFF534D42, {"cifs", network}},
      {0xFE534D42, {"smb2", network}},
      {0x65735546, {"fuse", network}}};
  const auto found = known.find(magic);
  if (found != known.end()) return found->second;
  return {"unknown", "cauce was not tested on it: prefer ext4 or xfs"};
}

// The options that the file system of `directory` was mounted with.
std::string mount_options_of(const fs::path& directory) {
  std::error_code failure;
  const std::string path = fs::canonical(directory, failure).string();
  std::ifstream mounts{"/proc/self/mounts"};
  std::string device, place, type, options, rest, best_options;
  std::size_t best = 0;
  while (mounts >> device >> place >> type >> options && std::getline(mounts, rest)) {
    const bool holds = place == "/" || path == place || path.starts_with(place + "/");
    if (!holds || place.size() < best) continue;
    best = place.size();
    best_options = "," + options + ",";
  }
  return best_options;
}

Finding file_system_finding(const fs::path& data) {
  struct statfs state{};
  if (statfs(data.c_str(), &state) != 0) {
    return {State::wrong, "file system", disk::error_of("look at", data.string(), errno).message};
  }
  const FileSystem system = file_system_of(std::uint64_t(std::uint32_t(state.f_type)));
  if (!system.trouble.empty()) {
    return {State::warning, "file system", fmt::format("{}: {}", system.name, system.trouble)};
  }
  const std::string options = mount_options_of(data);
  for (const std::string_view option : {",nobarrier,", ",barrier=0,"}) {
    if (options.find(option) == std::string::npos) continue;
    return {State::wrong, "file system",
            fmt::format("{} mounted with {}: a sync does not reach the disk, so a power cut takes "
                        "acknowledged messages; mount it without",
                        system.name, option.substr(1, option.size() - 2))};
  }
  return {State::ok, "file system", std::string(system.name)};
}

Finding space_finding(const fs::path& data) {
  const auto space = disk::free_space_of(data)->measure();
  if (!space) return {State::wrong, "disk space", space.error().message};
  const std::string text =
      fmt::format("{:.1f} GB of {:.1f} GB free", double(space->bytes_free) / 1e9,
                  double(space->bytes_total) / 1e9);
  if (space->below_percent(5)) {
    return {State::wrong, "disk space",
            text + ": below 5 % nothing new is taken in; free some or add a larger disk"};
  }
  if (space->below_percent(15)) {
    return {State::warning, "disk space",
            text + ": below 15 % the stream keeps less than its 24 h; free some"};
  }
  return {State::ok, "disk space", text};
}

// How long it takes to make 4 KiB durable: the middle of a few times.
Result<Duration> time_sync(const fs::path& data, const Clock& clock) {
  std::string name = (data / ".doctor-XXXXXX").string();
  const int file = mkostemp(name.data(), O_CLOEXEC);
  if (file < 0) return disk::error_of("write to", data.string(), errno);
  unlink(name.c_str());
  std::array<Duration, sync_count> spans{};
  const std::string page(4096, 'x');
  int failure = 0;
  for (Duration& span : spans) {
    const Duration began = clock.elapsed();
    const bool done =
        write(file, page.data(), page.size()) == ssize_t(page.size()) && fdatasync(file) == 0;
    if (!done && failure == 0) failure = errno == 0 ? ENOSPC : errno;
    span = clock.elapsed() - began;
  }
  close(file);
  if (failure != 0) return disk::error_of("sync a file in", data.string(), failure);
  std::sort(spans.begin(), spans.end());
  return spans[sync_count / 2];
}

Finding sync_finding(const fs::path& data, const Clock& clock) {
  const char* preloaded = std::getenv("LD_PRELOAD");
  if (preloaded != nullptr && std::string_view{preloaded}.find("eatmydata") != std::string::npos) {
    return {State::wrong, "sync", "eatmydata is loaded: syncs do nothing; start cauce without it"};
  }
  const auto span = time_sync(data, clock);
  if (!span) {
    return {State::wrong, "sync", span.error().message + "; cauce could not store anything"};
  }
  const std::string text =
      fmt::format("{:.2f} ms for fdatasync of 4 KiB", double(span->count()) / 1e3);
  if (*span > sync_slow) {
    return {State::warning, "sync",
            text +
                ": each acknowledgement waits for one; use a faster disk or see what else "
                "writes to it"};
  }
  return {State::ok, "sync", text};
}

}  // namespace

std::string_view name_of(State state) {
  switch (state) {
    case State::ok: return "ok";
    case State::warning: return "warning";
    case State::wrong: return "wrong";
  }
  return "wrong";
}

void examine_machine(const Config&, Findings& findings) {
  findings.push_back({State::ok, "program", std::string("cauce ") + CAUCE_VERSION});
  findings.push_back(duckdb_finding());
  findings.push_back(system_finding());
  findings.push_back(memory_finding());
  findings.push_back(clock_finding());
  findings.push_back(files_finding());
}

void examine_disk(const Config& config, const Clock& clock, Findings& findings) {
  findings.push_back(space_finding(config.data));
  findings.push_back(file_system_finding(config.data));
  findings.push_back(sync_finding(config.data, clock));
}

}  // namespace cauce::app
