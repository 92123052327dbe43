#include "charts/recommend_json.h"

#include <fmt/format.h>

#include "base/json.h"
#include "charts/options.h"

namespace cauce::charts {
namespace {

Json options_of(const Request& request) {
  Json options = Json::object();
  const auto set = [&options](std::string_view name, const std::string& column) {
    if (!column.empty()) options.set(name, column);
  };
  set("x", request.x);
  set("y", request.y);
  set("color", request.color);
  set("by", request.by);
  set("columns", fmt::format("{}", fmt::join(request.columns, ",")));
  if (request.marks != Marks::box) set("marks", std::string(name_of(request.marks)));
  return options;
}

}  // namespace

std::string recommendations_json(const std::vector<ColumnSummary>& columns) {
  const std::vector<Recommendation> english = recommend(columns, Locale::en);
  const std::vector<Recommendation> spanish = recommend(columns, Locale::es);
  Json all = Json::array();
  for (std::size_t number = 0; number < english.size(); ++number) {
    const Request& request = english[number].request;
    const Json reason = {{"en", english[number].reason}, {"es", spanish[number].reason}};
    all.push_back(
        {{"kind", name_of(request.kind)}, {"options", options_of(request)}, {"reason", reason}});
  }
  const Json json = {{"recommendations", all}};
  return json.text();
}

}  // namespace cauce::charts
