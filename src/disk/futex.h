// Sleeping on a word of memory that another process may share (futex(2)), instead of polling it.
#pragma once

#include <cstdint>

#include "base/time.h"

namespace cauce::disk {

// Sleeps until the word is woken, or `span_max` is over; returns at once when it is not `value`.
// May also return for no reason. The memory may be mapped read-only.
void wait_while(const std::uint32_t& word, std::uint32_t value, Duration span_max);

// Wakes all that wait on it, in every process.
void wake_all(const std::uint32_t& word);

}  // namespace cauce::disk
