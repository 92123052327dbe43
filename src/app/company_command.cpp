#include <fmt/core.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>

#include "app/command_output.h"
#include "app/commands.h"
#include "app/limit_options.h"
#include "app/local_api.h"

namespace cauce::app {
namespace {

using nlohmann::json;

// A company, or a site of one.
struct Place {
  std::filesystem::path data = default_data;
  std::string company;
  std::string name;
  std::string title;
  std::string time_zone = "UTC";
  std::filesystem::path file;  // of the authority's certificate
  GivenLimits limits;
  OutputFormat format = OutputFormat::table;
};

Result<void> add_company(const Place& command) {
  const Result<LocalApi> api = LocalApi::of(command.data);
  if (!api) return api.error();
  json body{{"name", command.name}};
  if (!command.title.empty()) body["title"] = command.title;
  const Result<json> made = api->call("POST", "/companies", {}, body);
  if (!made) return made.error().during("add company " + command.name);
  print_object(*made, {"name", "title"}, command.format);
  return {};
}

Result<void> list_companies(const Place& command) {
  const Result<LocalApi> api = LocalApi::of(command.data);
  if (!api) return api.error();
  const Result<std::vector<json>> companies = api->items("/companies");
  if (!companies) return companies.error();
  print_items(*companies, {"name", "title"}, command.format);
  return {};
}

Result<void> set_authority(const Place& command) {
  const Result<LocalApi> api = LocalApi::of(command.data);
  if (!api) return api.error();
  std::ifstream file{command.file};
  if (!file) {
    return Error{Outcome::not_found,
                 fmt::format("{}: {}", command.file.string(), std::strerror(errno))};
  }
  const std::string pem{std::istreambuf_iterator<char>{file}, {}};
  const Result<json> changed =
      api->call("PATCH", "/companies/" + command.name, {}, {{"authority", pem}});
  if (!changed) return changed.error().during("company " + command.name);
  const json authority = changed->value("authority", json());
  if (authority.is_null()) {
    std::printf("company  %s has no authority: its devices need tokens\n", command.name.c_str());
    return {};
  }
  std::printf("company  %s admits what %s signs, until %s\n", command.name.c_str(),
              text_of(authority["subject"]).c_str(), text_of(authority["until"]).c_str());
  return {};
}

Result<json> find_company(const LocalApi& api, const std::string& name) {
  const Result<std::vector<json>> companies = api.items("/companies");
  if (!companies) return companies.error();
  for (const json& company : *companies) {
    if (company.value("name", "") == name) return company;
  }
  return Error{Outcome::not_found, "there is no such company"};
}

Result<void> set_company_limits(const Place& command) {
  const Result<LocalApi> api = LocalApi::of(command.data);
  if (!api) return api.error();
  const Result<json> body = body_of(command.limits);
  if (!body) return body.error();
  const Result<json> company = body->empty()
                                   ? find_company(*api, command.name)
                                   : api->call("PATCH", "/companies/" + command.name, {}, *body);
  if (!company) return company.error().during("company " + command.name);
  print_limits(company->at("limits"), command.format);
  return {};
}

Result<void> add_site(const Place& command) {
  const Result<LocalApi> api = LocalApi::of(command.data);
  if (!api) return api.error();
  json body{{"name", command.name}, {"time_zone", command.time_zone}};
  if (!command.title.empty()) body["title"] = command.title;
  const Result<json> made = api->call("POST", "/sites", about(command.company), body);
  if (!made) return made.error().during("add site " + command.name);
  print_object(*made, {"company", "name", "title", "time_zone"}, command.format);
  return {};
}

Result<void> list_sites(const Place& command) {
  const Result<LocalApi> api = LocalApi::of(command.data);
  if (!api) return api.error();
  const Result<std::vector<json>> sites = api->items("/sites", about(command.company));
  if (!sites) return sites.error();
  print_items(*sites, {"name", "title", "time_zone"}, command.format);
  return {};
}

std::shared_ptr<Place> add_place(Command command, Result<void> (*run)(const Place&)) {
  const auto place = std::make_shared<Place>();
  command.add_option("--data", place->data, data_help);
  command.add_format(place->format);
  command.runs([place, run] { return run(*place); });
  return place;
}

}  // namespace

void add_company_command(Command program) {
  Command company = program.add_command("company", "manage companies of a running cauce");
  company.require_command();
  Command add = company.add_command("add", "make a company");
  const auto place = add_place(add, add_company);
  add.add_option("--title", place->title, "what people call it; its name otherwise");
  add.add_option("name", place->name, "its name, which never changes").required();
  add_place(company.add_command("list", "all companies"), list_companies);
  Command authority = company.add_command(
      "authority", "admit devices by the certificates that this one signs; an empty file: by none");
  const auto signer = add_place(authority, set_authority);
  authority.add_option("name", signer->name, "the company").required();
  authority.add_option("file", signer->file, "a certificate in PEM").required();
  Command limits = company.add_command(
      "limits", "what all its devices together may send, where it is not as configured");
  const auto limited = add_place(limits, set_company_limits);
  add_limit_options(limits, limited->limits);
  limits.add_option("name", limited->name, "the company").required();
}

void add_site_command(Command program) {
  constexpr const char* company_help = "needed when there are several";
  Command site = program.add_command("site", "manage sites of a running cauce");
  site.require_command();
  Command add = site.add_command("add", "make a site");
  const auto place = add_place(add, add_site);
  add.add_option("--company", place->company, company_help);
  add.add_option("--title", place->title, "what people call it; its name otherwise");
  add.add_option("--time-zone", place->time_zone, "Europe/Madrid; UTC otherwise");
  add.add_option("name", place->name, "its name, which never changes").required();
  Command list = site.add_command("list", "the sites of a company");
  list.add_option("--company", add_place(list, list_sites)->company, company_help);
}

}  // namespace cauce::app
