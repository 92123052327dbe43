// Messages that could not be decoded, whole, with stage and reason: DIR/dead_letters.db. Decode
// writes them, api shows them.
//
// A message is one row for ever, by its place in `raw`: what comes twice replaces itself. The store
// is bounded by age, rows and bytes of each company; the oldest go first and are counted in
// `deleted`, never silently. (The lake keeps them all the same.) Tables:
// docs/formats/dead_letters.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "decode/dead_letter.h"
#include "stream/stream.h"

namespace cauce::decode {

struct DeadLetterLimits {
  Duration age_max = std::chrono::days{90};
  std::uint64_t company_rows_max = 100'000;
  // Of payloads. 1 GiB: a thousand of the largest messages.
  std::uint64_t company_bytes_max = 1ULL << 30;
  // Rows that age may delete in one transaction, so that decoding goes on meanwhile.
  std::uint64_t aged_rows_max = 1000;
};

// The only writer; holds a lock on DIR/dead_letters.lock. One thread.
class DeadLetters {
 public:
  // `conflict` naming the holder when another process writes.
  static Result<std::unique_ptr<DeadLetters>> open(const std::filesystem::path& directory,
                                                   DeadLetterLimits limits = {});
  ~DeadLetters();

  // The dead letters of the source range are exactly these, in order; what an earlier try left
  // there is replaced. Survives a power cut when it returns. `now` is stream time and never
  // decreases: what is older than age_max by it goes, an hour of stream time late at most.
  Result<void> replace(const stream::Source& source, const std::vector<DeadLetter>& letters,
                       Time now);

 private:
  struct State;
  explicit DeadLetters(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Copies the dead letters of `directory`, which another process may be writing, to `target`.
// not_found while there are none.
Result<void> copy_dead_letters(const std::filesystem::path& directory,
                               const std::filesystem::path& target);

}  // namespace cauce::decode
