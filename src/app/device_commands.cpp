#include <fmt/core.h>

#include <cstdio>

#include "app/command_output.h"
#include "app/commands.h"
#include "app/local_api.h"

namespace cauce::app {
namespace {

using nlohmann::json;

struct CommandOfDevice {
  std::filesystem::path data = default_data;
  std::string device;
  std::string company;
  OutputFormat format = OutputFormat::table;
  std::string payload;
  std::uint64_t expires_in_s = 86'400;
  std::string id;
};

std::string path_of(const CommandOfDevice& command) {
  return "/devices/" + command.device + "/commands";
}

void print_command(const json& command, OutputFormat format) {
  print_object(command, {"id", "state", "topic", "given_at", "expires_at", "sent_at"}, format);
}

// JSON as JSON, any other text as it is.
json payload_of(const std::string& text) {
  json value = json::parse(text, nullptr, false);
  return value.is_discarded() ? json(text) : value;
}

Result<void> run_send(const CommandOfDevice& command) {
  const Result<LocalApi> api = LocalApi::of(command.data);
  if (!api) return api.error();
  const json body{{"payload", payload_of(command.payload)}, {"expires_in_s", command.expires_in_s}};
  const Result<json> given = api->call("POST", path_of(command), about(command.company), body);
  if (!given) return given.error().during("device " + command.device);
  print_command(*given, command.format);
  return {};
}

Result<void> run_list(const CommandOfDevice& command) {
  const Result<LocalApi> api = LocalApi::of(command.data);
  if (!api) return api.error();
  const Result<std::vector<json>> items = api->items(path_of(command), about(command.company));
  if (!items) return items.error().during("device " + command.device);
  print_items(*items, {"id", "state", "given_at", "expires_at", "given_by", "payload_start"},
              command.format);
  return {};
}

Result<void> run_show(const CommandOfDevice& command) {
  const Result<LocalApi> api = LocalApi::of(command.data);
  if (!api) return api.error();
  Result<json> shown =
      api->call("GET", path_of(command) + '/' + command.id, about(command.company));
  if (!shown) return shown.error().during("command " + command.id);
  if (command.format == OutputFormat::table) {
    const json answer = shown->at("answer");
    (*shown)["answer"] = answer.is_null() ? json() : answer.at("text");
  }
  print_object(*shown,
               {"id", "state", "topic", "content_type", "payload", "given_at", "given_by",
                "expires_at", "sent_at", "bridged_at", "left_at", "acknowledged_at", "refused_at",
                "withdrawn_at", "answered_at", "answer"},
               command.format);
  return {};
}

Result<void> run_withdraw(const CommandOfDevice& command) {
  const Result<LocalApi> api = LocalApi::of(command.data);
  if (!api) return api.error();
  const Result<json> withdrawn =
      api->call("DELETE", path_of(command) + '/' + command.id, about(command.company));
  if (!withdrawn) return withdrawn.error().during("command " + command.id);
  print_command(*withdrawn, command.format);
  if (command.format == OutputFormat::table && !(*withdrawn)["sent_at"].is_null())
    std::printf("\nit was sent before: the device may have it, and may carry it out\n");
  return {};
}

using Run = Result<void> (*)(const CommandOfDevice&);

std::pair<Command, std::shared_ptr<CommandOfDevice>> add(Command family, const char* name,
                                                         const char* help, Run run) {
  const auto chosen = std::make_shared<CommandOfDevice>();
  Command added = family.add_command(name, help);
  added.add_option("--data", chosen->data, data_help);
  added.add_option("--company", chosen->company, "needed when there are several");
  added.add_option("name", chosen->device, "the device").required();
  added.runs([chosen, run] { return run(*chosen); });
  added.add_format(chosen->format);
  return {added, chosen};
}

}  // namespace

void add_commands_of_device(Command device) {
  Command family = device.add_command("command", "commands for a device, and what came of them");
  family.require_command();
  auto [send, sent] = add(family, "send", "give it a command, which waits for it", run_send);
  send.add_option("payload", sent->payload, "JSON, or any other text").required();
  send.add_option("--expires-in", sent->expires_in_s, "how many seconds it waits (default: a day)")
      .within(1, 86'400);
  add(family, "list", "its commands of the last 30 days, the newest first", run_list);
  auto [show, looked_at] =
      add(family, "show", "one command whole, and what the device answered", run_show);
  show.add_option("id", looked_at->id, "of the command").required();
  auto [withdraw, withdrawn] =
      add(family, "withdraw", "do not send a command any more", run_withdraw);
  withdraw.add_option("id", withdrawn->id, "of the command").required();
}

}  // namespace cauce::app
