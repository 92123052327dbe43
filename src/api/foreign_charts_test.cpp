// Data sets, uploads and charts: see foreign_company_test.cpp.
#include "api/foreign_company_test.h"

namespace cauce::api {

Reply strange(Installation& world, const std::string& method, const std::string& path,
              const Asked& asked) {
  Asked by_stranger = asked;
  by_stranger.token = stranger;
  return world.ask(method, path, by_stranger);
}

void sees_no_list(Installation& world, const std::string& path) {
  CHECK(world.ask("GET", path, {.token = "acme-viewer"}).body["items"].size() > 0);
  const Reply own = strange(world, "GET", path);
  CHECK(own.status == 200);
  CHECK(own.body["items"].empty());
  const Reply named = strange(world, "GET", path, {.query = {{"company", "acme"}}});
  const Reply missing = strange(world, "GET", path, {.query = {{"company", "nowhere"}}});
  CHECK(named.status == 404);
  CHECK(named.lasting() == missing.lasting());
}

void sees_no_object(Installation& world, const std::string& method, const std::string& path,
                    const std::string& missing_path, const std::string& body) {
  const Reply own = strange(world, method, path, {.body = body});
  CHECK(own.status == 404);
  CHECK(own.lasting() == strange(world, method, missing_path, {.body = body}).lasting());
  const Reply named = strange(world, method, path, {.body = body, .query = {{"company", "acme"}}});
  CHECK(named.status == 404);
  CHECK(named.lasting() ==
        strange(world, method, path, {.body = body, .query = {{"company", "nowhere"}}}).lasting());
}

// A data set of acme.
static std::string add_data_set(Installation& world) {
  const Reply made =
      world.ask("POST", "/api/v1/datasets",
                {.token = "acme-operator",
                 .file = AskedFile{"mpg,weight,origin\n18,3504,USA\n30,2130,Japan\n"}});
  REQUIRE(made.status == 201);
  return made.body["id"];
}
static const std::string no_id(32, '0');

// A chart of it that has an address.
static Reply add_chart(Installation& world, const std::string& set) {
  const Reply made = world.ask(
      "POST", "/api/v1/charts",
      {.token = "acme-viewer",
       .body = R"({"kind":"histogram","options":{"x":"mpg"},"dataset":")" + set + R"("})"});
  REQUIRE(made.status == 201);
  return made;
}

// Uploads do not show by what they answer which data sets or uploads others have.
static void takes_no_file(Installation& world, const std::string& method, const std::string& path,
                          const std::string& missing_path) {
  const AskedFile file{"a\n1\n"};
  const Reply own = strange(world, method, path, {.file = file});
  CHECK(own.status == 404);
  CHECK(own.lasting() == strange(world, method, missing_path, {.file = file}).lasting());
  const Reply named = strange(world, method, path, {.query = {{"company", "acme"}}, .file = file});
  CHECK(named.status == 404);
}

void list_data_sets_test(Installation& world) {
  add_data_set(world);
  sees_no_list(world, "/api/v1/datasets");
}
void create_data_set_test(Installation& world) {
  const AskedFile file{"a\n1\n"};
  const Reply named =
      strange(world, "POST", "/api/v1/datasets", {.query = {{"company", "acme"}}, .file = file});
  CHECK(named.status == 404);
  CHECK(strange(world, "POST", "/api/v1/datasets", {.file = file}).status == 201);
  CHECK(world.ask("GET", "/api/v1/datasets", {.token = "acme-viewer"}).body["items"].empty());
}
void show_data_set_test(Installation& world) {
  const std::string path = "/api/v1/datasets/" + add_data_set(world);
  CHECK(world.ask("GET", path, {.token = "acme-viewer"}).status == 200);
  sees_no_object(world, "GET", path, "/api/v1/datasets/" + no_id);
}
void change_data_set_test(Installation& world) {
  const std::string path = "/api/v1/datasets/" + add_data_set(world);
  sees_no_object(world, "PATCH", path, "/api/v1/datasets/" + no_id, R"({"name":"mine"})");
  CHECK(world.ask("GET", path, {.token = "acme-viewer"}).body["name"] == "cars.csv");
}
void remove_data_set_test(Installation& world) {
  const std::string path = "/api/v1/datasets/" + add_data_set(world);
  sees_no_object(world, "DELETE", path, "/api/v1/datasets/" + no_id);
  CHECK(world.ask("GET", path, {.token = "acme-viewer"}).status == 200);
}
void create_version_test(Installation& world) {
  const std::string id = add_data_set(world);
  takes_no_file(world, "POST", "/api/v1/datasets/" + id + "/versions",
                "/api/v1/datasets/" + no_id + "/versions");
  CHECK(world.ask("GET", "/api/v1/datasets/" + id, {.token = "acme-viewer"}).body["version"] == 1);
}

static std::string add_upload(Installation& world) {
  const Reply begun =
      world.ask("POST", "/api/v1/uploads", {.token = "acme-operator", .body = R"({"bytes":10})"});
  REQUIRE(begun.status == 201);
  return begun.body["id"];
}
void begin_upload_test(Installation& world) {
  const std::string id = add_data_set(world);
  const Reply named = strange(world, "POST", "/api/v1/uploads",
                              {.body = R"({"bytes":10})", .query = {{"company", "acme"}}});
  CHECK(named.status == 404);
  // A data set of acme gets no version from here.
  const auto to_set = [&](const std::string& set) {
    return strange(world, "POST", "/api/v1/uploads",
                   {.body = R"({"bytes":10,"dataset":")" + set + R"("})"});
  };
  CHECK(to_set(id).status == 404);
  CHECK(to_set(id).lasting() == to_set(no_id).lasting());
}
void show_upload_test(Installation& world) {
  const std::string path = "/api/v1/uploads/" + add_upload(world);
  CHECK(world.ask("GET", path, {.token = "acme-operator"}).status == 200);
  sees_no_object(world, "GET", path, "/api/v1/uploads/" + no_id);
}
void continue_upload_test(Installation& world) {
  takes_no_file(world, "PUT", "/api/v1/uploads/" + add_upload(world), "/api/v1/uploads/" + no_id);
}
void remove_upload_test(Installation& world) {
  const std::string path = "/api/v1/uploads/" + add_upload(world);
  sees_no_object(world, "DELETE", path, "/api/v1/uploads/" + no_id);
  CHECK(world.ask("GET", path, {.token = "acme-operator"}).status == 200);
}

void recommend_charts_test(Installation& world) {
  const auto path = [](const std::string& id) {
    return "/api/v1/datasets/" + id + "/recommendations";
  };
  const std::string id = add_data_set(world);
  CHECK(world.ask("GET", path(id), {.token = "acme-viewer"}).status == 200);
  sees_no_object(world, "GET", path(id), path(no_id));
}

void create_chart_test(Installation& world) {
  const auto ask = [&](const std::string& source, const std::string& company) {
    std::map<std::string, std::string> query;
    if (!company.empty()) query["company"] = company;
    return strange(
        world, "POST", "/api/v1/charts",
        {.body = R"({"kind":"histogram","options":{"x":"mpg"},)" + source + "}", .query = query});
  };
  const std::string of_acme = R"("dataset":")" + add_data_set(world) + '"';
  const std::string of_nobody = R"("dataset":")" + no_id + '"';
  CHECK(ask(of_acme, "").status == 404);
  CHECK(ask(of_acme, "").lasting() == ask(of_nobody, "").lasting());
  CHECK(ask(of_acme, "acme").status == 404);
  const std::string series = R"("series":"acme/pump-1/temperature")";
  CHECK(ask(series, "").status == 404);
  CHECK(ask(series, "").lasting() == ask(R"("series":"acme/none/temperature")", "").lasting());
}
void show_chart_test(Installation& world) {
  const std::string set = add_data_set(world);
  const std::map<std::string, std::string> query{{"dataset", set}, {"x", "mpg"}};
  CHECK(world.ask("GET", "/api/v1/charts/histogram", {.token = "acme-viewer", .query = query})
            .status == 200);
  const Reply own = strange(world, "GET", "/api/v1/charts/histogram", {.query = query});
  CHECK(own.status == 404);
  CHECK(own.lasting() == strange(world, "GET", "/api/v1/charts/histogram",
                                 {.query = {{"dataset", no_id}, {"x", "mpg"}}})
                             .lasting());
  const Reply made = add_chart(world, set);
  sees_no_object(world, "GET", made.body["urls"]["png"], "/api/v1/charts/" + no_id + ".png");
}
void list_charts_test(Installation& world) {
  const std::string set = add_data_set(world);
  add_chart(world, set);
  sees_no_list(world, "/api/v1/charts");
  const Reply own = strange(world, "GET", "/api/v1/charts", {.query = {{"dataset", set}}});
  CHECK(own.status == 404);
  CHECK(own.lasting() ==
        strange(world, "GET", "/api/v1/charts", {.query = {{"dataset", no_id}}}).lasting());
}
void remove_chart_test(Installation& world) {
  const Reply made = add_chart(world, add_data_set(world));
  const std::string id = made.body["id"];
  sees_no_object(world, "DELETE", "/api/v1/charts/" + id, "/api/v1/charts/" + no_id);
  CHECK(world.ask("GET", made.body["urls"]["png"], {.token = "acme-viewer"}).status == 200);
}

static void sees_no_last_upload(Installation& world, const std::string& path,
                                const std::map<std::string, std::string>& query) {
  add_data_set(world);
  CHECK(world.ask("GET", path, {.token = "acme-viewer", .query = query}).status == 200);
  const Reply own = strange(world, "GET", path, {.query = query});
  CHECK(own.status == 404);
  CHECK(own.text.find("acme") == std::string::npos);
  std::map<std::string, std::string> named = query;
  named["company"] = "acme";
  CHECK(strange(world, "GET", path, {.query = named}).status == 404);
}
void load_data_test(Installation& world) {
  const AskedFile file{"a\n1\n"};
  CHECK(
      strange(world, "POST", "/dataload", {.query = {{"company", "acme"}}, .file = file}).status ==
      404);
  CHECK(strange(world, "POST", "/dataload", {.file = file}).status == 200);
  CHECK(world.ask("GET", "/api/v1/datasets", {.token = "acme-viewer"}).body["items"].empty());
}
void list_columns_test(Installation& world) {
  sees_no_last_upload(world, "/datacols", {});
}
void plot_scatter_test(Installation& world) {
  sees_no_last_upload(world, "/scatterplot", {{"x", "weight"}, {"y", "mpg"}});
}
void plot_bar_test(Installation& world) {
  sees_no_last_upload(world, "/barplot", {{"x", "origin"}, {"y", "mpg"}});
}
void plot_density_test(Installation& world) {
  sees_no_last_upload(world, "/densityplot", {});
}
void plot_box_test(Installation& world) {
  sees_no_last_upload(world, "/boxplot", {});
}

}  // namespace cauce::api
