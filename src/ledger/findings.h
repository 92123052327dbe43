// What is wrong with a device, as far as its ledger says: sentences for who has to mend it, in
// English and Spanish. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ledger/ledger_reader.h"

namespace cauce::ledger {

struct Finding {
  // "never_seen", "silent", "interrupted", "undecodable", "missing", "restarted", "duplicates",
  // "clock_ahead", "clock_behind", "number_absent" or "gaps_unknown".
  std::string_view code;
  std::string text_en;
  std::string text_es;

  bool operator==(const Finding&) const = default;
};

// Beyond these something is said.
struct FindingLimits {
  // A silence is unusual when it is this many times the typical interval, and twice the longest of
  // the last ones, and at least silence_min.
  int silence_share = 5;
  Duration silence_min = std::chrono::seconds{60};
  // Typical skew of a clock. What a network takes is less.
  Duration skew_max = std::chrono::seconds{30};
};

// The gravest first; empty when nothing is wrong. Counts are those of the last two days.
std::vector<Finding> findings_of(const Sheet& sheet, FindingLimits limits = {});

// The two days of the hours.
Tally recent_tally(const Sheet& sheet);

// "12 s", "3 min", "2 h 10 min", "5 d": the same in both languages.
std::string words_of(Duration span);

}  // namespace cauce::ledger
