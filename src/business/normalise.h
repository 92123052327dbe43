// A reading in the words and units of its device type: what processing writes into facts and what
// alarms compare with a rule.
#pragma once

#include <string>

#include "base/result.h"
#include "business/business.h"
#include "record/reading.h"

namespace cauce::business {

struct Normalised {
  std::string metric;
  record::Value value;  // a double is finite
  std::string unit;

  bool operator==(const Normalised&) const = default;
};

// Applies the type's mapping of reading.metric: a double becomes value * scale + offset, a truth
// value or a text only gets the metric and the unit. What is not mapped keeps metric, value and
// unit; so does everything when `type` is nullptr.
// `invalid` when the result is not a finite number; what becomes of the reading, which is as it
// was, is for the caller to decide and to say. Pure; any thread.
Result<Normalised> normalise(const record::Reading& reading, const DeviceType* type);

}  // namespace cauce::business
