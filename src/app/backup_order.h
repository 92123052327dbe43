// In which order the stores of a running cauce are copied, so that the copies together are a state
// from which it goes on without losing or counting twice: docs/decisions/005-backup-order.md.
#pragma once

#include <functional>
#include <string_view>

#include "app/backup_target.h"
#include "app/engines.h"

namespace cauce::app {

// Told after each step, by the name of what was copied; the world may go on meanwhile.
using AfterStep = std::function<void(std::string_view step)>;

// Copies everything into `target` and says in `note` how far the topics reach.
Result<void> copy_stores(const Engines& engines, bool with_key, BackupTarget& target,
                         BackupNote& note, const AfterStep& after_step);

}  // namespace cauce::app
