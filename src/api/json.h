// Writing JSON answers. (Reading requests is body.h.)
#pragma once

#include <optional>
#include <string>

#include "api/call.h"
#include "base/time.h"
#include "record/reading.h"

namespace cauce::api {

Answer answer(int status, const Json& json);

// The `next` of a list: null when nothing follows.
Json next_of(const std::string& cursor);
Json json_of(const record::Value& value);
Json json_of(const std::optional<Time>& time);

Json json_of(const Alarm& alarm);            // alarms.cpp
Json json_of(const DeadLetterCount& count);  // dead_letters.cpp

}  // namespace cauce::api
