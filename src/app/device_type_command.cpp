#include <cstdio>

#include "app/command_output.h"
#include "app/commands.h"
#include "app/local_api.h"

namespace cauce::app {
namespace {

using nlohmann::json;

struct TypeChoice {
  std::filesystem::path data = default_data;
  std::string company;
  std::string name;
  std::string sequence;
  OutputFormat format = OutputFormat::table;
};

Result<void> list_types(const TypeChoice& command) {
  const Result<LocalApi> api = LocalApi::of(command.data);
  if (!api) return api.error();
  const Result<std::vector<json>> types = api->items("/device-types", about(command.company));
  if (!types) return types.error();
  print_items(*types, {"name", "format", "encryption", "sequence"}, command.format);
  return {};
}

Result<void> name_sequence(const TypeChoice& command) {
  const Result<LocalApi> api = LocalApi::of(command.data);
  if (!api) return api.error();
  const Result<json> changed = api->call("PATCH", "/device-types/" + command.name,
                                         about(command.company), {{"sequence", command.sequence}});
  if (!changed) return changed.error().during("device type " + command.name);
  if (command.sequence.empty()) {
    std::printf("type     %s: no value counts messages\n", command.name.c_str());
  } else {
    std::printf("type     %s: %s counts messages\n", command.name.c_str(),
                command.sequence.c_str());
  }
  return {};
}

std::shared_ptr<TypeChoice> add_choice(Command command, Result<void> (*run)(const TypeChoice&)) {
  const auto choice = std::make_shared<TypeChoice>();
  command.add_option("--data", choice->data, data_help);
  command.add_option("--company", choice->company, "needed when there are several");
  command.runs([choice, run] { return run(*choice); });
  return choice;
}

}  // namespace

void add_device_type_command(Command program) {
  Command type = program.add_command("device-type", "manage device types of a running cauce");
  type.require_command();
  Command list = type.add_command("list", "the device types of a company");
  list.add_format(add_choice(list, list_types)->format);
  Command sequence = type.add_command(
      "sequence", "say which value counts a device's messages, so that gaps are seen");
  const auto choice = add_choice(sequence, name_sequence);
  sequence.add_option("name", choice->name, "the device type").required();
  sequence.add_option("metric", choice->sequence, "the value, as the device names it; \"\": none")
      .required();
}

}  // namespace cauce::app
