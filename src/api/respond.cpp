#include "api/respond.h"

#include <fmt/core.h>

#include "api/json.h"
#include "base/log.h"

namespace cauce::api {
namespace {

// With the type about:blank, the title is the status in the words of HTTP (RFC 9457, 4.2.1).
std::string_view title_of(int status) {
  switch (status) {
    case 400: return "Bad Request";
    case 401: return "Unauthorized";
    case 403: return "Forbidden";
    case 404: return "Not Found";
    case 405: return "Method Not Allowed";
    case 408: return "Request Timeout";
    case 409: return "Conflict";
    case 410: return "Gone";
    case 412: return "Precondition Failed";
    case 413: return "Content Too Large";
    case 415: return "Unsupported Media Type";
    case 422: return "Unprocessable Content";
    case 429: return "Too Many Requests";
    case 431: return "Request Header Fields Too Large";
    case 501: return "Not Implemented";
    case 503: return "Service Unavailable";
    case 507: return "Insufficient Storage";
    default: return "Internal Server Error";
  }
}

int status_of(Outcome outcome) {
  switch (outcome) {
    case Outcome::invalid: return 400;
    case Outcome::not_found: return 404;
    case Outcome::conflict: return 409;
    case Outcome::denied: return 403;
    case Outcome::unsupported: return 501;
    case Outcome::exhausted:
    case Outcome::unavailable: return 503;
    case Outcome::corrupt: return 500;
  }
  return 500;
}

}  // namespace

net::Response problem(int status, std::string_view detail, std::string_view request_id,
                      const Json& members) {
  Json body = Json::object();
  body.set("type", "about:blank");
  body.set("title", title_of(status));
  body.set("status", status);
  body.set("detail", detail);
  body.set("instance", request_id);
  body.add_members(members);
  net::Response response;
  response.status = status;
  response.body = body.text();
  response.headers.emplace_back("Content-Type", "application/problem+json");
  if (status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
  if (status == 503) response.headers.emplace_back("Retry-After", "1");
  add_common_headers(response, request_id);
  return response;
}

net::Response problem(const Error& error, std::string_view request_id) {
  const int status = status_of(error.outcome);
  if (status < 500) return problem(status, error.message, request_id);
  log::warning(fmt::format("request {}: {}", request_id, error.message),
               {{"request_id", request_id}});
  return problem(status,
                 status == 503 ? "A store cannot answer now: try again in a second. The log says "
                                 "why, under the id of this request."
                               : "Something went wrong inside. The log says what, under the id of "
                                 "this request.",
                 request_id);
}

net::Response respond(const Result<Answer>& result, std::string_view request_id) {
  if (!result) return problem(result.error(), request_id);
  net::Response response;
  if (!result->refusal.empty()) {
    response = problem(result->status, result->refusal, request_id, result->members);
    response.headers.insert(response.headers.end(), result->headers.begin(), result->headers.end());
    return response;
  }
  response.status = result->status;
  response.body = result->json;
  if (!response.body.empty()) response.headers.emplace_back("Content-Type", result->content_type);
  for (const auto& header : result->headers) {
    response.headers.push_back(header);
  }
  add_common_headers(response, request_id);
  return response;
}

void add_common_headers(net::Response& response, std::string_view request_id) {
  response.headers.emplace_back("X-Request-Id", std::string(request_id));
  response.headers.emplace_back("X-Content-Type-Options", "nosniff");
  response.headers.emplace_back("Referrer-Policy", "no-referrer");
  for (const auto& [name, value] : response.headers) {
    if (name == "Cache-Control") return;
  }
  response.headers.emplace_back("Cache-Control", "no-store");
}

}  // namespace cauce::api
