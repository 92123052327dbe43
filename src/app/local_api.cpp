#include "app/local_api.h"

#include <fmt/core.h>

#include "app/run_directory.h"
#include "net/http.h"

namespace cauce::app {
namespace {

using nlohmann::json;

constexpr Duration answer_patience = std::chrono::seconds{30};
constexpr const char* page_items = "1000";

}  // namespace

Result<LocalApi> LocalApi::of(const std::filesystem::path& data) {
  const RunDirectory run{data};
  const Result<Addresses> addresses = run.read_addresses();
  if (!addresses) return addresses.error();
  const Result<std::string> token = run.read_token();
  if (!token) return token.error();
  const auto http = find_address(*addresses, "http");
  if (!http) {
    return Error{Outcome::unavailable, "the api does not run; start cauce with the role api"};
  }
  return LocalApi{data, *http, *token};
}

Result<json> LocalApi::call(std::string method, std::string path, Query query,
                            const json& body) const {
  net::Request request;
  request.method = std::move(method);
  request.path = "/api/v1" + std::move(path);
  request.query = std::move(query);
  request.headers["authorization"] = "Bearer " + token_;
  if (!body.is_null()) {
    request.headers["content-type"] = "application/json";
    request.body = body.dump(-1, ' ', false, json::error_handler_t::replace);
  }
  const Result<net::Response> response = net::request_http(server_, request, answer_patience);
  if (!response) {
    return Error{response.error().outcome,
                 fmt::format("no cauce answers on {0} ({1}); start it with: cauce serve --data {0}",
                             data_.string(), response.error().message)};
  }
  const json parsed = json::parse(response->body, nullptr, false);
  if (response->status >= 300) {
    const std::string detail = parsed.is_object() ? parsed.value("detail", "") : "";
    return Error{Outcome::invalid,
                 detail.empty() ? fmt::format("the api answered {}", response->status) : detail};
  }
  if (response->body.empty()) return json();
  if (!parsed.is_object()) return Error{Outcome::corrupt, "the api answered no JSON object"};
  return parsed;
}

Result<std::vector<json>> LocalApi::items(const std::string& path, Query query) const {
  std::vector<json> items;
  query["limit"] = page_items;
  for (;;) {
    const Result<json> page = call("GET", path, query);
    if (!page) return page.error();
    for (const json& item : page->value("items", json::array()))
      items.push_back(item);
    const json next = page->value("next", json());
    if (!next.is_string() || next.get<std::string>().empty()) return items;
    query["after"] = next.get<std::string>();
  }
}

LocalApi::Query about(const std::string& company) {
  if (company.empty()) return {};
  return {{"company", company}};
}

}  // namespace cauce::app
