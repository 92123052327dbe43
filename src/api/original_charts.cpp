// The calls of the chart service that came before, so that its front end need not change: each is
// about the data set that the caller's company uploaded last and answers {"response": …}.
#include <nlohmann/json.hpp>

#include "api/chart_answer.h"
#include "api/data_set_json.h"
#include "api/handlers.h"
#include "api/query.h"

namespace cauce::api {
namespace {

Answer response(const Json& json) {
  return answer(200, {{"response", json}});
}

Result<Answer> plot(Call& call, const std::string& kind, const ChartOptions& options,
                    bool side_by_side = false) {
  const auto set = call.house.data.store().last_uploaded(call.company, viewer_of(call));
  if (!set) return set.error();
  ChartAsk ask;
  ask.kind = kind;
  ask.data_set = set->id;
  ask.side_by_side = side_by_side;
  for (const auto& [name, value] : options) {
    if (!value.empty()) ask.options.emplace_back(name, value);
  }
  return pin_chart(call, ask, call.options.link_span,
                   [](const Pinned& pinned) { return response(pinned.linked(Picture::png)); });
}

}  // namespace

Result<Answer> load_data(Call& call) {
  if (!call.request.file)
    return Error{Outcome::invalid, "The body is empty: send the file as the field \"file\"."};
  Intake intake;
  intake.file_name = call.request.file->name();
  intake.name = intake.file_name.empty() ? "data" : intake.file_name;
  if (auto fits = call.house.data.store().check_name(intake.name); !fits) intake.name = "data";
  intake.body = call.request.file;
  return take_in(call, std::move(intake), [](const datasets::DataSet& set) -> Result<Answer> {
    return response("/api/v1/datasets/" + set.id);
  });
}

Result<Answer> list_columns(Call& call) {
  const auto set = call.house.data.store().last_uploaded(call.company, viewer_of(call));
  if (!set) return set.error();
  const auto text = call.house.data.store().summary(call.company, *set, set->latest());
  if (!text) return text.error();
  const auto summary = nlohmann::json::parse(*text, nullptr, false);
  Json names = Json::array();
  for (const auto& column : summary["columns"]) {
    names.push_back(column["name"].get<std::string>());
  }
  return response(names);
}

Result<Answer> plot_scatter(Call& call) {
  return plot(
      call, "scatter",
      {{"x", parameter(call, "x")}, {"y", parameter(call, "y")}, {"color", parameter(call, "c")}});
}

Result<Answer> plot_bar(Call& call) {
  return plot(call, "bar", {{"x", parameter(call, "x")}, {"y", parameter(call, "y")}});
}

Result<Answer> plot_density(Call& call) {
  return plot(call, "density", {{"x", "value"}, {"by", "column"}}, true);
}

Result<Answer> plot_box(Call& call) {
  return plot(call, "box", {{"y", "value"}, {"by", "column"}}, true);
}

}  // namespace cauce::api
