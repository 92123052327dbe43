// Any bytes as the CSV of a series: it answers, in one piece as in pieces, and every score that
// comes out lies in [0, 1]. What was read before an error is what a reader of a pipe has seen.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "alarms/detectors/scored_csv.h"
#include "base/invariant.h"

namespace {

using cauce::Bytes;
using cauce::BytesView;
using cauce::alarms::detectors::ScoredCsv;

struct Answer {
  Bytes rows;
  Bytes error;
  bool operator==(const Answer&) const = default;
};

Answer answer_to(BytesView bytes, std::size_t piece_bytes) {
  ScoredCsv::Limits limits;
  limits.line_bytes_max = 200;
  limits.columns_max = 5;
  ScoredCsv csv{limits};
  Answer answer;
  cauce::Result<void> done;
  while (done && !bytes.empty()) {
    done = csv.take(bytes.substr(0, piece_bytes), answer.rows);
    bytes.remove_prefix(std::min(piece_bytes, bytes.size()));
  }
  if (done) done = csv.finish(answer.rows);
  if (!done) answer.error = done.error().message;
  return answer;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView bytes{reinterpret_cast<const char*>(data), size};
  const Answer whole = answer_to(bytes, size + 1);
  INVARIANT(whole == answer_to(bytes, 1));
  INVARIANT(whole == answer_to(bytes, 13));
  std::size_t line = whole.rows.find('\n');
  while (line != Bytes::npos && line + 1 < whole.rows.size()) {
    const std::size_t end = whole.rows.find('\n', line + 1);
    const std::size_t comma = whole.rows.rfind(',', end);
    const double score = std::strtod(whole.rows.c_str() + comma + 1, nullptr);
    INVARIANT(score >= 0 && score <= 1);
    line = end;
  }
  return 0;
}
