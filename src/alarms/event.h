// The records of the topic `events`: JSON, one object each, as docs/formats/events.md says.
#pragma once

#include <cstdint>

#include "alarms/alarm.h"
#include "base/bytes.h"

namespace cauce::alarms {

enum class EventType { raised, cleared };

// `sequence` counts the events of this installation from 0 without gaps.
Bytes alarm_event(EventType type, const Alarm& alarm, std::uint64_t sequence);
Bytes gap_event(const Gap& gap, std::uint64_t sequence);

}  // namespace cauce::alarms
