#include <algorithm>
#include <cstdio>
#include <vector>

#include "app/command_output.h"
#include "app/commands.h"
#include "app/local_api.h"

namespace cauce::app {
namespace {

using nlohmann::json;

constexpr std::size_t page_alarms = 1000;

// The youngest first; `is_cut` when there are more than asked for.
Result<std::vector<json>> read_alarms(const LocalApi& api, const AlarmsList& command,
                                      bool& is_cut) {
  LocalApi::Query query = about(command.company);
  query["state"] = command.state;
  if (!command.device.empty()) query["device"] = command.device;
  std::vector<json> alarms;
  for (;;) {
    query["limit"] = std::to_string(std::min(page_alarms, command.alarms_max - alarms.size()));
    const Result<json> page = api.call("GET", "/alarms", query);
    if (!page) return page.error();
    for (const json& alarm : page->value("items", json::array()))
      alarms.push_back(alarm);
    const json next = page->value("next", json());
    is_cut = next.is_string() && !next.get<std::string>().empty();
    if (!is_cut || alarms.size() >= command.alarms_max) return alarms;
    query["after"] = next.get<std::string>();
  }
}

}  // namespace

Result<void> run_alarms_list(const AlarmsList& command) {
  const Result<LocalApi> api = LocalApi::of(command.data);
  if (!api) return api.error();
  bool is_cut = false;
  Result<std::vector<json>> alarms = read_alarms(*api, command, is_cut);
  if (!alarms) return alarms.error();
  const bool for_people = command.format == "table";
  if (for_people) {
    for (json& alarm : *alarms)
      alarm["text"] = alarm.value("text", json::object()).value("en", "");
  }
  print_items(*alarms, {"id", "raised_at", "state", "severity", "device", "rule", "text"},
              for_people ? OutputFormat::table : OutputFormat::json);
  if (is_cut) {
    std::fprintf(stderr, "there are more than these %zu alarms; ask for them with --alarms\n",
                 alarms->size());
  }
  return {};
}

}  // namespace cauce::app
