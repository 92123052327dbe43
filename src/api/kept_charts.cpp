// Charts that have an address: which there are, and taking an address back, which ends its links.
#include "api/chart_answer.h"
#include "api/chart_desk.h"
#include "api/data_desk.h"
#include "api/data_set_json.h"
#include "api/handlers.h"
#include "api/query.h"

namespace cauce::api {
namespace {

Json json_of(const Pin& pin) {
  const bool is_series = pin.data_set.empty();
  return {{"id", pin.id},
          {"kind", pin.kind},
          {"dataset", is_series ? Json() : Json(pin.data_set)},
          {"version", is_series ? Json() : Json(pin.version)},
          {"alternative_text", pin.alternative_text},
          {"created_at", format_time(pin.created_at)},
          {"urls", urls_of(pin)}};
}

// A chart is seen by those who see its data set; a series by everybody.
bool is_seen(const Call& call, const Pin& pin) {
  return pin.data_set.empty() ||
         call.house.data.store().find(call.company, pin.data_set, viewer_of(call)).has_value();
}

}  // namespace

Result<Answer> list_charts(Call& call) {
  const auto limit = limit_of(call);
  if (!limit) return limit.error();
  const std::string data_set = parameter(call, "dataset");
  if (!data_set.empty()) {
    if (auto set = call.house.data.store().find(call.company, data_set, viewer_of(call)); !set)
      return set.error();
  }
  const auto page =
      call.house.charts.pins().list(call.company, data_set, parameter(call, "after"), *limit,
                                    [&call](const Pin& pin) { return is_seen(call, pin); });
  if (!page) return page.error().outcome == Outcome::invalid ? damaged_cursor() : page.error();
  Json items = Json::array();
  for (const Pin& pin : page->pins) {
    items.push_back(json_of(pin));
  }
  return answer(200, {{"items", items}, {"next", next_of(page->next)}});
}

Result<Answer> remove_chart(Call& call) {
  const auto pin = call.house.charts.pins().find(call.company, call.parameters[0]);
  if (pin && !is_seen(call, *pin))
    return Error{Outcome::not_found, "There is no such chart, or no longer."};
  const auto removed = call.house.charts.pins().remove(call.company, call.parameters[0]);
  if (!removed) return removed.error();
  return Answer{.status = 204};
}

}  // namespace cauce::api
