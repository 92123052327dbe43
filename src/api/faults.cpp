#include "api/faults.h"

#include <algorithm>
#include <span>

#include "charts/reasons.h"
#include "datasets/refusals.h"

namespace cauce::api {

Answer answer_of_faults(const Error& error, const datasets::Report* report) {
  Answer answer = Answer::refused(422, error.message);
  Json faults = Json::array();
  std::uint64_t count = 0;
  if (report != nullptr) {
    count = report->fault_count;
    const std::size_t shown = std::min(report->faults.size(), faults_shown_max);
    for (const datasets::Fault& fault : std::span(report->faults).first(shown)) {
      faults.push_back({{"line", fault.line == 0 ? Json() : Json(fault.line)},
                        {"column", fault.column.empty() ? Json() : Json(fault.column)},
                        {"value", fault.value}});
    }
  }
  answer.members = {{"errors", faults}, {"error_count", count}};
  auto spanish = datasets::refusal_in_spanish(error.message);
  if (!spanish) spanish = charts::reason_in_spanish(error.message);
  if (spanish) answer.members.set("text", Json{{"en", error.message}, {"es", *spanish}});
  return answer;
}

}  // namespace cauce::api
