#include "ledger/tally.h"

#include <algorithm>

namespace cauce::ledger {

void add(Tally& tally, const Tally& more) {
  tally.messages += more.messages;
  tally.payload_bytes += more.payload_bytes;
  tally.readings += more.readings;
  tally.dead_letters += more.dead_letters;
  tally.duplicates += more.duplicates;
  tally.missing += more.missing;
  tally.late += more.late;
  tally.repeated += more.repeated;
  tally.restarts += more.restarts;
  if (more.silence_longest > tally.silence_longest) {
    tally.silence_longest = more.silence_longest;
    tally.silence_until = more.silence_until;
  }
  if (more.behind_most)
    tally.behind_most = std::max(tally.behind_most.value_or(*more.behind_most), *more.behind_most);
  if (more.ahead_most)
    tally.ahead_most = std::min(tally.ahead_most.value_or(*more.ahead_most), *more.ahead_most);
}

}  // namespace cauce::ledger
