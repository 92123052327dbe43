#include "app/supervisor.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "app/readiness.h"
#include "base/log.h"

namespace cauce::app {
namespace {

constexpr Duration steady_life = std::chrono::seconds{30};
constexpr Duration stop_patience = std::chrono::seconds{8};
// How often we look who has started, until all have.
constexpr Duration look_interval = std::chrono::milliseconds{50};

struct Process {
  ProcessPlan plan;
  ProcessState state;
  int deaths = 0;  // in a row
  Duration started_at{0};
  Duration next_start{0};
  bool has_started = false;  // once: its stores are open and its threads run
};

std::string words_for(int wait_status) {
  if (WIFSIGNALED(wait_status)) return fmt::format("killed by signal {}", WTERMSIG(wait_status));
  return fmt::format("exit status {}", WEXITSTATUS(wait_status));
}

class Supervisor {
 public:
  Supervisor(const std::vector<ProcessPlan>& plan, const std::vector<std::string>& arguments,
             const Listeners& listeners, const RunDirectory& run, const Clock& clock)
      : arguments_(arguments), listeners_(listeners), run_(run), clock_(clock) {
    for (const ProcessPlan& process : plan) {
      processes_.emplace_back();
      processes_.back().plan = process;
      processes_.back().state.name = process.name;
    }
  }
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;
  ~Supervisor() {
    for (const int descriptor : started_) {
      if (descriptor >= 0) close(descriptor);
    }
  }

  Result<void> run();

 private:
  Result<void> start(Process& process);
  [[noreturn]] void become(const Process& process, pid_t supervisor) const;
  std::vector<std::string> command_line(const Process& process) const;
  void follow_changes();
  void bury(Process& process, int wait_status);
  Duration time_to_next_start() const;
  void start_due();
  void hear_who_started();
  void stop_all();
  bool any_alive() const;
  void publish() const;

  const std::vector<std::string> arguments_;
  const Listeners& listeners_;
  const RunDirectory& run_;
  const Clock& clock_;
  std::vector<Process> processes_;
  // A pipe into which each process writes its number when it has started.
  int started_[2] = {-1, -1};
  bool told_ready_ = false;
};

bool has_role(const Process& process, std::string_view role) {
  return std::find(process.plan.roles.begin(), process.plan.roles.end(), role) !=
         process.plan.roles.end();
}

bool is_door_of(const Process& process, std::string_view name) {
  const auto doors = all_doors();
  return std::any_of(doors.begin(), doors.end(), [&](const Door& door) {
    return door.name == name && has_role(process, door.role);
  });
}

std::vector<std::string> Supervisor::command_line(const Process& process) const {
  std::vector<std::string> words{"cauce", "serve"};
  words.insert(words.end(), arguments_.begin(), arguments_.end());
  std::string roles;
  for (const std::string& role : process.plan.roles)
    roles += (roles.empty() ? "" : ",") + role;
  words.insert(words.end(), {"--role", roles, "--process-name", process.plan.name});
  words.insert(words.end(), {"--tell-started", std::to_string(started_[1])});
  for (const auto& [door, listener] : listeners_) {
    if (!is_door_of(process, door)) continue;
    words.insert(words.end(), {"--inherit", fmt::format("{}={}", door, listener.descriptor())});
  }
  return words;
}

void Supervisor::become(const Process& process, pid_t supervisor) const {
  // A process must not outlive its supervisor: the next one could not take the stores' locks.
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != supervisor) _exit(1);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  fcntl(started_[1], F_SETFD, 0);
  for (const auto& [door, listener] : listeners_) {
    if (is_door_of(process, door)) fcntl(listener.descriptor(), F_SETFD, 0);
  }
  std::vector<std::string> words = command_line(process);
  std::vector<char*> arguments;
  arguments.reserve(words.size() + 1);
  for (std::string& word : words)
    arguments.push_back(word.data());
  arguments.push_back(nullptr);
  execv("/proc/self/exe", arguments.data());
  _exit(127);
}

Result<void> Supervisor::start(Process& process) {
  const pid_t supervisor = getpid();
  const pid_t pid = fork();
  if (pid < 0) {
    return Error{Outcome::exhausted, fmt::format("cannot start process {}: {}", process.plan.name,
                                                 std::strerror(errno))};
  }
  if (pid == 0) become(process, supervisor);
  process.state.pid = pid;
  process.state.state = "running";
  process.state.since = clock_.now();
  process.started_at = clock_.elapsed();
  return {};
}

void Supervisor::bury(Process& process, int wait_status) {
  const bool was_steady = clock_.elapsed() - process.started_at >= steady_life;
  process.deaths = was_steady ? 1 : process.deaths + 1;
  process.next_start = clock_.elapsed() + restart_delay(process.deaths);
  log::warning(fmt::format("process {} (pid {}) ended, {}; it starts again in {} ms",
                           process.plan.name, process.state.pid, words_for(wait_status),
                           restart_delay(process.deaths).count() / 1000),
               {{"child", process.plan.name}, {"exit", words_for(wait_status)}});
  process.state.pid = 0;
  process.state.state = "restarting";
  process.state.restarts += 1;
  process.state.last_exit = words_for(wait_status);
  // A failpoint kills once; the process that comes after it must live.
  unsetenv("CAUCE_FAILPOINT");
}

void Supervisor::follow_changes() {
  bool changed = false;
  for (;;) {
    int wait_status = 0;
    const pid_t pid = waitpid(-1, &wait_status, WNOHANG | WUNTRACED | WCONTINUED);
    if (pid <= 0) break;
    for (Process& process : processes_) {
      if (process.state.pid != pid) continue;
      if (WIFSTOPPED(wait_status)) {
        process.state.state = "paused";
      } else if (WIFCONTINUED(wait_status)) {
        process.state.state = "running";
      } else {
        bury(process, wait_status);
      }
      process.state.since = clock_.now();
      changed = true;
    }
  }
  if (changed) publish();
}

void Supervisor::hear_who_started() {
  pid_t pid = 0;
  while (read(started_[0], &pid, sizeof pid) == sizeof pid) {
    for (Process& process : processes_)
      process.has_started = process.has_started || process.state.pid == pid;
  }
  const bool all = std::all_of(processes_.begin(), processes_.end(),
                               [](const Process& process) { return process.has_started; });
  if (!all || told_ready_) return;
  told_ready_ = true;
  tell_readiness("READY=1");
}

Duration Supervisor::time_to_next_start() const {
  Duration span = told_ready_ ? std::chrono::seconds{1} : look_interval;
  for (const Process& process : processes_) {
    if (process.state.pid == 0) span = std::min(span, process.next_start - clock_.elapsed());
  }
  return std::max(span, Duration{0});
}

void Supervisor::start_due() {
  bool changed = false;
  for (Process& process : processes_) {
    if (process.state.pid != 0 || process.next_start > clock_.elapsed()) continue;
    if (const Result<void> started = start(process); !started) {
      log::error(started.error().message);
      process.next_start = clock_.elapsed() + restart_delay(++process.deaths);
    }
    changed = true;
  }
  if (changed) publish();
}

bool Supervisor::any_alive() const {
  return std::any_of(processes_.begin(), processes_.end(),
                     [](const Process& process) { return process.state.pid != 0; });
}

void Supervisor::stop_all() {
  for (const Process& process : processes_) {
    if (process.state.pid == 0) continue;
    kill(process.state.pid, SIGTERM);
    kill(process.state.pid, SIGCONT);  // one that was stopped would not hear it
  }
  const Duration deadline = clock_.elapsed() + stop_patience;
  sigset_t child;
  sigemptyset(&child);
  sigaddset(&child, SIGCHLD);
  while (any_alive()) {
    const bool out_of_patience = clock_.elapsed() > deadline;
    for (Process& process : processes_) {
      if (process.state.pid == 0) continue;
      if (out_of_patience) kill(process.state.pid, SIGKILL);
      if (waitpid(process.state.pid, nullptr, WNOHANG) == process.state.pid) process.state.pid = 0;
    }
    const timespec pause{.tv_sec = 0, .tv_nsec = 20'000'000};
    if (any_alive()) sigtimedwait(&child, nullptr, &pause);
  }
  for (Process& process : processes_)
    process.state.state = "stopped";
  publish();
}

void Supervisor::publish() const {
  std::vector<ProcessState> states;
  states.reserve(processes_.size());
  for (const Process& process : processes_)
    states.push_back(process.state);
  if (const Result<void> written = run_.write(getpid(), states); !written) {
    log::warning(written.error().message);
  }
}

Result<void> Supervisor::run() {
  sigset_t handled;
  sigemptyset(&handled);
  for (const int signal_number : {SIGCHLD, SIGTERM, SIGINT})
    sigaddset(&handled, signal_number);
  sigprocmask(SIG_BLOCK, &handled, nullptr);
  if (pipe2(started_, O_CLOEXEC | O_NONBLOCK) != 0) {
    return Error{Outcome::exhausted, fmt::format("cannot make a pipe: {}", std::strerror(errno))};
  }
  for (;;) {
    start_due();
    const Duration span = time_to_next_start();
    const timespec pause{.tv_sec = span.count() / 1'000'000,
                         .tv_nsec = span.count() % 1'000'000 * 1000};
    const int signal_number = sigtimedwait(&handled, nullptr, &pause);
    if (signal_number == SIGTERM || signal_number == SIGINT) break;
    follow_changes();
    hear_who_started();
  }
  log::notice("stopping");
  tell_readiness("STOPPING=1");
  stop_all();
  return {};
}

}  // namespace

std::vector<ProcessPlan> default_plan() {
  return {{"gateway", {"gateway"}},
          {"flow", {"lake", "decode", "processing", "stats"}},
          {"alarms", {"alarms"}},
          {"api", {"api"}}};
}

Duration restart_delay(int deaths) {
  if (deaths <= 1) return Duration{0};
  constexpr Duration most = std::chrono::seconds{10};
  const int doublings = std::min(deaths - 2, 7);
  return std::min<Duration>(std::chrono::milliseconds{100} * (1 << doublings), most);
}

Result<void> supervise(const std::vector<ProcessPlan>& plan,
                       const std::vector<std::string>& arguments, const Listeners& listeners,
                       const RunDirectory& run, const Clock& clock) {
  return Supervisor{plan, arguments, listeners, run, clock}.run();
}

}  // namespace cauce::app
