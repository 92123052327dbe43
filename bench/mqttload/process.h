// What the kernel says that a process has used.
#pragma once

#include <cstdint>
#include <string>

namespace mqttload {

// User and system time of all threads of that process, ended ones included, in microseconds; its
// children do not count. 0 when there is no such process. The kernel counts in ticks of 10 ms.
std::uint64_t cpu_microseconds(int pid);

// Its memory that is resident, in KiB, without the pages of files that it maps (how many of its own
// program's are in memory is the kernel's choice); 0 when there is no such process.
std::uint64_t own_resident_kib(int pid);

}  // namespace mqttload
