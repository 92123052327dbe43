// The only place that makes threads. Each worker and each event loop gets one; the first that
// fails, or a signal to stop, ends them all.
#pragma once

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "base/result.h"
#include "net/net.h"
#include "work/signal.h"
#include "work/worker.h"

namespace cauce::app {

class Threads {
 public:
  Threads() = default;
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;
  ~Threads();

  // What is added must outlive stop(). Starts at once.
  void add(work::Worker& worker);
  void add(std::string name, net::Loop& loop);

  // Returns when a worker failed (its error), or when `asked_to_stop` says so; looks at it every
  // 50 ms at least.
  Result<void> wait(const std::atomic<bool>& asked_to_stop);

  // Ends all threads, after the step each is in. Then nothing of ours runs but the caller.
  void stop();

 private:
  void loop_over(work::Worker& worker);

  std::vector<std::thread> threads_;
  std::vector<work::Worker*> workers_;
  std::vector<net::Loop*> loops_;
  std::atomic<bool> stopping_{false};
  work::Signal changed_;
  std::mutex mutex_;  // guards failure_
  std::optional<Error> failure_;
};

}  // namespace cauce::app
