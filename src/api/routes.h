// The routes of the REST interface, one row each. Everything that depends on the route and not on
// the resource is decided by its row: who may call it, about which company, with which query
// parameters. A row without a test with a foreign company's token fails the build of the tests
// (foreign_company_test.cpp).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "api/handlers.h"

namespace cauce::api {

enum class Need { nobody, viewer, operator_, owner };

// Where the company comes from that the call is about.
enum class Scope {
  none,   // about no company
  query,  // the caller's; one that sees all names it by ?company=, unless there is only one
  path,   // the first {…} of the pattern
};

struct Route {
  std::string_view method;
  std::string_view pattern;  // {name}: one segment; {name*}: one or more, of one row at most once
  Need need;
  Scope scope;
  std::string_view query;  // names of the parameters it takes, besides `company`
  Handler handler;
};

inline constexpr Route routes[] = {
    {"GET", "/api/v1/session", Need::viewer, Scope::none, "", show_session},
    {"POST", "/api/v1/session", Need::nobody, Scope::none, "", open_session},
    {"DELETE", "/api/v1/session", Need::nobody, Scope::none, "", close_session},
    {"PATCH", "/api/v1/session", Need::viewer, Scope::none, "", change_password},
    {"POST", "/api/v1/owner-links", Need::owner, Scope::none, "", create_owner_link},
    {"GET", "/api/v1/users", Need::owner, Scope::none, "company after limit", list_users},
    {"POST", "/api/v1/users", Need::owner, Scope::none, "company", create_user},
    {"PATCH", "/api/v1/users/{user}", Need::owner, Scope::none, "", change_user},
    {"DELETE", "/api/v1/users/{user}", Need::owner, Scope::none, "", remove_user},
    {"GET", "/api/v1/overview", Need::viewer, Scope::query, "", show_overview},
    {"GET", "/api/v1/companies", Need::viewer, Scope::none, "after limit", list_companies},
    {"POST", "/api/v1/companies", Need::owner, Scope::none, "", create_company},
    {"GET", "/api/v1/sites", Need::viewer, Scope::query, "after limit", list_sites},
    {"POST", "/api/v1/sites", Need::operator_, Scope::query, "", create_site},
    {"GET", "/api/v1/device-types", Need::viewer, Scope::query, "after limit", list_device_types},
    {"POST", "/api/v1/device-types", Need::operator_, Scope::query, "", create_device_type},
    {"GET", "/api/v1/devices", Need::viewer, Scope::query, "after limit", list_devices},
    {"POST", "/api/v1/devices", Need::operator_, Scope::query, "", create_device},
    {"GET", "/api/v1/devices/{device}", Need::viewer, Scope::query, "", show_device},
    {"PATCH", "/api/v1/devices/{device}", Need::operator_, Scope::query, "", change_device},
    {"POST", "/api/v1/devices/{device}/token", Need::operator_, Scope::query, "", renew_token},
    {"POST", "/api/v1/devices/{device}/commands", Need::operator_, Scope::query, "", send_command},
    {"GET", "/api/v1/series", Need::viewer, Scope::query, "device after limit", list_series},
    {"GET", "/api/v1/series/{company}/{device}/{metric*}/points", Need::viewer, Scope::path,
     "from to after limit", show_points},
    {"GET", "/api/v1/series/{company}/{device}/{metric*}/aggregates", Need::viewer, Scope::path,
     "resolution from to after limit", show_aggregates},
    {"GET", "/api/v1/series/{company}/{device}/{metric*}/alarms", Need::viewer, Scope::path,
     "from to after limit", show_series_alarms},
    {"GET", "/api/v1/alarms", Need::viewer, Scope::query, "state device after limit", list_alarms},
    {"GET", "/api/v1/alarms/{alarm}", Need::viewer, Scope::query, "", show_alarm},
    {"GET", "/api/v1/rules", Need::viewer, Scope::query, "after limit", list_rules},
    {"POST", "/api/v1/rules", Need::operator_, Scope::query, "", create_rule},
    {"GET", "/api/v1/rules/{rule}", Need::viewer, Scope::query, "", show_rule},
    {"PATCH", "/api/v1/rules/{rule}", Need::operator_, Scope::query, "", change_rule},
    {"DELETE", "/api/v1/rules/{rule}", Need::operator_, Scope::query, "", remove_rule},
    {"GET", "/api/v1/tokens", Need::owner, Scope::query, "after limit", list_tokens},
    {"POST", "/api/v1/tokens", Need::owner, Scope::query, "", create_token},
    {"DELETE", "/api/v1/tokens/{token}", Need::owner, Scope::query, "", remove_token},
    {"GET", "/api/v1/dead-letters", Need::viewer, Scope::query, "device after limit",
     list_dead_letters},
    {"GET", "/api/v1/dead-letters/summary", Need::viewer, Scope::query, "device limit",
     count_dead_letters},
    {"GET", "/api/v1/dead-letters/{letter}", Need::viewer, Scope::query, "", show_dead_letter},
    {"GET", "/api/v1/reports/daily-site-summary", Need::viewer, Scope::query, "site from to format",
     show_daily_site_summary},
};

struct Match {
  const Route* route = nullptr;         // nullptr: no row has this method and path
  std::vector<std::string> parameters;  // what stood in its {…}
  std::string allowed;                  // methods of the rows that have this path: "GET, POST"
};

// The first row that fits.
Match find_route(std::string_view method, std::string_view path);

}  // namespace cauce::api
