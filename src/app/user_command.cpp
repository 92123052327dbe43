#include <fmt/core.h>

#include <cstdio>

#include "app/command_output.h"
#include "app/commands.h"
#include "app/local_api.h"
#include "app/read_password.h"

namespace cauce::app {
namespace {

using nlohmann::json;

struct UserCommand {
  std::filesystem::path data = default_data;
  std::string name;
  std::string company;
  std::string access = "viewer";
  bool whole_installation = false;
  OutputFormat format = OutputFormat::table;
};

const std::vector<std::string> shown{"name", "company", "access", "enabled", "created_at"};

Result<void> run_add(const UserCommand& command) {
  const Result<LocalApi> api = LocalApi::of(command.data);
  if (!api) return api.error();
  const Result<std::string> password = read_new_secret("password of " + command.name);
  if (!password) return password.error();
  json body{{"name", command.name}, {"password", *password}, {"access", command.access}};
  if (command.whole_installation) body["whole_installation"] = true;
  const Result<json> made = api->call("POST", "/users", about(command.company), body);
  if (!made) return made.error().during("add user " + command.name);
  print_object(*made, shown, command.format);
  return {};
}

Result<void> run_list(const UserCommand& command) {
  const Result<LocalApi> api = LocalApi::of(command.data);
  if (!api) return api.error();
  const Result<std::vector<json>> users = api->items("/users", about(command.company));
  if (!users) return users.error();
  print_items(*users, shown, command.format);
  return {};
}

Result<void> run_remove(const UserCommand& command) {
  const Result<LocalApi> api = LocalApi::of(command.data);
  if (!api) return api.error();
  const Result<json> removed = api->call("DELETE", "/users/" + command.name);
  if (!removed) return removed.error().during("remove user " + command.name);
  std::printf("user %s is removed; the sessions have ended\n", command.name.c_str());
  return {};
}

Result<void> run_password(const UserCommand& command) {
  const Result<LocalApi> api = LocalApi::of(command.data);
  if (!api) return api.error();
  const Result<std::string> password = read_new_secret("password of " + command.name);
  if (!password) return password.error();
  const Result<json> changed =
      api->call("PATCH", "/users/" + command.name, {}, {{"password", *password}});
  if (!changed) return changed.error().during("change the password of " + command.name);
  std::printf("user %s has a new password; the sessions have ended\n", command.name.c_str());
  return {};
}

Result<void> run_owner_link(const UserCommand& command) {
  const Result<LocalApi> api = LocalApi::of(command.data);
  if (!api) return api.error();
  const Result<json> made = api->call("POST", "/owner-links");
  if (!made) return made.error().during("make an owner's link");
  const net::Address& server = api->server();
  const bool is_ipv6 = server.host.find(':') != std::string::npos;
  std::printf("http://%s:%u/?key=%s\n",
              is_ipv6 ? ("[" + server.host + "]").c_str() : server.host.c_str(),
              unsigned{server.port}, text_of((*made)["key"]).c_str());
  std::printf("works once, until %s; earlier links have ended\n",
              text_of((*made)["expires_at"]).c_str());
  return {};
}

std::shared_ptr<UserCommand> attach(Command command, Result<void> (*run)(const UserCommand&)) {
  const auto flags = std::make_shared<UserCommand>();
  command.add_option("--data", flags->data, data_help);
  command.runs([flags, run] { return run(*flags); });
  return flags;
}

void add_name(Command command, const std::shared_ptr<UserCommand>& flags) {
  command.add_option("name", flags->name, "a name or an e-mail address").required();
}

}  // namespace

void add_user_command(Command program) {
  Command user = program.add_command("user", "manage who may sign in to a running cauce");
  user.require_command();

  Command add = user.add_command("add", "make a user; the password comes from a prompt");
  auto flags = attach(add, run_add);
  add_name(add, flags);
  add.add_format(flags->format);
  add.add_option("--company", flags->company, "needed when there are several");
  add.add_option("--access", flags->access, "viewer, operator or owner; viewer otherwise")
      .one_of({"viewer", "operator", "owner"});
  add.add_flag("--whole-installation", flags->whole_installation, "sees every company");

  Command list = user.add_command("list", "who may sign in");
  flags = attach(list, run_list);
  list.add_format(flags->format);
  list.add_option("--company", flags->company, "of this company alone");

  Command remove = user.add_command("remove", "end the sessions, admit no more");
  add_name(remove, attach(remove, run_remove));
  Command password = user.add_command("password", "set a new password; ends the sessions");
  add_name(password, attach(password, run_password));
}

void add_owner_link_command(Command program) {
  attach(program.add_command("owner-link", "make a link that signs in an owner, once"),
         run_owner_link);
}

}  // namespace cauce::app
