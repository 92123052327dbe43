// The two clocks of the machine, passed in wherever time matters: nobody calls a system clock.
#pragma once

#include "base/time.h"

namespace cauce {

// May be called from any thread.
class Clock {
 public:
  virtual ~Clock() = default;

  // Wall clock time. May jump in both directions.
  virtual Time now() const = 0;

  // Time since an arbitrary start. Never runs backwards; for windows, time-outs and back-off.
  virtual Duration elapsed() const = 0;
};

class SystemClock final : public Clock {
 public:
  Time now() const override;
  Duration elapsed() const override;
};

// A clock that stands still until it is told to move. One thread only.
class VirtualClock final : public Clock {
 public:
  explicit VirtualClock(Time start) : now_(start) {}

  Time now() const override { return now_; }
  Duration elapsed() const override { return elapsed_; }

  // Lets `span` pass on both clocks.
  void advance(Duration span);
  // Moves the wall clock alone, as an operator or NTP does.
  void set_wall(Time time) { now_ = time; }

 private:
  Time now_;
  Duration elapsed_{0};
};

}  // namespace cauce
