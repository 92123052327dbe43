#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "app/commands.h"
#include "app/run_directory.h"
#include "base/clock.h"
#include "net/http.h"
#include "work/signal.h"

namespace cauce::app {
namespace {

using nlohmann::json;

constexpr Duration answer_patience = std::chrono::seconds{10};
constexpr const char* first_company = "main";
constexpr Duration look_interval = std::chrono::milliseconds{300};

// Calls the API of the cauce that runs on `data`, as whoever may read that directory.
class LocalApi {
 public:
  static Result<LocalApi> of(const std::filesystem::path& data) {
    const RunDirectory run{data};
    const Result<Addresses> addresses = run.read_addresses();
    if (!addresses) return addresses.error();
    const Result<std::string> token = run.read_token();
    if (!token) return token.error();
    if (!addresses->http) {
      return Error{Outcome::unavailable, "the api does not run; start cauce with the role api"};
    }
    return LocalApi{data, *addresses->http, *token};
  }

  Result<json> call(std::string method, std::string path, const std::string& company,
                    const json& body) const {
    net::Request request;
    request.method = std::move(method);
    request.path = "/api/v1" + std::move(path);
    if (!company.empty()) request.query["company"] = company;
    request.headers["authorization"] = "Bearer " + token_;
    if (!body.is_null()) {
      request.headers["content-type"] = "application/json";
      request.body = body.dump();
    }
    const Result<net::Response> response = net::request_http(server_, request, answer_patience);
    if (!response) {
      return Error{
          response.error().outcome,
          fmt::format("no cauce answers on {0} ({1}); start it with: cauce serve --data {0}",
                      data_.string(), response.error().message)};
    }
    const json parsed = json::parse(response->body, nullptr, false);
    if (response->status >= 300) {
      const std::string detail = parsed.is_object() ? parsed.value("detail", "") : "";
      return Error{Outcome::invalid,
                   detail.empty() ? fmt::format("the api answered {}", response->status) : detail};
    }
    if (!parsed.is_object()) return Error{Outcome::corrupt, "the api answered no JSON object"};
    return parsed;
  }

 private:
  LocalApi(std::filesystem::path data, net::Address server, std::string token)
      : data_(std::move(data)), server_(std::move(server)), token_(std::move(token)) {}

  std::filesystem::path data_;
  net::Address server_;
  std::string token_;
};

std::string text_of(const json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

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
    const Result<json> device = api.call("GET", path, text_of(made["company"]), nullptr);
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
  const Result<json> companies = api.call("GET", "/companies", "", nullptr);
  if (!companies) return companies.error();
  if (!companies->value("items", json::array()).empty()) return {};
  const Result<json> made =
      api.call("POST", "/companies", "", {{"name", first_company}, {"title", "Main"}});
  if (!made) return made.error();
  std::printf("company  %s (the first one, made for this device)\n", first_company);
  return {};
}

}  // namespace

Result<void> run_device_add(const DeviceAdd& command) {
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
  const Result<json> made = api->call("POST", "/devices", command.company, body);
  if (!made) return made.error().during("add device " + command.name);
  print_credentials(*made);
  return command.wait ? wait_for_first_message(*api, *made) : Result<void>{};
}

}  // namespace cauce::app
