// DIR/run: what a running cauce tells others on this machine. Files are replaced as a whole, so a
// reader never sees half of one; none of them is trusted after a restart.
//
//   addresses.json  {"mqtt": {"host", "port"}, "http": {…}, …}: what is really bound, by door
//   processes.json  {"supervisor": pid, "processes": [{"name", "pid", "state", "restarts",
//                    "last_exit", "since"}]}
//   token           an owner's API token for the command line, readable by the owner of DIR only
//   metrics/PROCESS.prom  what a process counts, in the text format of Prometheus
//   owner-link      the one-time link that creates the first owner's login, until it is used
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "net/net.h"

namespace cauce::app {

struct ProcessState {
  std::string name;
  int pid = 0;
  std::string state;  // "running", "paused" (by SIGSTOP), "restarting" or "stopped"
  int restarts = 0;
  std::string last_exit;  // "killed by signal 9"; empty when it never ended
  Time since;
};

struct MetricsFile {
  std::string process;
  Time written_at;
  std::string text;
};

using Addresses = std::map<std::string, net::Address, std::less<>>;  // by name of the door
std::optional<net::Address> find_address(const Addresses& addresses, std::string_view door);

class RunDirectory {
 public:
  explicit RunDirectory(const std::filesystem::path& data) : directory_(data / "run") {}

  // Makes the directory, mode 0700.
  Result<void> create() const;

  Result<void> write(const Addresses& addresses) const;
  Result<Addresses> read_addresses() const;  // not_found when cauce has not started there

  Result<void> write(int supervisor_pid, const std::vector<ProcessState>& processes) const;
  // Empty when roles run without a supervisor.
  Result<std::vector<ProcessState>> read_processes() const;

  // `process` is a name of processes.json, or the roles that run without a supervisor.
  Result<void> write_metrics(std::string_view process, std::string_view text) const;
  // In the order of the processes' names.
  Result<std::vector<MetricsFile>> read_metrics() const;

  Result<void> write_token(std::string_view token) const;
  Result<std::string> read_token() const;

  Result<void> write_owner_link(std::string_view link) const;
  Result<std::string> read_owner_link() const;
  Result<void> remove_owner_link() const;

  // Forgets addresses, processes and metrics of an earlier start.
  void clear() const;

 private:
  std::filesystem::path directory_;
};

}  // namespace cauce::app
