// What the token of another company sees of acme: nothing, on every route. It is the strongest such
// token, an owner's. The two tables are compared by the compiler: a route that has no row here does
// not build.
#include "api/foreign_company_test.h"
#include "api/routes.h"
#include "crypto/crypto.h"

namespace cauce::api {
namespace {

// Creates nothing in acme.
void creates_nothing(Installation& world, const std::string& path, const std::string& body,
                     const std::string& list) {
  const std::string before = world.ask("GET", list, {.token = "acme-viewer"}).text;
  const Reply named = strange(world, "POST", path, {.body = body, .query = {{"company", "acme"}}});
  CHECK(named.status == 404);
  CHECK(named.lasting() ==
        strange(world, "POST", path, {.body = body, .query = {{"company", "nowhere"}}}).lasting());
  CHECK(strange(world, "POST", path, {.body = body}).status == 201);  // in its own company
  CHECK(world.ask("GET", list, {.token = "acme-viewer"}).text == before);
}

// Of a series, which names its company in the path.
void sees_no_curve(Installation& world, const std::string& what) {
  const std::string path = "/api/v1/series/acme/pump-1/temperature/" + what;
  const Reply known = world.ask("GET", path, {.token = "acme-viewer"});
  CHECK(known.status == 200);
  CHECK(known.body["items"].size() > 0);
  const Reply own = strange(world, "GET", path);
  CHECK(own.status == 404);
  CHECK(own.lasting() ==
        strange(world, "GET", "/api/v1/series/nowhere/pump-1/temperature/" + what).lasting());
}

void show_session_test(Installation& world) {
  const Reply own = strange(world, "GET", "/api/v1/session");
  CHECK(own.body["company"] == "rival");
  CHECK(own.text.find("acme") == std::string::npos);
}
void open_session_test(Installation& world) {
  const Reply own = world.ask("POST", "/api/v1/session", {.body = R"({"token":"rival-owner"})"});
  CHECK(own.status == 201);
  CHECK(own.body["company"] == "rival");
  CHECK(own.text.find("acme") == std::string::npos);
}
void close_session_test(Installation& world) {
  CHECK(strange(world, "DELETE", "/api/v1/session").status == 204);
  CHECK(world.ask("GET", "/api/v1/session", {.token = "acme-viewer"}).status == 200);
}
// A user of acme and one of the whole installation, neither of whom is the stranger's business.
void add_users(Installation& world) {
  for (const char* body : {R"({"name":"ana","password":"0123456789"})",
                           R"({"name":"zoe","password":"0123456789","whole_installation":true})"}) {
    const bool everywhere = std::string_view{body}.find("whole") != std::string_view::npos;
    const std::string token = everywhere ? "all-owner" : "acme-owner";
    REQUIRE(world.ask("POST", "/api/v1/users", {.token = token, .body = body}).status == 201);
  }
}
void change_password_test(Installation& world) {
  add_users(world);
  CHECK(strange(world, "PATCH", "/api/v1/session",
                {.body = R"({"password":"0123456789","new_password":"9876543210"})"})
            .status == 400);
  CHECK(world.ask("POST", "/api/v1/session", {.body = R"({"user":"ana","password":"0123456789"})"})
            .status == 201);
}
void create_owner_link_test(Installation& world) {
  CHECK(strange(world, "POST", "/api/v1/owner-links").status == 403);
  world.refresh();
  for (const auto* token : world.registry->access_tokens())
    CHECK_FALSE(token->once);
}
void list_users_test(Installation& world) {
  add_users(world);
  CHECK(world.ask("GET", "/api/v1/users", {.token = "acme-owner"}).body["items"].size() == 1);
  CHECK(world.ask("GET", "/api/v1/users", {.token = "all-owner"}).body["items"].size() == 2);
  CHECK(strange(world, "GET", "/api/v1/users").body["items"].empty());
  const Reply named = strange(world, "GET", "/api/v1/users", {.query = {{"company", "acme"}}});
  CHECK(named.status == 404);
  CHECK(named.lasting() ==
        strange(world, "GET", "/api/v1/users", {.query = {{"company", "nowhere"}}}).lasting());
}
void create_user_test(Installation& world) {
  const std::string body = R"({"name":"bea","password":"0123456789","access":"owner"})";
  const Reply named =
      strange(world, "POST", "/api/v1/users", {.body = body, .query = {{"company", "acme"}}});
  CHECK(named.status == 404);
  CHECK(strange(world, "POST", "/api/v1/users",
                {.body = R"({"name":"bea","password":"0123456789","whole_installation":true})"})
            .status == 403);
  const Reply own = strange(world, "POST", "/api/v1/users", {.body = body});
  CHECK(own.status == 201);
  CHECK(own.body["company"] == "rival");
  CHECK(world.ask("GET", "/api/v1/users", {.token = "acme-owner"}).body["items"].empty());
}
void change_user_test(Installation& world) {
  add_users(world);
  for (const std::string name : {"ana", "zoe"}) {
    for (const std::string body : {R"({"enabled":false})", R"({"password":"9876543210"})"}) {
      const Reply reply = strange(world, "PATCH", "/api/v1/users/" + name, {.body = body});
      CHECK(reply.status == 404);
      CHECK(reply.lasting() ==
            strange(world, "PATCH", "/api/v1/users/none", {.body = body}).lasting());
    }
    CHECK(world
              .ask("POST", "/api/v1/session",
                   {.body = R"({"user":")" + name + R"(","password":"0123456789"})"})
              .status == 201);
  }
}
void remove_user_test(Installation& world) {
  add_users(world);
  for (const std::string name : {"ana", "zoe"}) {
    const Reply reply = strange(world, "DELETE", "/api/v1/users/" + name);
    CHECK(reply.status == 404);
    CHECK(reply.lasting() == strange(world, "DELETE", "/api/v1/users/none").lasting());
  }
  CHECK(world.registry->users().size() == 2);
}
void show_overview_test(Installation& world) {
  world.pass(std::chrono::hours{1});
  CHECK(world.ask("GET", "/api/v1/overview", {.token = "acme-viewer"}).text.find("pump-1") !=
        std::string::npos);
  const Reply own = strange(world, "GET", "/api/v1/overview");
  CHECK(own.status == 200);
  CHECK(own.body["devices"] == 0);
  CHECK(own.text.find("pump-1") == std::string::npos);
  CHECK_FALSE(own.body.contains("installation"));  // figures of all companies together
  CHECK_FALSE(own.body.contains("health"));
  const Reply named = strange(world, "GET", "/api/v1/overview", {.query = {{"company", "acme"}}});
  CHECK(named.status == 404);
  CHECK(named.lasting() ==
        strange(world, "GET", "/api/v1/overview", {.query = {{"company", "nowhere"}}}).lasting());
}
void list_companies_test(Installation& world) {
  const Reply own = strange(world, "GET", "/api/v1/companies");
  REQUIRE(own.body["items"].size() == 1);
  CHECK(own.body["items"][0]["name"] == "rival");
}
void create_company_test(Installation& world) {
  // Refused alike whether the name is taken or free.
  const Reply taken = strange(world, "POST", "/api/v1/companies", {.body = R"({"name":"acme"})"});
  CHECK(taken.status == 403);
  CHECK(taken.lasting() ==
        strange(world, "POST", "/api/v1/companies", {.body = R"({"name":"free"})"}).lasting());
}
void change_company_test(Installation& world) {
  const std::string body = R"({"title":"taken"})";
  const Reply known = strange(world, "PATCH", "/api/v1/companies/acme", {.body = body});
  CHECK(known.status == 403);
  CHECK(known.lasting() ==
        strange(world, "PATCH", "/api/v1/companies/nowhere", {.body = body}).lasting());
  world.refresh();
  CHECK(world.registry->company("acme")->title != "taken");
}
void list_sites_test(Installation& world) {
  sees_no_list(world, "/api/v1/sites");
}
void create_site_test(Installation& world) {
  creates_nothing(world, "/api/v1/sites", R"({"name":"other"})", "/api/v1/sites");
}
void list_device_types_test(Installation& world) {
  sees_no_list(world, "/api/v1/device-types");
}
void create_device_type_test(Installation& world) {
  creates_nothing(world, "/api/v1/device-types", R"({"name":"other"})", "/api/v1/device-types");
}
void change_device_type_test(Installation& world) {
  sees_no_object(world, "PATCH", "/api/v1/device-types/motor", "/api/v1/device-types/none",
                 R"({"sequence":"n"})");
  world.refresh();
  CHECK(world.registry->device_type("acme", "motor")->sequence.empty());
}
void list_devices_test(Installation& world) {
  sees_no_list(world, "/api/v1/devices");
}
void create_device_test(Installation& world) {
  // The name that acme uses is free in another company: names of others do not show.
  creates_nothing(world, "/api/v1/devices", R"({"name":"pump-1"})", "/api/v1/devices");
  // Sites and types of acme cannot be used.
  for (const std::string body :
       {R"({"name":"p","site":"plant"})", R"({"name":"p","type":"motor"})"}) {
    CHECK(strange(world, "POST", "/api/v1/devices", {.body = body}).status == 400);
  }
}
void show_device_test(Installation& world) {
  CHECK(world.ask("GET", "/api/v1/devices/pump-1", {.token = "acme-viewer"}).status == 200);
  sees_no_object(world, "GET", "/api/v1/devices/pump-1", "/api/v1/devices/none");
}
void change_device_test(Installation& world) {
  sees_no_object(world, "PATCH", "/api/v1/devices/pump-1", "/api/v1/devices/none",
                 R"({"enabled":false})");
  world.refresh();
  CHECK(world.registry->device("acme", "pump-1")->enabled);
}
void show_ledger_test(Installation& world) {
  const std::string path = "/api/v1/devices/pump-1/ledger";
  CHECK(world.ask("GET", path, {.token = "acme-viewer"}).status == 200);
  sees_no_object(world, "GET", path, "/api/v1/devices/none/ledger");
}
void renew_token_test(Installation& world) {
  sees_no_object(world, "POST", "/api/v1/devices/pump-1/token", "/api/v1/devices/none/token");
  world.refresh();
  CHECK(world.registry->device_by_token(crypto::sha256("pump-1-token")) != nullptr);
}
// pump-1 has a key, and no request of a stranger gives it another or ends it.
void keeps_its_shared_key(Installation& world, const char* method, const std::string& body) {
  world.refresh();
  business::Device pump = *world.registry->device("acme", "pump-1");
  pump.shared_keys = {{1, "a key of 16 bytes or more"}};
  REQUIRE(world.business->update(pump));
  world.refresh();
  sees_no_object(world, method, "/api/v1/devices/pump-1/shared-key",
                 "/api/v1/devices/none/shared-key", body);
  world.refresh();
  CHECK(world.registry->device("acme", "pump-1")->shared_keys == pump.shared_keys);
}
void give_shared_key_test(Installation& world) {
  keeps_its_shared_key(world, "PUT", R"({"keep_earlier":true})");
}
void end_shared_key_test(Installation& world) {
  keeps_its_shared_key(world, "DELETE", "");
}
void send_command_test(Installation& world) {
  sees_no_object(world, "POST", "/api/v1/devices/pump-1/commands", "/api/v1/devices/none/commands",
                 R"({"payload":"off"})");
  CHECK(must(must(world.commands->open_reader())->end(stream::Partition{0})).number == 0);
}
// The command that acme's pump-1 has; no request of a stranger tells of it or ends it.
std::string given_command(Installation& world) {
  return world
      .ask("POST", "/api/v1/devices/pump-1/commands",
           {.token = "acme-operator", .body = R"({"payload":"off"})"})
      .body["id"];
}
void list_commands_test(Installation& world) {
  given_command(world);
  const std::string path = "/api/v1/devices/pump-1/commands";
  CHECK(world.ask("GET", path, {.token = "acme-viewer"}).body["items"].size() == 1);
  sees_no_object(world, "GET", path, "/api/v1/devices/none/commands");
}
// Also by a device of its own, of the same name.
void sees_no_command(Installation& world, const std::string& method) {
  const std::string id = given_command(world);
  const std::string path = "/api/v1/devices/pump-1/commands/";
  sees_no_object(world, method, path + id, "/api/v1/devices/none/commands/" + id);
  strange(world, "POST", "/api/v1/devices", {.body = R"({"name":"pump-1"})"});
  const Reply own = strange(world, method, path + id);
  CHECK(own.status == 404);
  CHECK(own.lasting() == strange(world, method, path + "c-0123456789abcdef").lasting());
  CHECK(world.ask("GET", path + id, {.token = "acme-viewer"}).body["state"] == "waiting");
}
void show_command_test(Installation& world) {
  sees_no_command(world, "GET");
}
void withdraw_command_test(Installation& world) {
  sees_no_command(world, "DELETE");
}
void list_series_test(Installation& world) {
  sees_no_list(world, "/api/v1/series");
  CHECK(strange(world, "GET", "/api/v1/series", {.query = {{"device", "pump-1"}}})
            .body["items"]
            .empty());
}
void show_points_test(Installation& world) {
  sees_no_curve(world, "points");
}
void show_aggregates_test(Installation& world) {
  sees_no_curve(world, "aggregates");
}
void show_series_alarms_test(Installation& world) {
  sees_no_curve(world, "alarms");
}
void list_alarms_test(Installation& world) {
  sees_no_list(world, "/api/v1/alarms");
  CHECK(
      strange(world, "GET", "/api/v1/alarms", {.query = {{"state", "all"}}}).body["items"].empty());
}
void show_alarm_test(Installation& world) {
  CHECK(world.ask("GET", "/api/v1/alarms/7", {.token = "acme-viewer"}).status == 200);
  sees_no_object(world, "GET", "/api/v1/alarms/7", "/api/v1/alarms/700");
}
void list_rules_test(Installation& world) {
  sees_no_list(world, "/api/v1/rules");
}
void create_rule_test(Installation& world) {
  creates_nothing(world, "/api/v1/rules", R"({"name":"r","kind":"silence","duration_seconds":60})",
                  "/api/v1/rules");
}
void show_rule_test(Installation& world) {
  CHECK(world.ask("GET", "/api/v1/rules/hot", {.token = "acme-viewer"}).status == 200);
  sees_no_object(world, "GET", "/api/v1/rules/hot", "/api/v1/rules/none");
}
void change_rule_test(Installation& world) {
  sees_no_object(world, "PATCH", "/api/v1/rules/hot", "/api/v1/rules/none", R"({"raise_at":90})");
  world.refresh();
  CHECK(world.registry->rules("acme").front()->raise_at == 80);
}
// The id of a token of acme, as its owner sees it.
std::string id_of_a_token(Installation& world) {
  return world.ask("GET", "/api/v1/tokens", {.token = "acme-owner"}).body["items"][0]["id"];
}
void list_tokens_test(Installation& world) {
  const Reply own = strange(world, "GET", "/api/v1/tokens");
  REQUIRE(own.body["items"].size() == 1);  // its own
  CHECK(own.body["items"][0]["company"] == "rival");
  CHECK(own.text.find("acme") == std::string::npos);
  CHECK(own.text.find(id_of_a_token(world)) == std::string::npos);
  const Reply named = strange(world, "GET", "/api/v1/tokens", {.query = {{"company", "acme"}}});
  CHECK(named.status == 404);
  CHECK(named.lasting() ==
        strange(world, "GET", "/api/v1/tokens", {.query = {{"company", "nowhere"}}}).lasting());
}
void create_token_test(Installation& world) {
  const std::string body = R"({"title":"mine"})";
  const Reply named =
      strange(world, "POST", "/api/v1/tokens", {.body = body, .query = {{"company", "acme"}}});
  CHECK(named.status == 404);
  const Reply made = strange(world, "POST", "/api/v1/tokens", {.body = body});
  REQUIRE(made.status == 201);
  // What it made belongs to its own company.
  const Reply session = world.ask("GET", "/api/v1/session", {.token = made.body["token"]});
  CHECK(session.body["company"] == "rival");
}
void remove_token_test(Installation& world) {
  const std::string id = id_of_a_token(world);
  sees_no_object(world, "DELETE", "/api/v1/tokens/" + id, "/api/v1/tokens/0123456789abcdef");
  CHECK(id_of_a_token(world) == id);
}
void remove_rule_test(Installation& world) {
  sees_no_object(world, "DELETE", "/api/v1/rules/hot", "/api/v1/rules/none");
  world.refresh();
  CHECK(world.registry->rules("acme").size() == 1);
}
void list_dead_letters_test(Installation& world) {
  sees_no_list(world, "/api/v1/dead-letters");
}
void count_dead_letters_test(Installation& world) {
  sees_no_list(world, "/api/v1/dead-letters/summary");
}
void show_dead_letter_test(Installation& world) {
  CHECK(world.ask("GET", "/api/v1/dead-letters/0-42", {.token = "acme-viewer"}).status == 200);
  sees_no_object(world, "GET", "/api/v1/dead-letters/0-42", "/api/v1/dead-letters/0-4200");
}

void show_daily_site_summary_test(Installation& world) {
  world.fill_warehouse();
  const std::string path = "/api/v1/reports/daily-site-summary";
  CHECK(world.ask("GET", path, {.token = "acme-viewer"}).body["items"].size() == 1);
  CHECK(strange(world, "GET", path).body["items"].empty());
  const Reply named = strange(world, "GET", path, {.query = {{"company", "acme"}}});
  CHECK(named.status == 404);
  CHECK(named.lasting() ==
        strange(world, "GET", path, {.query = {{"company", "nowhere"}}}).lasting());
  // A site of acme is none here.
  const Reply site = strange(world, "GET", path, {.query = {{"site", "plant"}}});
  CHECK(site.status == 404);
  CHECK(site.lasting() == strange(world, "GET", path, {.query = {{"site", "none"}}}).lasting());
}

struct ForeignTest {
  std::string_view method;  // as in the row of the route
  std::string_view pattern;
  void (*run)(Installation&);
};

constexpr ForeignTest foreign_tests[] = {
    {"GET", "/api/v1/session", show_session_test},
    {"POST", "/api/v1/session", open_session_test},
    {"DELETE", "/api/v1/session", close_session_test},
    {"PATCH", "/api/v1/session", change_password_test},
    {"POST", "/api/v1/owner-links", create_owner_link_test},
    {"GET", "/api/v1/users", list_users_test},
    {"POST", "/api/v1/users", create_user_test},
    {"PATCH", "/api/v1/users/{user}", change_user_test},
    {"DELETE", "/api/v1/users/{user}", remove_user_test},
    {"GET", "/api/v1/overview", show_overview_test},
    {"GET", "/api/v1/companies", list_companies_test},
    {"POST", "/api/v1/companies", create_company_test},
    {"PATCH", "/api/v1/companies/{company}", change_company_test},
    {"GET", "/api/v1/sites", list_sites_test},
    {"POST", "/api/v1/sites", create_site_test},
    {"GET", "/api/v1/device-types", list_device_types_test},
    {"POST", "/api/v1/device-types", create_device_type_test},
    {"PATCH", "/api/v1/device-types/{type}", change_device_type_test},
    {"GET", "/api/v1/devices", list_devices_test},
    {"POST", "/api/v1/devices", create_device_test},
    {"GET", "/api/v1/devices/{device}", show_device_test},
    {"PATCH", "/api/v1/devices/{device}", change_device_test},
    {"GET", "/api/v1/devices/{device}/ledger", show_ledger_test},
    {"POST", "/api/v1/devices/{device}/token", renew_token_test},
    {"PUT", "/api/v1/devices/{device}/shared-key", give_shared_key_test},
    {"DELETE", "/api/v1/devices/{device}/shared-key", end_shared_key_test},
    {"GET", "/api/v1/devices/{device}/commands", list_commands_test},
    {"POST", "/api/v1/devices/{device}/commands", send_command_test},
    {"GET", "/api/v1/devices/{device}/commands/{command}", show_command_test},
    {"DELETE", "/api/v1/devices/{device}/commands/{command}", withdraw_command_test},
    {"GET", "/api/v1/series", list_series_test},
    {"GET", "/api/v1/series/{company}/{device}/{metric*}/points", show_points_test},
    {"GET", "/api/v1/series/{company}/{device}/{metric*}/aggregates", show_aggregates_test},
    {"GET", "/api/v1/series/{company}/{device}/{metric*}/alarms", show_series_alarms_test},
    {"GET", "/api/v1/alarms", list_alarms_test},
    {"GET", "/api/v1/alarms/{alarm}", show_alarm_test},
    {"GET", "/api/v1/rules", list_rules_test},
    {"POST", "/api/v1/rules", create_rule_test},
    {"GET", "/api/v1/rules/{rule}", show_rule_test},
    {"PATCH", "/api/v1/rules/{rule}", change_rule_test},
    {"DELETE", "/api/v1/rules/{rule}", remove_rule_test},
    {"GET", "/api/v1/tokens", list_tokens_test},
    {"POST", "/api/v1/tokens", create_token_test},
    {"DELETE", "/api/v1/tokens/{token}", remove_token_test},
    {"GET", "/api/v1/dead-letters", list_dead_letters_test},
    {"GET", "/api/v1/dead-letters/summary", count_dead_letters_test},
    {"GET", "/api/v1/dead-letters/{letter}", show_dead_letter_test},
    {"GET", "/api/v1/reports/daily-site-summary", show_daily_site_summary_test},
    {"GET", "/api/v1/datasets", list_data_sets_test},
    {"POST", "/api/v1/datasets", create_data_set_test},
    {"GET", "/api/v1/datasets/{dataset}", show_data_set_test},
    {"PATCH", "/api/v1/datasets/{dataset}", change_data_set_test},
    {"DELETE", "/api/v1/datasets/{dataset}", remove_data_set_test},
    {"POST", "/api/v1/datasets/{dataset}/versions", create_version_test},
    {"GET", "/api/v1/datasets/{dataset}/recommendations", recommend_charts_test},
    {"POST", "/api/v1/uploads", begin_upload_test},
    {"GET", "/api/v1/uploads/{upload}", show_upload_test},
    {"PUT", "/api/v1/uploads/{upload}", continue_upload_test},
    {"DELETE", "/api/v1/uploads/{upload}", remove_upload_test},
    {"GET", "/api/v1/charts", list_charts_test},
    {"POST", "/api/v1/charts", create_chart_test},
    {"GET", "/api/v1/charts/{chart}", show_chart_test},
    {"DELETE", "/api/v1/charts/{chart}", remove_chart_test},
    {"POST", "/dataload", load_data_test},
    {"GET", "/datacols", list_columns_test},
    {"GET", "/scatterplot", plot_scatter_test},
    {"GET", "/barplot", plot_bar_test},
    {"GET", "/densityplot", plot_density_test},
    {"GET", "/boxplot", plot_box_test},
};

constexpr bool is_of(const ForeignTest& test, const Route& route) {
  return test.method == route.method && test.pattern == route.pattern;
}

constexpr bool every_route_has_a_test() {
  for (const Route& route : routes) {
    bool found = false;
    for (const ForeignTest& test : foreign_tests) {
      found = found || is_of(test, route);
    }
    if (!found) return false;
  }
  return true;
}

static_assert(every_route_has_a_test(),
              "a route in routes.h has no test with a foreign company's token: add it here");

}  // namespace

TEST_CASE("no route shows or changes anything of another company") {
  for (const Route& route : routes) {
    CAPTURE(std::string(route.method) + ' ' + std::string(route.pattern));
    for (const ForeignTest& test : foreign_tests) {
      if (!is_of(test, route)) continue;
      Installation world;
      test.run(world);
    }
  }
}

TEST_CASE("what is answered without a token names no company and no device") {
  Installation world;
  world.pass(std::chrono::hours{1});
  for (const std::string path : {"/", "/page.js", "/healthz", "/api/v1/devices", "/api/v1/none"}) {
    CAPTURE(path);
    const Reply reply = world.ask("GET", path);
    CHECK(reply.text.find("acme") == std::string::npos);
    CHECK(reply.text.find("pump-1") == std::string::npos);
  }
}

}  // namespace cauce::api
