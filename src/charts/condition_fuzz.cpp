// The conditions of a chart are typed by anyone: no text may do worse than be refused, and one
// that is read must be written so that it is read as the same again.
#include <cstdint>
#include <string_view>

#include "charts/condition.h"
#include "charts/figures/calendar.h"

using namespace cauce;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(bytes), size};
  const Result<charts::Condition> condition = charts::parse_condition(text);
  if (condition) {
    const std::string written = charts::to_text(*condition);
    const Result<charts::Condition> again = charts::parse_condition(written);
    INVARIANT(written.size() > charts::condition_bytes_max || (again && *again == *condition));
    for (const std::string& value : condition->values) {
      const auto moment = charts::figures::parse_moment(value);
      if (!moment) continue;
      for (const auto period : {charts::Period::day, charts::Period::week, charts::Period::month,
                                charts::Period::year}) {
        const auto start = charts::figures::period_start(*moment, period);
        INVARIANT(!start || *start <= *moment);
      }
    }
  }
  return 0;
}
