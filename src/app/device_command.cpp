#include <fmt/core.h>

#include <cstdio>

#include "app/command_output.h"
#include "app/commands.h"
#include "app/limit_options.h"
#include "app/local_api.h"
#include "app/read_password.h"
#include "base/clock.h"
#include "work/signal.h"

namespace cauce::app {
namespace {

using nlohmann::json;

constexpr const char* first_company = "main";
constexpr Duration look_interval = std::chrono::milliseconds{300};

struct DeviceAdd {
  std::filesystem::path data = default_data;
  std::string name;
  std::string company;
  std::string type;  // empty: plain JSON, or encrypted JSON
  std::string site;
  std::string area;
  bool encrypted = false;
  bool bridge = false;
  bool no_wait = false;
};

// What the other commands name.
struct DeviceChoice {
  std::filesystem::path data = default_data;
  std::string name;
  std::string company;
  OutputFormat format = OutputFormat::table;
  bool keep_earlier = false;  // of a token or a shared key
  bool brings_key = false;    // a shared one, on standard input; else one is made
  std::string identity;       // of a shared key; empty: all of them
  GivenLimits limits;
};

void print_credentials(const json& made) {
  std::printf("device   %s (company %s, type %s)\n", text_of(made["device"]).c_str(),
              text_of(made["company"]).c_str(), text_of(made["type"]).c_str());
  std::printf("token    %s\n", text_of(made["token"]).c_str());
  if (made.value("encryption", "none") != "none") {
    std::printf("key      %s (AES-256-GCM, key id %s; docs/formats/encryption.md)\n",
                text_of(made["key"]).c_str(), text_of(made["key_id"]).c_str());
  }
  std::printf("         shown this once: keep them\n");
  std::printf("publish  %s\n", text_of(made["publish"]).c_str());
  std::printf("or       %s\n", text_of(made["publish_http"]).c_str());
}

// Prints the device's values when the first have come; until then says why nothing can be seen.
Result<void> wait_for_first_message(const LocalApi& api, const json& made) {
  std::printf("waiting for the first message … (Ctrl-C stops waiting; the device stays)\n");
  std::fflush(stdout);
  work::Signal never;
  std::uint64_t undecodable_shown = 0;
  const std::string path = "/devices/" + text_of(made["device"]);
  for (;;) {
    const Result<json> device = api.call("GET", path, about(text_of(made["company"])));
    if (!device) return device.error();
    const std::uint64_t undecodable = device->value("undecodable", std::uint64_t{0});
    if (undecodable > undecodable_shown) {
      std::printf("%llu messages arrived that cannot be decoded; the page says why\n",
                  static_cast<unsigned long long>(undecodable));
      std::fflush(stdout);
      undecodable_shown = undecodable;
    }
    const json values = device->value("last_values", json::array());
    if (!values.empty()) {
      for (const json& value : values) {
        std::printf("received %s  %s %s  at %s\n", text_of(value["value"]).c_str(),
                    text_of(value["metric"]).c_str(), value.value("unit", "").c_str(),
                    text_of(value["time"]).c_str());
      }
      return {};
    }
    never.wait(look_interval);
  }
}

// On a new installation there is no company yet: the first device brings the first one.
Result<void> ensure_company(const LocalApi& api) {
  const Result<json> companies = api.call("GET", "/companies");
  if (!companies) return companies.error();
  if (!companies->value("items", json::array()).empty()) return {};
  const Result<json> made =
      api.call("POST", "/companies", {}, {{"name", first_company}, {"title", "Main"}});
  if (!made) return made.error();
  std::printf("company  %s (the first one, made for this device)\n", first_company);
  return {};
}

Result<void> run_add(const DeviceAdd& command) {
  const Result<LocalApi> api = LocalApi::of(command.data);
  if (!api) return api.error();
  if (command.company.empty()) {
    if (const Result<void> ensured = ensure_company(*api); !ensured) return ensured;
  }
  json body{{"name", command.name}};
  if (!command.type.empty()) body["type"] = command.type;
  if (!command.site.empty()) body["site"] = command.site;
  if (!command.area.empty()) body["area"] = command.area;
  if (command.encrypted) body["encrypted"] = true;
  if (command.bridge) body["bridge"] = true;
  const Result<json> made = api->call("POST", "/devices", about(command.company), body);
  if (!made) return made.error().during("add device " + command.name);
  print_credentials(*made);
  return command.no_wait ? Result<void>{} : wait_for_first_message(*api, *made);
}

Result<void> run_list(const DeviceChoice& command) {
  const Result<LocalApi> api = LocalApi::of(command.data);
  if (!api) return api.error();
  const Result<std::vector<json>> devices = api->items("/devices", about(command.company));
  if (!devices) return devices.error();
  print_items(*devices, {"name", "type", "site", "area", "enabled", "last_seen"}, command.format);
  return {};
}

Result<void> run_show(const DeviceChoice& command) {
  const Result<LocalApi> api = LocalApi::of(command.data);
  if (!api) return api.error();
  const Result<json> device = api->call("GET", "/devices/" + command.name, about(command.company));
  if (!device) return device.error().during("device " + command.name);
  print_object(*device,
               {"company", "name", "type", "site", "area", "enabled", "bridge", "created_at",
                "last_seen", "undecodable"},
               command.format);
  const json values = device->value("last_values", json::array());
  if (command.format == OutputFormat::json || values.empty()) return {};
  std::printf("\n");
  print_items(values, {"metric", "value", "unit", "time"}, command.format);
  return {};
}

// What cannot be known is null and shows as a dash.
json with_dashes(json tally) {
  for (auto& [name, value] : tally.items())
    if (value.is_null()) value = "-";
  return tally;
}

void print_tallies(const json& ledger) {
  const std::vector<std::string> members{"since",        "messages",   "payload_bytes",
                                         "dead_letters", "duplicates", "repeated",
                                         "missing",      "late",       "restarts"};
  std::vector<json> rows;
  for (json day : ledger.value("days", json::array())) {
    day["since"] = day["start"];
    rows.push_back(with_dashes(std::move(day)));
  }
  rows.push_back(with_dashes(ledger["total"]));
  rows.back()["since"] = "all";
  print_items(rows, members, OutputFormat::table);
}

Result<void> run_ledger(const DeviceChoice& command) {
  const Result<LocalApi> api = LocalApi::of(command.data);
  if (!api) return api.error();
  const Result<json> ledger =
      api->call("GET", "/devices/" + command.name + "/ledger", about(command.company));
  if (!ledger) return ledger.error().during("device " + command.name);
  print_object(
      *ledger,
      {"company", "device", "counted_since", "as_of", "first_seen", "last_seen", "newest_reading"},
      command.format);
  if (command.format == OutputFormat::json) return {};
  const json findings = ledger->value("findings", json::array());
  std::printf("\n%s", findings.empty() ? "nothing is wrong with it\n" : "");
  for (const json& finding : findings)
    std::printf("%s\n", text_of(finding["text"]["en"]).c_str());
  std::printf("\n");
  print_tallies(*ledger);
  const json sequence = (*ledger)["sequence"];
  if (!sequence.is_object() || sequence["gaps"].empty()) return {};
  std::printf("\nmissing numbers of %s\n", text_of(sequence["metric"]).c_str());
  print_items(sequence["gaps"], {"from", "to", "count", "noticed_at"}, command.format);
  return {};
}

Result<void> run_enable(const DeviceChoice& command, bool enabled) {
  const Result<LocalApi> api = LocalApi::of(command.data);
  if (!api) return api.error();
  const Result<json> changed = api->call("PATCH", "/devices/" + command.name,
                                         about(command.company), {{"enabled", enabled}});
  if (!changed) return changed.error().during("device " + command.name);
  std::printf("device   %s is %s\n", command.name.c_str(),
              enabled ? "enabled" : "disabled: its connections are closed, its data stay");
  return {};
}

Result<void> run_token(const DeviceChoice& command) {
  const Result<LocalApi> api = LocalApi::of(command.data);
  if (!api) return api.error();
  const Result<json> made =
      api->call("POST", "/devices/" + command.name + "/token", about(command.company),
                {{"keep_earlier", command.keep_earlier}});
  if (!made) return made.error().during("device " + command.name);
  if (command.format == OutputFormat::json) {
    print_object(*made, {}, command.format);
    return {};
  }
  std::printf("token    %s\n         shown this once: keep it; %s\n",
              text_of((*made)["token"]).c_str(),
              command.keep_earlier ? "the old one goes on until cauce device end-earlier-token"
                                   : "the old one has ended");
  std::printf("publish  %s\n", text_of((*made)["publish"]).c_str());
  return {};
}

Result<void> change(const DeviceChoice& command, const json& body) {
  const Result<LocalApi> api = LocalApi::of(command.data);
  if (!api) return api.error();
  const Result<json> changed =
      api->call("PATCH", "/devices/" + command.name, about(command.company), body);
  if (!changed) return changed.error().during("device " + command.name);
  return {};
}

Result<void> run_end_earlier_token(const DeviceChoice& command) {
  if (const Result<void> ended = change(command, {{"earlier_token", false}}); !ended) return ended;
  std::printf("device   %s has one token: the newest\n", command.name.c_str());
  return {};
}

Result<void> run_revoke_certificates(const DeviceChoice& command) {
  const std::string now = format_time(SystemClock{}.now());
  const Result<void> revoked = change(command, {{"certificates_since", now}});
  if (!revoked) return revoked;
  std::printf("device   %s is admitted by certificates that begin at %s or later\n",
              command.name.c_str(), now.c_str());
  return {};
}

Result<void> run_shared_key(const DeviceChoice& command) {
  const Result<LocalApi> api = LocalApi::of(command.data);
  if (!api) return api.error();
  json body{{"keep_earlier", command.keep_earlier}};
  if (command.brings_key) {
    const Result<std::string> key =
        read_new_secret("key of " + command.name + " in hexadecimal digits");
    if (!key) return key.error();
    body["key"] = *key;
  }
  const Result<json> given =
      api->call("PUT", "/devices/" + command.name + "/shared-key", about(command.company), body);
  if (!given) return given.error().during("device " + command.name);
  if (command.format == OutputFormat::json) {
    print_object(*given, {}, command.format);
    return {};
  }
  std::printf("identity %s\nkey      %s\n", text_of((*given)["identity"]).c_str(),
              text_of((*given)["key"]).c_str());
  if (!(*given)["key_text"].is_null())
    std::printf("as text  %s\n", text_of((*given)["key_text"]).c_str());
  std::printf("         shown this once: keep it; %s\n",
              command.keep_earlier ? "the one before goes on until cauce device end-shared-key"
                                   : "those before have ended");
  std::printf("publish  %s\n", text_of((*given)["publish"]).c_str());
  return {};
}

Result<void> run_end_shared_key(const DeviceChoice& command) {
  const Result<LocalApi> api = LocalApi::of(command.data);
  if (!api) return api.error();
  LocalApi::Query query = about(command.company);
  if (!command.identity.empty()) query["identity"] = command.identity;
  const Result<json> ended = api->call("DELETE", "/devices/" + command.name + "/shared-key", query);
  if (!ended) return ended.error().during("device " + command.name);
  std::printf("device   %s is not admitted by %s any more\n", command.name.c_str(),
              command.identity.empty() ? "a shared key" : command.identity.c_str());
  return {};
}

Result<void> run_limits(const DeviceChoice& command) {
  const Result<LocalApi> api = LocalApi::of(command.data);
  if (!api) return api.error();
  const Result<json> body = body_of(command.limits);
  if (!body) return body.error();
  const std::string path = "/devices/" + command.name;
  const Result<json> device = body->empty()
                                  ? api->call("GET", path, about(command.company))
                                  : api->call("PATCH", path, about(command.company), *body);
  if (!device) return device.error().during("device " + command.name);
  print_limits(device->at("limits"), command.format);
  return {};
}

using RunOnDevice = Result<void> (*)(const DeviceChoice&);

std::pair<Command, std::shared_ptr<DeviceChoice>> add_choice(Command family, const char* name,
                                                             const char* help, RunOnDevice run,
                                                             bool names_one) {
  const auto command = std::make_shared<DeviceChoice>();
  Command added = family.add_command(name, help);
  added.add_option("--data", command->data, data_help);
  added.add_option("--company", command->company, "needed when there are several");
  if (names_one) added.add_option("name", command->name, "the device").required();
  added.runs([command, run] { return run(*command); });
  added.add_format(command->format);
  return {added, command};
}

void add_add(Command device) {
  const auto command = std::make_shared<DeviceAdd>();
  Command add = device.add_command("add", "make a device and wait for its first message");
  add.add_option("--data", command->data, data_help);
  add.add_option("--company", command->company, "needed when there are several");
  add.add_option("--type", command->type, "its device type; plain JSON otherwise");
  add.add_option("--site", command->site, "where it is");
  add.add_option("--area", command->area, "where it is on the site");
  add.add_flag("--encrypted", command->encrypted, "it sends AES-256-GCM instead of plain JSON");
  add.add_flag("--bridge", command->bridge,
               "another broker, which publishes for all devices of its company");
  add.add_flag("--no-wait", command->no_wait, "do not wait for its first message");
  add.add_option("name", command->name, "its name, which never changes").required();
  add.runs([command] { return run_add(*command); });
}

}  // namespace

void add_device_command(Command program) {
  Command device = program.add_command("device", "manage devices of a running cauce");
  device.require_command();
  add_add(device);
  add_choice(device, "list", "the devices of a company", run_list, false);
  add_choice(device, "show", "one device with its last values", run_show, true);
  add_choice(device, "ledger", "what arrived from it, and what is wrong with it", run_ledger, true);
  add_choice(
      device, "disable", "close its connections and admit it no more",
      [](const DeviceChoice& command) { return run_enable(command, false); }, true);
  add_choice(
      device, "enable", "admit it again",
      [](const DeviceChoice& command) { return run_enable(command, true); }, true);
  auto [token, choice] =
      add_choice(device, "token", "give it a new token; the old one ends at once", run_token, true);
  token.add_flag("--keep-earlier", choice->keep_earlier,
                 "admit the old one too, until end-earlier-token");
  add_choice(device, "end-earlier-token", "admit it by its newest token alone",
             run_end_earlier_token, true);
  auto [shared, keyed] =
      add_choice(device, "shared-key", "give it a key for TLS and DTLS; those before end at once",
                 run_shared_key, true);
  shared.add_flag("--bring-key", keyed->brings_key,
                  "ask for the key, 16 to 64 bytes in hexadecimal digits, or read it from standard "
                  "input; else one is made");
  shared.add_flag("--keep-earlier", keyed->keep_earlier,
                  "admit the one before too, until end-shared-key");
  auto [end, ended] = add_choice(device, "end-shared-key", "admit it by no shared key any more",
                                 run_end_shared_key, true);
  end.add_option("--identity", ended->identity, "of the one key to end");
  auto [limits, limited] = add_choice(
      device, "limits", "what it may send, where it is not as configured", run_limits, true);
  add_limit_options(limits, limited->limits);
  add_choice(device, "revoke-certificates", "admit none of the certificates that it has now",
             run_revoke_certificates, true);
  add_commands_of_device(device);
}

}  // namespace cauce::app
