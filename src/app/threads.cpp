#include "app/threads.h"

#include <pthread.h>

#include <chrono>

namespace cauce::app {
namespace {

// Idle workers are woken by what they wait for; this only bounds how late a stop is seen.
constexpr Duration wait_max = std::chrono::milliseconds{200};

void name_this_thread(std::string_view name) {
  constexpr std::size_t linux_name_max = 15;
  pthread_setname_np(pthread_self(), std::string(name.substr(0, linux_name_max)).c_str());
}

}  // namespace

Threads::~Threads() {
  stop();
}

void Threads::add(work::Worker& worker) {
  workers_.push_back(&worker);
  threads_.emplace_back([this, &worker] { loop_over(worker); });
}

void Threads::add(std::string name, net::Loop& loop) {
  loops_.push_back(&loop);
  threads_.emplace_back([name = std::move(name), &loop] {
    name_this_thread(name);
    loop.run();
  });
}

void Threads::loop_over(work::Worker& worker) {
  name_this_thread(worker.name());
  while (!stopping_.load(std::memory_order_relaxed)) {
    const Result<work::Progress> progress = worker.step();
    if (!progress) {
      const std::lock_guard lock{mutex_};
      if (!failure_) failure_ = progress.error();
      changed_.set();
      return;
    }
    if (*progress == work::Progress::idle) worker.wait(wait_max);
  }
}

Result<void> Threads::wait(const std::atomic<bool>& asked_to_stop) {
  while (!asked_to_stop.load(std::memory_order_relaxed)) {
    changed_.wait(std::chrono::milliseconds{50});
    const std::lock_guard lock{mutex_};
    if (failure_) return *failure_;
  }
  return {};
}

void Threads::stop() {
  stopping_ = true;
  for (net::Loop* loop : loops_)
    loop->stop();
  for (work::Worker* worker : workers_)
    worker->wake();
  for (std::thread& thread : threads_)
    thread.join();
  threads_.clear();
  loops_.clear();
  workers_.clear();
}

}  // namespace cauce::app
