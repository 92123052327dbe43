// An alarm in one sentence, built from its fields, for notices and the console.
#pragma once

#include <string>

#include "alarms/alarm.h"

namespace cauce::alarms {

enum class Language { english, spanish };

// "humidity 91.6 %, above 85 % since 2026-11-21T10:00:00Z"
// "silent for 10 s, last value 27.3 °C" / "sin datos desde hace 10 s, último valor 27,3 °C"
// "humidity 91.6 %, 44 above anything in 3 h 15 min"
// "500 messages cannot be decrypted: key 7 sent, key 3 on record"
std::string sentence_about(const Alarm& alarm, Language language);

// "not evaluated from … to …: …"
std::string sentence_about(const Gap& gap, Language language);

// A unit as people write it: "Cel" is "°C". Unknown ones stay as they are.
std::string unit_for_people(std::string_view unit);

}  // namespace cauce::alarms
