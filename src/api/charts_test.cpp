#include <doctest/doctest.h>

#include <set>

#include "api/chart_desk.h"
#include "api/data_desk.h"
#include "api/installation_test.h"
#include "api/routes.h"
#include "charts/options.h"

namespace cauce::api {
namespace {

const std::string cars =
    "mpg,weight,origin\n18,3504,USA\n15,3693,USA\n30,2130,Japan\n27,2200,Japan\n25,2672,Europe\n";

using Query = std::map<std::string, std::string>;

std::string upload(Installation& world, const std::string& content = cars) {
  const Reply made =
      world.ask("POST", "/api/v1/datasets", {.token = "acme-operator", .file = AskedFile{content}});
  REQUIRE(made.status == 201);
  return made.body["id"];
}

Reply draw(Installation& world, const std::string& kind, Query query,
           std::map<std::string, std::string> headers = {}) {
  return world.ask("GET", "/api/v1/charts/" + kind,
                   {.token = "acme-viewer", .query = std::move(query), .headers = headers});
}

Reply pin(Installation& world, const std::string& body) {
  return world.ask("POST", "/api/v1/charts", {.token = "acme-viewer", .body = body});
}

// A link as a browser without any token follows it.
Reply follow(Installation& world, const std::string& link) {
  const std::size_t mark = link.find('?');
  Query query;
  std::string rest = link.substr(mark + 1);
  while (!rest.empty()) {
    const std::string pair = rest.substr(0, rest.find('&'));
    query[pair.substr(0, pair.find('='))] = pair.substr(pair.find('=') + 1);
    rest.erase(0, pair.size() + 1);
  }
  return world.ask("GET", link.substr(0, mark), {.query = query});
}

}  // namespace

TEST_CASE("a chart is drawn in every format, each with its type and its tag") {
  Installation world;
  const std::string set = upload(world);
  std::set<std::string> tags;
  for (const auto& [format, type] :
       std::map<std::string, std::string>{{"png", "image/png"},
                                          {"svg", "image/svg+xml; charset=utf-8"},
                                          {"pdf", "application/pdf"},
                                          {"json", "application/json"}}) {
    CAPTURE(format);
    const Query query{{"dataset", set}, {"x", "weight"}, {"y", "mpg"}, {"format", format}};
    const Reply reply = draw(world, "scatter", query);
    REQUIRE(reply.status == 200);
    CHECK(reply.headers.at("Content-Type") == type);
    CHECK(reply.headers.at("Cache-Control") == "private, no-cache");
    tags.insert(reply.headers.at("ETag"));
    const Reply again =
        draw(world, "scatter", query, {{"if-none-match", reply.headers.at("ETag")}});
    CHECK(again.status == 304);
    CHECK(again.text.empty());
    CHECK(again.headers.at("ETag") == reply.headers.at("ETag"));
  }
  CHECK(tags.size() == 4);
  CHECK(draw(world, "scatter", {{"dataset", set}, {"x", "weight"}, {"y", "mpg"}})
            .headers.at("Content-Type") == "image/png");
}

TEST_CASE("the tag of a chart changes with its data and with each option") {
  Installation world;
  const std::string set = upload(world);
  const auto tag = [&](Query more) {
    more["dataset"] = set;
    more["x"] = "mpg";
    const Reply reply = draw(world, "histogram", more);
    REQUIRE(reply.status == 200);
    return reply.headers.at("ETag");
  };
  const std::string first = tag({});
  CHECK(tag({}) == first);
  CHECK(tag({{"bins", "3"}}) != first);
  CHECK(tag({{"theme", "dark"}}) != first);
  CHECK(tag({{"width", "400"}}) != first);
  REQUIRE(world
              .ask("POST", "/api/v1/datasets/" + set + "/versions",
                   {.token = "acme-operator", .file = AskedFile{"mpg\n1\n2\n"}})
              .status == 201);
  CHECK(tag({}) != first);
  CHECK(tag({{"version", "1"}}) == first);
  CHECK(draw(world, "histogram", {{"dataset", set}, {"x", "mpg"}, {"version", "3"}}).status == 404);
}

TEST_CASE("a chart that cannot be made is refused in words") {
  Installation world;
  const std::string set = upload(world);
  const auto refused = [&](const std::string& kind, Query query) {
    if (!query.contains("dataset")) query["dataset"] = set;
    const Reply reply = draw(world, kind, std::move(query));
    return std::to_string(reply.status) + " " + reply.body.value("detail", "");
  };
  CHECK(refused("scatter", {{"x", "wieght"}, {"y", "mpg"}}).find("did you mean weight?") !=
        std::string::npos);
  CHECK(refused("scatter", {{"x", "wieght"}, {"y", "mpg"}}).starts_with("422 "));
  CHECK(refused("scatter", {{"x", "weight"}}).starts_with("422 "));
  CHECK(refused("histogram", {{"x", "mpg"}, {"bins", "many"}}).starts_with("400 "));
  CHECK(refused("histogram", {{"x", "mpg"}, {"colour", "red"}}).starts_with("400 "));
  CHECK(refused("histogram", {{"x", "mpg"}, {"format", "gif"}}).starts_with("400 "));
  CHECK(refused("histogram", {{"x", "mpg"}, {"from", "2027-01-01T00:00:00Z"}}).starts_with("400 "));
  CHECK(refused("pie", {{"x", "mpg"}}).starts_with("404 "));
  CHECK(draw(world, "histogram", {{"x", "mpg"}}).status == 400);
}

TEST_CASE("every option of a chart is a parameter of the route") {
  const Match match = find_route("GET", "/api/v1/charts/scatter");
  REQUIRE(match.route != nullptr);
  const std::string words = " " + std::string(match.route->query) + " ";
  for (const charts::Option& option : charts::options()) {
    CAPTURE(option.name);
    CHECK(words.find(" " + std::string(option.name) + " ") != std::string::npos);
  }
}

TEST_CASE("a chart gets an address that shows the same for ever, and links that need no token") {
  Installation world;
  const std::string set = upload(world);
  const std::string body =
      R"({"kind":"bar","dataset":")" + set + R"(","options":{"x":"origin","y":"mpg","width":400}})";
  const Reply made = pin(world, body);
  REQUIRE(made.status == 201);
  CHECK(made.body["rows"] == 5);
  CHECK(made.body["drawn"] == 5);
  CHECK(made.body["version"] == 1);
  CHECK(made.body["alternative_text"].get<std::string>().size() > 3);
  CHECK(pin(world, body).body["id"] == made.body["id"]);
  const std::string url = made.body["urls"]["svg"];
  const Reply shown = world.ask("GET", url, {.token = "acme-viewer"});
  REQUIRE(shown.status == 200);
  CHECK(shown.headers.at("Cache-Control") == "private, max-age=31536000, immutable");

  // A later version changes nothing.
  world.ask("POST", "/api/v1/datasets/" + set + "/versions",
            {.token = "acme-operator", .file = AskedFile{"origin,mpg\nUSA,1\n"}});
  CHECK(world.ask("GET", url, {.token = "acme-viewer"}).text == shown.text);
  CHECK(pin(world, body).body["id"] != made.body["id"]);

  CHECK(world.ask("GET", url).status == 401);
  const std::string link = made.body["links"]["svg"];
  CHECK(follow(world, link).text == shown.text);
  CHECK(follow(world, link + "0").status == 401);
  world.pass(std::chrono::hours{24 * 31});
  CHECK(follow(world, link).status == 401);
  CHECK(world.ask("GET", url, {.token = "acme-viewer"}).status == 200);
  CHECK(world.ask("GET", url, {.token = "acme-viewer", .query = {{"x", "mpg"}}}).status == 400);

  CHECK(world.ask("DELETE", "/api/v1/datasets/" + set, {.token = "acme-operator"}).status == 204);
  CHECK(world.ask("GET", url, {.token = "acme-viewer"}).status == 404);
}

TEST_CASE("a new chart tells how many of its characters no font has") {
  Installation world;
  // Private use: no font of this world has them.
  const std::string set = upload(world, "origin,mpg\n\U0010fffd\U0010fffd,18\nUSA,15\n");
  const auto made = [&](const std::string& options) {
    return pin(world, R"({"kind":"bar","dataset":")" + set +
                          R"(","options":{"x":"origin","y":"mpg")" + options + "}}");
  };
  const Reply boxes = made("");
  REQUIRE(boxes.status == 201);
  const int count = boxes.body["characters_without_font"];
  CHECK(count >= 2);
  CHECK(follow(world, boxes.body["links"]["svg"])
            .text.find(std::to_string(count) + " characters that no installed font has") !=
        std::string::npos);
  CHECK(made(R"(,"where":"origin = USA")").body["characters_without_font"] == 0);
  CHECK(made(R"(,"highlight":"nobody")").status == 400);
}

TEST_CASE("the body of a new chart is checked") {
  Installation world;
  const std::string set = upload(world);
  const std::string begin = R"({"kind":"histogram","dataset":")" + set + '"';
  CHECK(pin(world, begin + R"(,"options":{"x":"mpg","bins":3}})").status == 201);
  CHECK(pin(world, begin + R"(,"options":{"x":"mpg"},"link_seconds":60})").status == 201);
  const Reply filtered =
      pin(world, begin + R"(,"options":{"x":"mpg","where":["mpg > 15","origin = USA"]}})");
  REQUIRE(filtered.status == 201);
  CHECK(filtered.body["rows"] == 1);
  for (const std::string& rest :
       {std::string(R"(,"options":{"x":[["mpg"]]}})"), std::string(R"(,"options":[]})"),
        std::string(R"(,"options":{"colour":"red"}})"), std::string(R"(,"link_seconds":0})"),
        std::string(R"(,"link_seconds":40000000})"), std::string(R"(,"series":"pump-1/t"})"),
        std::string(R"(,"from":"2027-01-15T08:00:00Z"})")}) {
    CAPTURE(rest);
    CHECK(pin(world, begin + rest).status == 400);
  }
  CHECK(pin(world, R"({"kind":"histogram"})").status == 400);
  CHECK(pin(world, R"({"dataset":")" + set + R"("})").status == 400);
}

TEST_CASE("a chart of a series shows its points between two moments") {
  Installation world;
  const Query query{
      {"series", "pump-1/temperature"}, {"x", "time"}, {"y", "value"}, {"format", "json"}};
  const Reply all = draw(world, "scatter", query);
  REQUIRE(all.status == 200);
  CHECK(all.body["n"] == 10);
  CHECK_FALSE(all.headers.contains("ETag"));
  Query part = query;
  part["from"] = "2027-01-15T08:00:02Z";
  part["to"] = "2027-01-15T08:00:05Z";
  CHECK(draw(world, "scatter", part).body["n"] == 3);
  part["from"] = "2027-01-15T08:00:05Z";
  CHECK(draw(world, "scatter", part).status == 400);

  // Its address keeps the points as they were.
  const Reply made = pin(world, R"({"kind":"histogram","series":"acme/pump-1/motor/temperature",)"
                                R"("options":{"x":"value"}})");
  REQUIRE(made.status == 201);
  CHECK(made.body["dataset"].is_null());
  CHECK(world.ask("GET", made.body["urls"]["json"], {.token = "acme-viewer"}).body["n"] == 10);
  CHECK(draw(world, "scatter", {{"series", "pump-1/none"}, {"x", "time"}, {"y", "value"}}).status ==
        404);
}

TEST_CASE("a chart of a series shows its windows of every size") {
  Installation world;
  const Query query{{"series", "pump-1/temperature"}, {"y", "mean"}, {"format", "json"}};
  for (const auto& [resolution, label] :
       std::map<std::string, std::string>{{"1m", "2027-01-15T08:00:00Z"},
                                          {"15m", "2027-01-15T08:00:00Z"},
                                          {"1h", "2027-01-15T08:00:00Z"},
                                          {"1d", "2027-01-15"}}) {
    CAPTURE(resolution);
    Query one = query;
    one["resolution"] = resolution;
    one["x"] = "time";
    one["aggregate"] = "mean";
    const Reply reply = draw(world, "bar", one);
    REQUIRE(reply.status == 200);
    REQUIRE(reply.body["groups"].size() == 1);
    // A day is that of the site: in Madrid it began at 23:00 UTC.
    CHECK(reply.body["groups"][0]["group"] == label);
    CHECK(reply.body["groups"][0]["mean"] == 24.5);
  }
  for (const char* statistic :
       {"min", "max", "p50", "p95", "deviation", "count", "first", "last"}) {
    CAPTURE(statistic);
    const Reply reply = draw(world, "line",
                             {{"series", "pump-1/temperature"},
                              {"resolution", "1m"},
                              {"x", "time"},
                              {"y", statistic},
                              {"format", "json"}});
    CHECK(reply.status == 200);
  }
  Query wrong = query;
  wrong["x"] = "time";
  wrong["resolution"] = "2m";
  CHECK(draw(world, "line", wrong).status == 400);
  CHECK(draw(world, "line", {{"facts", "temperature"}, {"resolution", "1m"}}).status == 400);
  const Reply made = pin(world, R"({"kind":"line","series":"pump-1/temperature","resolution":"1h",)"
                                R"("options":{"x":"time","y":"p95"}})");
  CHECK(made.status == 201);
}

TEST_CASE("the unit of a series stands at its axes of numbers") {
  Installation world;
  const auto texts = [&](const std::string& kind, Query query) {
    query.insert({{"series", "pump-1/temperature"}, {"format", "svg"}});
    const Reply reply = draw(world, kind, query);
    REQUIRE(reply.status == 200);
    return reply.text;
  };
  const auto said = [](const std::string& text) { return text.find("Cel") != std::string::npos; };
  CHECK(said(texts("line", {{"x", "time"}, {"y", "value"}})));
  CHECK(said(texts("histogram", {{"x", "value"}})));
  CHECK(said(texts("bar", {{"resolution", "1m"}, {"x", "time"}, {"y", "p95"}})));
  CHECK_FALSE(said(texts("line", {{"resolution", "1m"}, {"x", "time"}, {"y", "count"}})));
  CHECK_FALSE(said(texts("bar", {{"resolution", "1m"}, {"x", "time"}, {"aggregate", "count"}})));
  CHECK_FALSE(said(texts("line", {{"x", "time"}, {"y", "value"}, {"y-unit", "°F"}})));
}

TEST_CASE("a chart of sensors calls its columns by Spanish words, in every kind and format") {
  Installation world;
  world.fill_warehouse();
  const Query series{{"series", "pump-1/temperature"}, {"resolution", "1m"}};
  const Query facts{{"facts", "temperature"}};
  const auto with = [](Query query, const Query& more) {
    query.insert(more.begin(), more.end());
    query["locale"] = "es";
    query["title"] = "T";
    return query;
  };
  struct Drawn {
    std::string kind;
    Query query;
    std::vector<std::string> words;
  };
  const std::vector<Drawn> charts{
      {"line", with(series, {{"x", "time"}, {"y", "mean"}}), {"Momento", "Media (Cel)"}},
      {"scatter", with(series, {{"x", "first"}, {"y", "last"}}), {"Valor inicial", "Valor final"}},
      {"bar", with(series, {{"x", "time"}, {"y", "p95"}}), {"Media de percentil 95"}},
      {"bar",
       with(series, {{"x", "time"}, {"y", "count"}, {"aggregate", "sum"}}),
       {"Suma de número de valores"}},
      {"histogram", with(series, {{"x", "p95"}}), {"Percentil 95"}},
      {"density", with({{"series", "pump-1/temperature"}}, {{"x", "value"}}), {"Valor (Cel)"}},
      {"ecdf", with(series, {{"x", "p50"}}), {"Mediana"}},
      {"pairs", with(series, {{"columns", "p50,mean"}}), {"Mediana", "Media"}},
      {"box", with(facts, {{"y", "value"}, {"by", "site"}}), {"Valor"}},
      {"heat",
       with(facts, {{"x", "device"}, {"y", "quality"}, {"color", "value"}}),
       {"Dispositivo", "Calidad", "Media de valor"}}};
  for (const Drawn& chart : charts) {
    for (const std::string format : {"svg", "vega-lite"}) {
      CAPTURE(chart.kind);
      CAPTURE(format);
      Query query = chart.query;
      query["format"] = format;
      const Reply reply = draw(world, chart.kind, query);
      REQUIRE(reply.status == 200);
      for (const std::string& word : chart.words) {
        // Vega-Lite names neither what is counted nor the sides of pairs.
        const bool only_drawn =
            format != "svg" && (word.find("de ") != std::string::npos || chart.kind == "pairs");
        CAPTURE(word);
        CHECK((only_drawn || reply.text.find(word) != std::string::npos));
      }
      for (const std::string word : {">Time", ">Mean", ">Value", "\"Time", "\"Mean", "\"Value"})
        CHECK(reply.text.find(word) == std::string::npos);
    }
  }
  // In words alone, too, and by its address.
  const Reply made = pin(world, R"({"kind":"line","series":"pump-1/temperature","resolution":"1m",)"
                                R"("options":{"x":"time","y":"mean","locale":"es"}})");
  REQUIRE(made.status == 201);
  const std::string alternative = made.body["alternative_text"];
  CHECK(alternative.find("Gráfico de líneas de media según momento: ") != std::string::npos);
  const Reply shown = follow(world, made.body["links"]["svg"]);
  CHECK(shown.text.find("Momento") != std::string::npos);
  // The columns of a file are called as the file calls them.
  const std::string set = upload(world, "time,mean\n1,2\n2,3\n");
  const Reply own =
      draw(world, "line",
           {{"dataset", set}, {"x", "time"}, {"y", "mean"}, {"locale", "es"}, {"format", "svg"}});
  CHECK(own.text.find(">Time<") != std::string::npos);
}

TEST_CASE("columns that cannot be a chart are refused in both languages, a wrong option in one") {
  Installation world;
  const std::string set = upload(world);
  const Reply wrong = draw(world, "density", {{"dataset", set}, {"x", "origin"}});
  CHECK(wrong.status == 422);
  CHECK(wrong.body["text"]["en"] == wrong.body["detail"]);
  CHECK(wrong.body["text"]["es"] ==
        "origin es texto, y aquí la densidad necesita números: elija una columna de números, o "
        "cuente sus valores con barras");
  const Reply option = draw(world, "density", {{"dataset", set}, {"x", "mpg"}, {"bins", "many"}});
  CHECK(option.status == 400);
  CHECK_FALSE(option.body.contains("text"));
}

TEST_CASE("a chart of facts is of all devices of the caller's company, and of nobody else's") {
  Installation world;
  const Query query{{"facts", "temperature"}, {"y", "value"}, {"by", "site"}, {"format", "json"}};
  CHECK(draw(world, "box", query).status == 422);
  world.fill_warehouse();
  const Reply reply = draw(world, "box", query);
  REQUIRE(reply.status == 200);
  CHECK_FALSE(reply.headers.contains("ETag"));
  REQUIRE(reply.body["groups"].size() == 1);
  CHECK(reply.body["groups"][0]["group"] == "plant");
  CHECK(reply.body["groups"][0]["max"] == 21.5);
  CHECK(world.ask("GET", "/api/v1/charts/box", {.token = "rival-owner", .query = query}).status ==
        422);
  Query later = query;
  later["from"] = "2027-01-15T08:00:00.000001Z";
  later["to"] = "2027-01-16T08:00:00Z";
  CHECK(draw(world, "box", later).status == 422);
  Query both = query;
  both["series"] = "pump-1/temperature";
  CHECK(draw(world, "box", both).status == 400);
}

TEST_CASE("charts wait in turn, so many of them, and none is lost") {
  Installation world;
  const std::string set = upload(world);
  world.hold_charts = true;
  std::vector<std::shared_ptr<Reply>> waiting;
  const auto send = [&](std::size_t number) {
    auto reply = std::make_shared<Reply>();
    world.send("GET", "/api/v1/charts/histogram",
               {.token = "acme-viewer",
                .query = {{"dataset", set}, {"x", "mpg"}, {"width", std::to_string(200 + number)}}},
               reply);
    world.work();
    return reply;
  };
  for (std::size_t number = 0; number < ChartDeskOptions{}.charts_of_one_max; ++number) {
    waiting.push_back(send(number));
    CHECK(waiting.back()->status == 0);
  }
  const auto refused = send(1000);
  CHECK(refused->status == 503);
  CHECK(refused->headers.at("Retry-After") == "1");
  CHECK(world.ask("GET", "/api/v1/devices", {.token = "acme-viewer"}).status == 200);
  world.hold_charts = false;
  world.work();
  for (const auto& reply : waiting) {
    CHECK(reply->status == 200);
  }
}

TEST_CASE("a chart in another size does not read its table again") {
  Installation world;
  const std::string set = upload(world);
  Query query{{"dataset", set}, {"x", "mpg"}};
  REQUIRE(draw(world, "histogram", query).status == 200);
  const auto kept = world.objects->list("charts/figures/");
  REQUIRE(kept->size() == 1);
  // The file is gone, and its columns; the figures are there.
  for (const char* part : {"/1.csv", "/1.typed.columns"})
    REQUIRE(world.objects->remove("datasets/acme/" + set + part));
  query["width"] = "500";
  CHECK(draw(world, "histogram", query).status == 200);
  query["locale"] = "es";
  query["format"] = "json";
  CHECK(draw(world, "histogram", query).status == 200);
  query["bins"] = "2";
  CHECK(draw(world, "histogram", query).status != 200);
  CHECK(world.objects->list("charts/figures/")->size() == 1);
}

TEST_CASE("a chart is drawn from typed columns, or from the file when they are damaged") {
  Installation world;
  const std::string set = upload(world);
  const std::string folder = "datasets/acme/" + set;
  const Bytes csv = *world.objects->get(folder + "/1.csv");
  const Bytes columns = *world.objects->get(folder + "/1.typed.columns");
  const auto numbers = [&](const std::string& bins) {
    return draw(world, "histogram",
                {{"dataset", set}, {"x", "mpg"}, {"bins", bins}, {"format", "json"}});
  };
  REQUIRE(world.objects->remove(folder + "/1.csv"));
  const Reply typed = numbers("2");
  REQUIRE(typed.status == 200);
  CHECK(typed.body["n"] == 5);
  REQUIRE(world.objects->put(folder + "/1.csv", csv));
  std::string bins = "3";
  for (const std::size_t at : {std::size_t{3}, std::size_t{20}, columns.size() - 40}) {
    CAPTURE(at);
    Bytes damaged = columns;
    damaged[at] = char(damaged[at] ^ 1);
    REQUIRE(world.objects->put(folder + "/1.typed.columns", damaged));
    const Reply from_file = numbers(bins);
    REQUIRE(from_file.status == 200);
    CHECK(from_file.body["n"] == 5);
    bins = std::to_string(std::stoi(bins) + 1);  // figures of another request are not kept yet
  }
  REQUIRE(world.objects->remove(folder + "/1.typed.columns"));
  CHECK(numbers("20").status == 200);
}

TEST_CASE("the calls of the original chart service work for the last upload") {
  Installation world;
  const Reply loaded =
      world.ask("POST", "/dataload", {.token = "acme-operator", .file = AskedFile{cars}});
  REQUIRE(loaded.status == 200);
  CHECK(loaded.body["response"].get<std::string>().starts_with("/api/v1/datasets/"));
  const auto get = [&](const std::string& path, Query query = {}) {
    return world.ask("GET", path, {.token = "acme-viewer", .query = std::move(query)});
  };
  CHECK(get("/datacols").body["response"] == nlohmann::json::array({"mpg", "weight", "origin"}));
  for (const auto& [path, query] : std::map<std::string, Query>{
           {"/scatterplot", {{"x", "weight"}, {"y", "mpg"}, {"c", "origin"}}},
           {"/barplot", {{"x", "origin"}, {"y", "mpg"}}},
           {"/densityplot", {}},
           {"/boxplot", {}}}) {
    CAPTURE(path);
    const Reply reply = get(path, query);
    REQUIRE(reply.status == 200);
    CHECK(follow(world, reply.body["response"]).headers.at("Content-Type") == "image/png");
  }
  CHECK(get("/scatterplot", {{"x", "none"}, {"y", "mpg"}}).status == 422);
}

}  // namespace cauce::api
