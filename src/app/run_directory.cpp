#include "app/run_directory.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/json_number.h"

namespace cauce::app {
namespace {

using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::string_view metrics_ending = ".prom";

// Replaces the file as a whole. Not synced: nothing here outlives the processes it speaks of.
Result<void> replace(const fs::path& file, std::string_view content) {
  const fs::path temporary = file.string() + fmt::format(".{}", getpid());
  const int descriptor = open(temporary.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0600);
  if (descriptor < 0) {
    return Error{Outcome::unavailable,
                 fmt::format("cannot write {}: {}", file.string(), std::strerror(errno))};
  }
  const ssize_t written = ::write(descriptor, content.data(), content.size());
  close(descriptor);
  if (written != ssize_t(content.size()) || std::rename(temporary.c_str(), file.c_str()) != 0) {
    unlink(temporary.c_str());
    return Error{Outcome::unavailable,
                 fmt::format("cannot write {}: {}", file.string(), std::strerror(errno))};
  }
  return {};
}

Result<std::string> content_of(const fs::path& file) {
  std::ifstream stream{file};
  if (!stream) {
    return Error{Outcome::not_found,
                 fmt::format("no cauce is running on {} (there is no {}); start it with: "
                             "cauce serve --data {}",
                             file.parent_path().parent_path().string(), file.filename().string(),
                             file.parent_path().parent_path().string())};
  }
  std::stringstream content;
  content << stream.rdbuf();
  return content.str();
}

Error strange(const fs::path& file) {
  return {Outcome::corrupt, file.string() + " is not the JSON that cauce writes there"};
}

Result<json> json_of(const fs::path& file) {
  Result<std::string> content = content_of(file);
  if (!content) return content.error();
  json parsed = json::parse(*content, nullptr, false);
  if (!parsed.is_object()) return strange(file);
  return parsed;
}

ProcessState process_of(const json& item) {
  ProcessState process;
  process.name = item.at("name").get<std::string>();
  process.pid = whole<int>(item, "pid");
  process.state = item.at("state").get<std::string>();
  process.restarts = whole<int>(item, "restarts");
  process.last_exit = item.at("last_exit").get<std::string>();
  const Result<Time> since = parse_time(item.at("since").get<std::string>());
  if (since) process.since = *since;
  return process;
}

json to_json(const net::Address& address) {
  return {{"host", address.host}, {"port", address.port}};
}

}  // namespace

std::optional<net::Address> find_address(const Addresses& addresses, std::string_view door) {
  const auto found = addresses.find(door);
  if (found == addresses.end()) return std::nullopt;
  return found->second;
}

Result<void> RunDirectory::create() const {
  std::error_code failure;
  const fs::path data = directory_.parent_path();
  // Whoever can read the stream reads what the devices say. A directory that was there already
  // keeps the rights that its owner chose.
  if (fs::create_directories(data, failure)) chmod(data.c_str(), 0700);
  fs::create_directories(directory_ / "metrics", failure);
  if (failure) {
    return Error{Outcome::unavailable,
                 fmt::format("cannot make {}: {}; choose a directory you may write to with --data",
                             directory_.string(), failure.message())};
  }
  chmod(directory_.c_str(), 0700);
  return {};
}

Result<void> RunDirectory::write(const Addresses& addresses) const {
  json content = json::object();
  for (const auto& [door, address] : addresses)
    content[door] = to_json(address);
  return replace(directory_ / "addresses.json", content.dump(2) + "\n");
}

Result<Addresses> RunDirectory::read_addresses() const {
  const fs::path file = directory_ / "addresses.json";
  const Result<json> parsed = json_of(file);
  if (!parsed) return parsed.error();
  Addresses addresses;
  try {
    for (const auto& [door, address] : parsed->items()) {
      addresses[door] = {address.at("host").get<std::string>(),
                         whole<std::uint16_t>(address, "port")};
    }
  } catch (const json::exception&) {
    return strange(file);
  }
  return addresses;
}

Result<void> RunDirectory::write(int supervisor_pid,
                                 const std::vector<ProcessState>& processes) const {
  json list = json::array();
  for (const ProcessState& process : processes) {
    list.push_back({{"name", process.name},
                    {"pid", process.pid},
                    {"state", process.state},
                    {"restarts", process.restarts},
                    {"last_exit", process.last_exit},
                    {"since", format_time(process.since)}});
  }
  const json content{{"supervisor", supervisor_pid}, {"processes", std::move(list)}};
  return replace(directory_ / "processes.json", content.dump(2) + "\n");
}

Result<std::vector<ProcessState>> RunDirectory::read_processes() const {
  std::vector<ProcessState> processes;
  const fs::path file = directory_ / "processes.json";
  const Result<json> parsed = json_of(file);
  if (!parsed) {
    if (parsed.error().outcome == Outcome::not_found) return processes;
    return parsed.error();
  }
  try {
    for (const json& item : parsed->at("processes")) {
      processes.push_back(process_of(item));
    }
  } catch (const json::exception&) {
    return strange(file);
  }
  return processes;
}

Result<void> RunDirectory::write_metrics(std::string_view process, std::string_view text) const {
  return replace(directory_ / "metrics" / fmt::format("{}{}", process, metrics_ending), text);
}

Result<std::vector<MetricsFile>> RunDirectory::read_metrics() const {
  std::vector<MetricsFile> files;
  std::error_code failure;
  for (fs::directory_iterator entry{directory_ / "metrics", failure}, end; !failure && entry != end;
       entry.increment(failure)) {
    const fs::path& path = entry->path();
    struct stat status{};
    if (path.extension() != metrics_ending || stat(path.c_str(), &status) != 0) continue;
    Result<std::string> text = content_of(path);
    if (!text) continue;
    const std::int64_t seconds = status.st_mtim.tv_sec;
    files.push_back({path.stem().string(),
                     from_microseconds(seconds * 1'000'000 + status.st_mtim.tv_nsec / 1000),
                     std::move(*text)});
  }
  if (failure) {
    return Error{
        Outcome::unavailable,
        fmt::format("cannot list {}: {}", (directory_ / "metrics").string(), failure.message())};
  }
  std::sort(files.begin(), files.end(), [](const MetricsFile& left, const MetricsFile& right) {
    return left.process < right.process;
  });
  return files;
}

Result<void> RunDirectory::write_token(std::string_view token) const {
  return replace(directory_ / "token", token);
}

Result<std::string> RunDirectory::read_token() const {
  return content_of(directory_ / "token");
}

Result<void> RunDirectory::write_owner_link(std::string_view link) const {
  return replace(directory_ / "owner-link", link);
}

Result<std::string> RunDirectory::read_owner_link() const {
  return content_of(directory_ / "owner-link");
}

Result<void> RunDirectory::remove_owner_link() const {
  std::error_code failure;
  fs::remove(directory_ / "owner-link", failure);
  if (!failure) return {};
  return Error{
      Outcome::unavailable,
      fmt::format("cannot remove {}: {}", (directory_ / "owner-link").string(), failure.message())};
}

void RunDirectory::clear() const {
  for (const char* name : {"addresses.json", "processes.json"}) {
    std::error_code ignored;
    fs::remove(directory_ / name, ignored);
  }
  const Result<std::vector<MetricsFile>> files = read_metrics();
  if (!files) return;
  for (const MetricsFile& file : *files) {
    std::error_code ignored;
    fs::remove(directory_ / "metrics" / fmt::format("{}{}", file.process, metrics_ending), ignored);
  }
}

}  // namespace cauce::app
