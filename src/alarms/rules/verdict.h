// What a rule says about one event. The rules of this folder are state machines without I/O: the
// same events always give the same verdicts, so a restart that replays them changes nothing.
#pragma once

namespace cauce::alarms::rules {

enum class Verdict {
  ignored,  // says nothing about the condition: too old to be judged
  quiet,    // the condition does not hold, or not for long enough yet
  raise,    // it holds: from now on raised
  stays,    // raised before, and still
  clear,    // raised before, and now over
};

}  // namespace cauce::alarms::rules
