#include "app/serve.h"

#include <fmt/format.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>
#include <cstdlib>

#include "app/commands.h"
#include "app/doors.h"
#include "app/metrics_worker.h"
#include "app/predecessor.h"
#include "app/role.h"
#include "app/supervisor.h"
#include "app/threads.h"
#include "base/log.h"
#include "crypto/crypto.h"

namespace cauce::app {
namespace {

constexpr std::array<std::string_view, 7> role_names{"gateway", "lake",   "decode", "processing",
                                                     "stats",   "alarms", "api"};

std::atomic<bool> asked_to_stop{false};

void ask_to_stop(int) {
  asked_to_stop = true;
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Result<void> check_roles(const std::vector<std::string>& roles) {
  for (const std::string& role : roles) {
    if (std::find(role_names.begin(), role_names.end(), role) != role_names.end()) continue;
    return Error{Outcome::invalid, fmt::format("there is no role \"{}\"; roles are {}", role,
                                               fmt::join(role_names, ", "))};
  }
  return {};
}

Result<net::Listener> listen_at(const Door& door, const net::Address& address) {
  Result<net::Listener> listener =
      door.datagrams ? net::Listener::bind_datagrams(address) : net::Listener::bind(address);
  if (listener || listener.error().outcome != Outcome::conflict) return listener;
  return Error{Outcome::conflict,
               fmt::format("{}; use {}", listener.error().message, door.setting)};
}

// A host as it stands in a URL.
std::string in_url(const net::Address& address) {
  const bool is_ipv6 = address.host.find(':') != std::string::npos;
  return is_ipv6 ? fmt::format("[{}]:{}", address.host, address.port)
                 : fmt::format("{}:{}", address.host, address.port);
}

void print_addresses(const Config& config, const Addresses& addresses) {
  std::printf("cauce %s, data in %s\n", CAUCE_VERSION, config.data.c_str());
  for (const Door& door : all_doors()) {
    const auto address = find_address(addresses, door.name);
    if (!address) continue;
    const bool is_warned_of = config.open && door.name == "mqtt";
    std::printf("%s%s\n", fmt::format(fmt::runtime(door.title), in_url(*address)).c_str(),
                is_warned_of ? "  (--open: anybody may publish anything)" : "");
  }
  std::fflush(stdout);
}

std::vector<std::string> arguments_for_processes(const Serve& command) {
  std::vector<std::string> arguments{"--data", command.config.data.string()};
  if (!command.config_file.empty()) {
    arguments.insert(arguments.end(), {"--config", command.config_file});
  }
  if (command.config.open) arguments.push_back("--open");
  if (command.config.allow_plaintext) arguments.push_back("--allow-plaintext");
  return arguments;
}

Result<void> run_supervisor(const Serve& command, const RunDirectory& run) {
  const SystemClock clock;
  const Result<std::unique_ptr<disk::Lock>> lock = succeed_predecessor(command.config.data, run);
  if (!lock) return lock.error().during("cannot serve " + command.config.data.string());
  run.clear();
  Listeners listeners;
  Addresses addresses;
  for (const Door& door : all_doors()) {
    const auto address = door.address(command.config);
    if (!address) continue;
    Result<net::Listener> listener = listen_at(door, *address);
    if (!listener) return listener.error();
    addresses.emplace(door.name, listener->address());
    listeners.emplace(door.name, std::move(*listener));
  }
  if (const Result<void> written = run.write(addresses); !written) return written;
  print_addresses(command.config, addresses);
  const Result<void> ended =
      supervise(default_plan(), arguments_for_processes(command), listeners, run, clock);
  // So that nobody takes whatever holds these ports next for this cauce.
  run.clear();
  return ended;
}

// Those that the supervisor hands on.
Result<Listeners> adopt_inherited(std::string_view role,
                                  const std::vector<std::string>& inherited) {
  Listeners listeners;
  for (const Door& door : all_doors()) {
    for (const std::string& word : inherited) {
      const std::string start = std::string(door.name) + "=";
      if (door.role != role || !word.starts_with(start)) continue;
      auto adopted = net::Listener::adopt(std::atoi(word.c_str() + start.size()));
      if (!adopted) return adopted.error();
      listeners.emplace(door.name, std::move(*adopted));
    }
  }
  return listeners;
}

// The doors of one role: sockets of the supervisor's, or our own, whose addresses are then
// published.
Result<Listeners> open_doors(std::string_view role, const Serve& command, const RunDirectory& run) {
  if (!command.inherited.empty()) return adopt_inherited(role, command.inherited);
  Addresses published;
  if (const Result<Addresses> known = run.read_addresses(); known) published = *known;
  Listeners listeners;
  Addresses own;
  for (const Door& door : all_doors()) {
    const auto address = door.address(command.config);
    if (door.role != role || !address) continue;
    Result<net::Listener> listener = listen_at(door, *address);
    if (!listener) return listener.error();
    own.insert_or_assign(std::string(door.name), listener->address());
    listeners.emplace(door.name, std::move(*listener));
  }
  for (const auto& [door, address] : own)
    published.insert_or_assign(door, address);
  if (const Result<void> written = run.write(published); !written) return written.error();
  print_addresses(command.config, own);
  return listeners;
}

Result<std::unique_ptr<Role>> make_role(std::string_view name, const Serve& command,
                                        const Machine& machine) {
  if (name == "lake") return make_lake(machine);
  if (name == "decode") return make_decode(machine);
  if (name == "processing") return make_processing(machine);
  if (name == "stats") return make_stats(machine);
  if (name == "alarms") return make_alarms(machine);
  INVARIANT(name == "gateway" || name == "api");
  Result<Listeners> listeners = open_doors(name, command, machine.run);
  if (!listeners) return listeners.error();
  return name == "gateway" ? make_gateway(machine, std::move(*listeners))
                           : make_api(machine, std::move(*listeners));
}

Result<void> run_roles(const Serve& command, const RunDirectory& run) {
  struct sigaction stop{};
  stop.sa_handler = ask_to_stop;
  sigaction(SIGTERM, &stop, nullptr);
  sigaction(SIGINT, &stop, nullptr);

  SystemClock clock;
  crypto::SystemRandom random;
  metrics::Metrics metrics;
  const Engines engines{command.config.data, clock, &metrics, command.config.stream_compress};
  const std::unique_ptr<disk::FreeSpace> free_space = disk::free_space_of(command.config.data);
  const Machine machine{command.config, engines, clock, random, run, *free_space, metrics};
  std::vector<std::unique_ptr<Role>> roles;
  Threads threads;
  // The order of the table, whatever the order of the words: who writes a store opens it first.
  for (const std::string_view name : role_names) {
    if (!contains(command.roles, name)) continue;
    Result<std::unique_ptr<Role>> role = make_role(name, command, machine);
    if (!role) return role.error().during(fmt::format("start role {}", name));
    roles.push_back(std::move(*role));
  }
  for (const auto& role : roles) {
    for (work::Worker* worker : role->workers())
      threads.add(*worker);
    for (net::Loop* loop : role->loops())
      threads.add("loop", *loop);
  }
  if (command.tell_started) {
    const pid_t pid = getpid();
    if (write(*command.tell_started, &pid, sizeof pid) != sizeof pid) {
      log::warning("the supervisor could not be told that this process has started");
    }
    close(*command.tell_started);
  }
  const std::string process = command.process_name.empty()
                                  ? fmt::format("{}", fmt::join(command.roles, "-"))
                                  : command.process_name;
  const auto published = publish_metrics(process, metrics, run, clock);
  threads.add(*published);
  log::notice(fmt::format("started: {}", fmt::join(command.roles, ", ")));
  const Result<void> ended = threads.wait(asked_to_stop);
  if (!ended) {
    // At once, as a kill would: another thread may be stuck in the disk that failed this one.
    log::error(ended.error().message);
    _exit(1);
  }
  threads.stop();
  for (const auto& role : roles) {
    if (auto closed = role->close(); !closed) log::warning(closed.error().message);
  }
  return {};
}

}  // namespace

Result<void> run_serve(const Serve& command) {
  log::start(command.process_name.empty() ? "cauce" : command.process_name,
             command.config.log_level, command.config.log_format);
  if (!command.process_name.empty()) {
    // For ps and the log: a process of the supervisor's is started as /proc/self/exe.
    pthread_setname_np(pthread_self(), kernel_name_of(command.process_name).c_str());
  }
  std::signal(SIGPIPE, SIG_IGN);
  if (const Result<void> known = check_roles(command.roles); !known) return known;
  if (const Result<void> allowed = check_config(command.config); !allowed) return allowed;
  if (const Result<void> restored = check_restored(command.config.data); !restored) return restored;
  const RunDirectory run{command.config.data};
  if (const Result<void> created = run.create(); !created) return created;
  return command.roles.empty() ? run_supervisor(command, run) : run_roles(command, run);
}

}  // namespace cauce::app
