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

struct AlarmsList {
  std::filesystem::path data = default_data;
  std::string company;         // needed when there are several
  std::string device;          // empty: every device
  std::string state = "open";  // or "all"
  OutputFormat format = OutputFormat::table;
  std::size_t alarms_max = 1000;
};

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

Result<void> run_alarms_list(const AlarmsList& command) {
  const Result<LocalApi> api = LocalApi::of(command.data);
  if (!api) return api.error();
  bool is_cut = false;
  Result<std::vector<json>> alarms = read_alarms(*api, command, is_cut);
  if (!alarms) return alarms.error();
  const bool for_people = command.format == OutputFormat::table;
  if (for_people) {
    for (json& alarm : *alarms)
      alarm["text"] = alarm.value("text", json::object()).value("en", "");
  }
  print_items(*alarms, {"id", "raised_at", "state", "severity", "device", "rule", "text"},
              command.format);
  if (is_cut) {
    std::fprintf(stderr, "there are more than these %zu alarms; ask for them with --alarms\n",
                 alarms->size());
  }
  return {};
}

}  // namespace

void add_alarms_command(Command program) {
  const auto command = std::make_shared<AlarmsList>();
  Command alarms = program.add_command("alarms", "list alarms of a running cauce");
  alarms.add_option("--data", command->data, data_help);
  alarms.add_option("--company", command->company, "needed when there are several");
  alarms.add_option("--device", command->device, "of this device alone");
  alarms.add_option("--state", command->state, "open (default) or all").one_of({"open", "all"});
  alarms.add_format(command->format);
  alarms.add_option("--alarms", command->alarms_max, "at most so many, the youngest (1000)")
      .within(1, 1'000'000);
  alarms.runs([command] { return run_alarms_list(*command); });
}

}  // namespace cauce::app
