#include <fmt/core.h>
#include <signal.h>

#include <nlohmann/json.hpp>

#include "app/doctor.h"
#include "app/doors.h"
#include "app/run_directory.h"
#include "disk/lock_holder.h"
#include "net/http.h"

namespace cauce::app {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr Duration answer_patience = std::chrono::seconds{5};

void examine_port(const Door& door, const net::Address& address, Findings& findings) {
  const std::string check = fmt::format("port {}", door.name);
  if (address.port == 0) {
    findings.push_back({State::ok, check, "any free port"});
    return;
  }
  const auto listener =
      door.datagrams ? net::Listener::bind_datagrams(address) : net::Listener::bind(address);
  if (listener) {
    findings.push_back(
        {State::ok, check, fmt::format("{}:{} is free", address.host, address.port)});
    return;
  }
  findings.push_back(
      {State::wrong, check,
       fmt::format("{}; stop it, or start cauce with {}", listener.error().message, door.setting)});
}

// A program that was replaced while it ran, by an upgrade: the old one goes on in memory.
void examine_program(int pid, Findings& findings) {
  std::error_code failure;
  const std::string running = fs::read_symlink(fmt::format("/proc/{}/exe", pid), failure).string();
  if (failure) return;
  const std::string own = fs::read_symlink("/proc/self/exe", failure).string();
  if (running == own) return;
  findings.push_back(
      {State::warning, "program",
       fmt::format("what runs is {}, this is {}; restart cauce when you have upgraded", running,
                   own)});
}

void examine_processes(const std::vector<ProcessState>& processes, Findings& findings) {
  for (const ProcessState& process : processes) {
    const std::string check = "process " + process.name;
    if (process.state != "running") {
      findings.push_back(
          {State::wrong, check,
           fmt::format("{}{}{}; see cauce's log", process.state,
                       process.last_exit.empty() ? "" : ", it was ", process.last_exit)});
      continue;
    }
    std::string text = fmt::format("pid {}, since {}", process.pid, format_time(process.since));
    if (process.restarts == 0) {
      findings.push_back({State::ok, check, text});
      continue;
    }
    findings.push_back({State::warning, check,
                        fmt::format("{}, started again {} times ({}); see cauce's log", text,
                                    process.restarts, process.last_exit)});
  }
}

void examine_health(const std::optional<net::Address>& http, Findings& findings) {
  if (!http) {
    findings.push_back({State::warning, "health", "the role api does not run, so nobody can tell"});
    return;
  }
  net::Request request;
  request.method = "GET";
  request.path = "/healthz";
  const auto answer = net::request_http(*http, request, answer_patience);
  if (!answer) {
    findings.push_back({State::wrong, "health",
                        answer.error().message + "; see cauce's log, and restart the process api"});
    return;
  }
  const json parsed = json::parse(answer->body, nullptr, false);
  const json problems = parsed.is_object() ? parsed.value("problems", json::array()) : json();
  if (!problems.is_array()) {
    findings.push_back({State::wrong, "health", "/healthz answered something that cauce does not"});
    return;
  }
  for (const json& problem : problems) {
    findings.push_back({State::wrong, "health",
                        problem.is_string() ? problem.get<std::string>() : problem.dump()});
  }
  if (problems.empty()) findings.push_back({State::ok, "health", "no problem known"});
}

}  // namespace

void examine_serving(const Config& config, Findings& findings) {
  const RunDirectory run{config.data};
  const auto held = disk::lock_holder(config.data / "cauce.lock");
  const auto addresses = run.read_addresses();
  if (!held || !*held) {
    findings.push_back({State::ok, "serving", "no cauce runs on this directory"});
    for (const Door& door : all_doors()) {
      const auto address = door.address(config);
      if (address) examine_port(door, *address, findings);
    }
    return;
  }
  findings.push_back({State::ok, "serving", **held});
  if (addresses) {
    for (const auto& [door, address] : *addresses) {
      findings.push_back({State::ok, "port " + door,
                          fmt::format("{}:{} is held by this cauce", address.host, address.port)});
    }
  }
  const auto processes = run.read_processes();
  if (!processes) {
    findings.push_back({State::wrong, "processes", processes.error().message});
  } else {
    if (!processes->empty()) examine_program(processes->front().pid, findings);
    examine_processes(*processes, findings);
  }
  examine_health(addresses ? find_address(*addresses, "http") : std::nullopt, findings);
}

}  // namespace cauce::app
