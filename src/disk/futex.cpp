#include "disk/futex.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <climits>
#include <ctime>

namespace cauce::disk {

void wait_while(const std::uint32_t& word, std::uint32_t value, Duration span_max) {
  const std::int64_t span = std::max<std::int64_t>(0, span_max.count());
  timespec limit{};
  limit.tv_sec = time_t(span / 1'000'000);
  limit.tv_nsec = long(span % 1'000'000) * 1000;
  syscall(SYS_futex, &word, FUTEX_WAIT, value, &limit, nullptr, 0);
}

void wake_all(const std::uint32_t& word) {
  syscall(SYS_futex, &word, FUTEX_WAKE, INT_MAX, nullptr, nullptr, 0);
}

}  // namespace cauce::disk
