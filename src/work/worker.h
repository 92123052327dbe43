// A worker is one role's work cut into bounded units. Production loops it on a thread of its own
// (app/threads.cpp); a test calls step() by hand until it is idle, on a virtual clock.
#pragma once

#include <string_view>

#include "base/result.h"
#include "base/time.h"

namespace cauce::work {

enum class Progress {
  worked,  // there may be more to do at once
  idle,    // nothing to do until wait() returns or the clock has moved
};

class Worker {
 public:
  virtual ~Worker() = default;

  // For logs and thread names; at most 15 characters.
  virtual std::string_view name() const = 0;

  // Does one bounded unit of work. An error means that this process cannot go on: it is logged and
  // the process stops. What may pass by itself (exhausted, unavailable) is kept inside and tried
  // again: the answer is then `idle`. Called from one thread.
  virtual Result<Progress> step() = 0;

  // Blocks until there may be work or `span_max` is over; called from step()'s thread after `idle`.
  virtual void wait(Duration span_max) = 0;

  // Makes a wait() in progress return soon. From any thread.
  virtual void wake() = 0;
};

}  // namespace cauce::work
