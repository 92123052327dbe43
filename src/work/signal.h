// Something happened: lets one thread sleep until others have something for it. Set before or
// during a wait, it ends that wait; several sets are one. Any thread.
#pragma once

#include <condition_variable>
#include <mutex>

#include "base/time.h"

namespace cauce::work {

class Signal {
 public:
  void set();
  // Returns when set (and unsets it) or when `span_max` is over.
  void wait(Duration span_max);

 private:
  std::mutex mutex_;  // guards set_
  std::condition_variable changed_;
  bool set_ = false;
};

}  // namespace cauce::work
