// What the api shows of rooms on its own floor and of the machine (api/sources.h), put together
// from alarms, dead letters, the run directory, the disk and the stream's heads.
#pragma once

#include <memory>

#include "api/sources.h"
#include "app/role.h"

namespace cauce::app {

// Each is used by one thread. `machine` outlives them.
std::unique_ptr<api::AlarmHistory> make_alarm_history(const Machine& machine);
std::unique_ptr<api::DeadLetterShelf> make_dead_letter_shelf(const Machine& machine);
Result<std::unique_ptr<api::Platform>> make_platform(const Machine& machine);

}  // namespace cauce::app
