#include "api/faults.h"

#include <nlohmann/json.hpp>

#include "api/json.h"

namespace cauce::api {

Answer answer_of_faults(const Error& error, const datasets::Report* report) {
  Answer answer = Answer::refused(422, error.message);
  Json faults = Json::array();
  std::uint64_t count = 0;
  if (report != nullptr) {
    count = report->fault_count;
    for (const datasets::Fault& fault : report->faults) {
      if (faults.size() == faults_shown_max) break;
      faults.push_back({{"line", fault.line == 0 ? Json() : Json(fault.line)},
                        {"column", fault.column.empty() ? Json() : Json(fault.column)},
                        {"value", fault.value}});
    }
  }
  answer.members = text_of({{"errors", faults}, {"error_count", count}});
  return answer;
}

}  // namespace cauce::api
