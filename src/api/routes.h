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

// What is unusual about a row.
enum class Extra {
  none,
  takes_file,      // its body goes to a new file …
  continues_file,  // … or to the end of the upload that the last {…} names
  by_link,         // a signed link (links.h) may stand for the token
};

struct Route {
  std::string_view method;
  std::string_view pattern;  // {name}: one segment; {name*}: one or more, of one row at most once
  Need need;
  Scope scope;
  std::string_view query;  // names of the parameters it takes, besides `company`
  Handler handler;
  Extra extra = Extra::none;
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
    {"PATCH", "/api/v1/companies/{company}", Need::owner, Scope::none, "", change_company},
    {"GET", "/api/v1/sites", Need::viewer, Scope::query, "after limit", list_sites},
    {"POST", "/api/v1/sites", Need::operator_, Scope::query, "", create_site},
    {"GET", "/api/v1/device-types", Need::viewer, Scope::query, "after limit", list_device_types},
    {"POST", "/api/v1/device-types", Need::operator_, Scope::query, "", create_device_type},
    {"PATCH", "/api/v1/device-types/{type}", Need::operator_, Scope::query, "", change_device_type},
    {"GET", "/api/v1/devices", Need::viewer, Scope::query, "after limit", list_devices},
    {"POST", "/api/v1/devices", Need::operator_, Scope::query, "", create_device},
    {"GET", "/api/v1/devices/{device}", Need::viewer, Scope::query, "", show_device},
    {"PATCH", "/api/v1/devices/{device}", Need::operator_, Scope::query, "", change_device},
    {"GET", "/api/v1/devices/{device}/ledger", Need::viewer, Scope::query, "", show_ledger},
    {"POST", "/api/v1/devices/{device}/token", Need::operator_, Scope::query, "", renew_token},
    {"PUT", "/api/v1/devices/{device}/shared-key", Need::operator_, Scope::query, "",
     give_shared_key},
    {"DELETE", "/api/v1/devices/{device}/shared-key", Need::operator_, Scope::query, "identity",
     end_shared_key},
    {"GET", "/api/v1/devices/{device}/commands", Need::viewer, Scope::query, "after limit",
     list_commands},
    {"POST", "/api/v1/devices/{device}/commands", Need::operator_, Scope::query, "", send_command},
    {"GET", "/api/v1/devices/{device}/commands/{command}", Need::viewer, Scope::query, "",
     show_command},
    {"DELETE", "/api/v1/devices/{device}/commands/{command}", Need::operator_, Scope::query, "",
     withdraw_command},
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
    {"GET", "/api/v1/datasets", Need::viewer, Scope::query, "after limit", list_data_sets},
    {"POST", "/api/v1/datasets", Need::operator_, Scope::query, "name expires_at", create_data_set,
     Extra::takes_file},
    {"GET", "/api/v1/datasets/{dataset}", Need::viewer, Scope::query, "", show_data_set},
    {"PATCH", "/api/v1/datasets/{dataset}", Need::operator_, Scope::query, "", change_data_set},
    {"DELETE", "/api/v1/datasets/{dataset}", Need::operator_, Scope::query, "", remove_data_set},
    {"POST", "/api/v1/datasets/{dataset}/versions", Need::operator_, Scope::query, "",
     create_version, Extra::takes_file},
    {"GET", "/api/v1/datasets/{dataset}/recommendations", Need::viewer, Scope::query, "",
     recommend_charts},
    {"POST", "/api/v1/uploads", Need::operator_, Scope::query, "", begin_upload},
    {"GET", "/api/v1/uploads/{upload}", Need::operator_, Scope::query, "", show_upload},
    {"PUT", "/api/v1/uploads/{upload}", Need::operator_, Scope::query, "offset", continue_upload,
     Extra::continues_file},
    {"DELETE", "/api/v1/uploads/{upload}", Need::operator_, Scope::query, "", remove_upload},
    {"GET", "/api/v1/charts", Need::viewer, Scope::query, "dataset after limit", list_charts},
    {"POST", "/api/v1/charts", Need::viewer, Scope::query, "", create_chart},
    {"GET", "/api/v1/charts/{chart}", Need::viewer, Scope::query,
     "dataset version series resolution facts from to format x y color size shape columns by facet "
     "where "
     "x-scale y-scale x-limits y-limits x-unit y-unit period aggregate bars direction marks "
     "order top bandwidth bins cells trend annotate highlight palette title footer source "
     "theme locale width height ratio until signature",
     show_chart, Extra::by_link},
    {"DELETE", "/api/v1/charts/{chart}", Need::operator_, Scope::query, "", remove_chart},
    {"POST", "/dataload", Need::operator_, Scope::query, "", load_data, Extra::takes_file},
    {"GET", "/datacols", Need::viewer, Scope::query, "", list_columns},
    {"GET", "/scatterplot", Need::viewer, Scope::query, "x y c", plot_scatter},
    {"GET", "/barplot", Need::viewer, Scope::query, "x y", plot_bar},
    {"GET", "/densityplot", Need::viewer, Scope::query, "", plot_density},
    {"GET", "/boxplot", Need::viewer, Scope::query, "", plot_box},
};

struct Match {
  const Route* route = nullptr;         // nullptr: no row has this method and path
  std::vector<std::string> parameters;  // what stood in its {…}
  std::string allowed;                  // methods of the rows that have this path: "GET, POST"
};

// The first row that fits.
Match find_route(std::string_view method, std::string_view path);

}  // namespace cauce::api
