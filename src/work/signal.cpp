#include "work/signal.h"

namespace cauce::work {

void Signal::set() {
  {
    const std::lock_guard lock{mutex_};
    set_ = true;
  }
  changed_.notify_all();
}

void Signal::wait(Duration span_max) {
  std::unique_lock lock{mutex_};
  changed_.wait_for(lock, span_max, [this] { return set_; });
  set_ = false;
}

}  // namespace cauce::work
