// The cauce that served a data directory before this one, when it was killed a moment ago: the
// kernel takes its processes down one by one, and until then they hold their locks and ports.
#pragma once

#include <filesystem>
#include <memory>

#include "app/run_directory.h"
#include "base/result.h"
#include "disk/directory.h"

namespace cauce::app {

// The most that a start waits for a predecessor's supervisor, and then for its processes.
constexpr std::chrono::seconds predecessor_patience{5};

// Takes the lock of the data directory, once the supervisor before us is gone, and returns when the
// processes that it started are gone, too; the log says what is waited for. `conflict` names the
// holder when it does not go. Processes that do not go are left to whoever meets them.
Result<std::unique_ptr<disk::Lock>> succeed_predecessor(const std::filesystem::path& data,
                                                        const RunDirectory& run);

// What the processes of cauce are called in /proc/PID/comm: as much of "cauce-NAME" as Linux keeps.
std::string kernel_name_of(std::string_view process);

// Whether the process has let go of all it held: it is gone, or its last thread is. `name` is as
// kernel_name_of() says; a process of another name has taken the number over.
bool has_ended(int pid, std::string_view name);

}  // namespace cauce::app
