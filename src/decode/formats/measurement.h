// One value as a payload format reads it, before it gets the names of who sent it.
#pragma once

#include <string>

#include "record/reading.h"

namespace cauce::decode {

struct Measurement {
  std::string metric;  // is_metric() holds
  Time time;           // in [time_min, time_max)
  record::Value value;
  std::string unit = {};  // as the device says it; empty when it says nothing

  bool operator==(const Measurement&) const = default;
};

}  // namespace cauce::decode
