// Times, spans, names and hexadecimal digits out of any text: what is accepted is within its limits
// and comes back the same from the text that we would write for it.
#include <cstddef>
#include <cstdint>
#include <regex>

#include "base/bytes.h"
#include "base/invariant.h"
#include "base/names.h"
#include "base/time.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  using namespace cauce;
  const std::string text(reinterpret_cast<const char*>(bytes), size);
  if (const Result<Time> time = parse_time(text)) {
    INVARIANT(*time >= time_min && *time < time_max);
    const Result<Time> again = parse_time(format_time(*time));
    INVARIANT(again && *again == *time);
    INVARIANT(format_time(*time).starts_with(day_of(*time)));
  }
  if (const Result<Duration> span = parse_duration(text)) {
    INVARIANT(*span >= Duration::zero());
    INVARIANT(text.find_first_of("0123456789") == 0);
  }
  // std::regex recurses for every character, so long texts are for is_name alone.
  static const std::regex name{"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}"};
  INVARIANT(is_name(text) == (size <= 200 && std::regex_match(text, name)));
  static const std::regex metric{"[A-Za-z0-9][A-Za-z0-9_./-]{0,127}"};
  INVARIANT(is_metric(text) == (size <= 200 && std::regex_match(text, metric)));
  if (Bytes decoded; from_hex(text, decoded)) INVARIANT(decoded.size() * 2 == size);
  return 0;
}
