#include "app/serve.h"

#include <fmt/format.h>
#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <cstdio>

#include "app/commands.h"
#include "app/metrics_worker.h"
#include "app/role.h"
#include "app/supervisor.h"
#include "app/threads.h"
#include "base/log.h"
#include "crypto/crypto.h"
#include "disk/lock.h"
#include "gateway/gateway.h"

namespace cauce::app {
namespace {

constexpr std::array<std::string_view, 7> role_names{"gateway", "lake",   "decode", "processing",
                                                     "stats",   "alarms", "api"};

// A predecessor that was killed holds its locks until the kernel has taken it down.
constexpr Duration predecessor_patience = std::chrono::seconds{5};

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

// `flag` is what the operator can say to have another port.
Result<net::Listener> listen_on(const net::Address& address, std::string_view flag) {
  Result<net::Listener> listener = net::Listener::bind(address);
  if (listener || listener.error().outcome != Outcome::conflict) return listener;
  return Error{Outcome::conflict, fmt::format("{}; use {}", listener.error().message, flag)};
}

// A host as it stands in a URL.
std::string in_url(const net::Address& address) {
  const bool is_ipv6 = address.host.find(':') != std::string::npos;
  return is_ipv6 ? fmt::format("[{}]:{}", address.host, address.port)
                 : fmt::format("{}:{}", address.host, address.port);
}

void print_addresses(const Config& config, const Addresses& addresses) {
  std::printf("cauce %s, data in %s\n", CAUCE_VERSION, config.data.c_str());
  if (addresses.mqtt) {
    std::printf("  mqtt  %s%s\n", in_url(*addresses.mqtt).c_str(),
                config.open ? "  (--open: anybody may publish anything)" : "");
  }
  if (addresses.ingest) {
    std::printf("  ingest http://%s/api/v1/devices/{device}/messages\n",
                in_url(*addresses.ingest).c_str());
  }
  if (addresses.http) std::printf("  http  http://%s/\n", in_url(*addresses.http).c_str());
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
  const Result<std::unique_ptr<disk::Lock>> lock =
      disk::lock_file(command.config.data / "cauce.lock", "cauce serve", predecessor_patience);
  if (!lock) return lock.error().during("cannot serve " + command.config.data.string());
  run.clear();
  const Result<net::Listener> mqtt = listen_on(command.config.mqtt, "--mqtt-port");
  if (!mqtt) return mqtt.error();
  const Result<net::Listener> http = listen_on(command.config.http, "--http-port");
  if (!http) return http.error();
  const Result<net::Listener> ingest = listen_on(command.config.ingest, "--ingest-port");
  if (!ingest) return ingest.error();
  const Addresses addresses{mqtt->address(), http->address(), ingest->address()};
  if (const Result<void> written = run.write(addresses); !written) return written;
  print_addresses(command.config, addresses);
  const Result<void> ended = supervise(default_plan(), arguments_for_processes(command), *mqtt,
                                       *http, *ingest, run, clock);
  // So that nobody takes whatever holds these ports next for this cauce.
  run.clear();
  return ended;
}

// A socket of the supervisor's, or one of our own whose address is then published.
Result<net::Listener> inherit_or_listen(const std::optional<int>& inherited,
                                        const net::Address& address, std::string_view flag,
                                        std::optional<net::Address> Addresses::* place,
                                        const Config& config, const RunDirectory& run) {
  if (inherited) return net::Listener::adopt(*inherited);
  Result<net::Listener> listener = listen_on(address, flag);
  if (!listener) return listener;
  Addresses addresses;
  if (const Result<Addresses> known = run.read_addresses(); known) addresses = *known;
  addresses.*place = listener->address();
  if (const Result<void> written = run.write(addresses); !written) return written.error();
  Addresses own;
  own.*place = listener->address();
  print_addresses(config, own);
  return listener;
}

Result<std::unique_ptr<Role>> make_role(std::string_view name, const Serve& command,
                                        const Machine& machine) {
  const Config& config = command.config;
  if (name == "lake") return make_lake(machine);
  if (name == "decode") return make_decode(machine);
  if (name == "processing") return make_processing(machine);
  if (name == "stats") return make_stats(machine);
  if (name == "alarms") return make_alarms(machine);
  if (name == "gateway") {
    Result<net::Listener> listener = inherit_or_listen(
        command.inherited_mqtt, config.mqtt, "--mqtt-port", &Addresses::mqtt, config, machine.run);
    if (!listener) return listener.error();
    Result<net::Listener> ingest =
        inherit_or_listen(command.inherited_ingest, config.ingest, "--ingest-port",
                          &Addresses::ingest, config, machine.run);
    if (!ingest) return ingest.error();
    return make_gateway(machine, {std::move(*listener), std::move(*ingest)});
  }
  INVARIANT(name == "api");
  Result<net::Listener> listener = inherit_or_listen(
      command.inherited_http, config.http, "--http-port", &Addresses::http, config, machine.run);
  if (!listener) return listener.error();
  return make_api(machine, std::move(*listener));
}

Result<void> run_roles(const Serve& command, const RunDirectory& run) {
  struct sigaction stop{};
  stop.sa_handler = ask_to_stop;
  sigaction(SIGTERM, &stop, nullptr);
  sigaction(SIGINT, &stop, nullptr);

  SystemClock clock;
  crypto::SystemRandom random;
  metrics::Metrics metrics;
  const Engines engines{command.config.data, clock, &metrics};
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
  return {};
}

}  // namespace

Result<void> run_serve(const Serve& command) {
  log::start(command.process_name.empty() ? "cauce" : command.process_name,
             command.config.log_level, command.config.log_format);
  if (!command.process_name.empty()) {
    // For ps and the log: a process of the supervisor's is started as /proc/self/exe.
    constexpr std::size_t linux_name_max = 15;
    const std::string name = "cauce-" + command.process_name;
    pthread_setname_np(pthread_self(), name.substr(0, linux_name_max).c_str());
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
