// A CSV of one series goes in, the same rows with an anomaly score come out, as `cauce detect`
// does it. Bytes may be handed over in pieces of any size; what was taken in is answered at once,
// so that it works on a pipe that never ends. No I/O; memory is one line and one detector.
//
// In: a header that names the columns `timestamp` and `value` in any order (others are passed
// over), then one row a line (RFC 4180 quotes, LF or CRLF, a byte order mark). A timestamp is RFC
// 3339; without an offset it is UTC. A value is a decimal number; empty, NA, NaN, null or none is a
// missing one: its row comes out with the score 0. Empty lines are passed over.
// Out: timestamp,value,anomaly_score with both fields as they came, and the score from 0 to 1.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "alarms/detectors/record_novelty.h"
#include "base/bytes.h"
#include "base/result.h"

namespace cauce::alarms::detectors {

class ScoredCsv {
 public:
  struct Limits {
    std::size_t line_bytes_max = 64 << 10;
    std::size_t columns_max = 1000;
  };

  explicit ScoredCsv(Limits limits) : limits_(limits) {}

  // Appends to `target` the rows that `piece` completes. `invalid` naming line, column and value;
  // nothing may be taken in after that.
  Result<void> take(BytesView piece, Bytes& target);
  // The end of the input: its last line may lack a line break. `invalid` when there was no header.
  Result<void> finish(Bytes& target);

  std::uint64_t rows() const { return rows_; }

 private:
  Result<void> take_line(std::string_view line, Bytes& target);
  Result<void> split(std::string_view line);
  Result<void> take_header();
  Error at_line(std::string text) const;

  Limits limits_;
  RecordNovelty detector_;
  Bytes rest_;  // of a line whose end has not come
  std::vector<std::string> fields_;
  std::uint64_t line_ = 0;
  std::uint64_t rows_ = 0;
  bool has_header_ = false;
  std::size_t timestamp_column_ = 0;
  std::size_t value_column_ = 0;
};

}  // namespace cauce::alarms::detectors
