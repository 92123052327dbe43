#include "api/respond.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "api/json.h"
#include "base/log.h"

namespace cauce::api {
namespace {

std::string_view title_of(int status) {
  switch (status) {
    case 400: return "Bad request";
    case 401: return "Not authenticated";
    case 403: return "Not allowed";
    case 404: return "Not found";
    case 405: return "Method not allowed";
    case 409: return "Conflict";
    case 413: return "Too large";
    case 501: return "Not supported";
    case 503: return "Not available now";
    default: return "Internal error";
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

net::Response problem(int status, std::string_view detail, std::string_view request_id) {
  Json body;
  body["title"] = title_of(status);
  body["status"] = status;
  body["detail"] = detail;
  body["instance"] = request_id;
  net::Response response;
  response.status = status;
  response.body = text_of(body);
  response.headers.emplace_back("Content-Type", "application/problem+json");
  if (status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
  if (status == 503) response.headers.emplace_back("Retry-After", "1");
  add_common_headers(response, request_id);
  return response;
}

net::Response problem(const Error& error, std::string_view request_id) {
  const int status = status_of(error.outcome);
  if (status < 500) return problem(status, error.message, request_id);
  log::warning(fmt::format("request {}: {}", request_id, error.message));
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
  response.headers.emplace_back("Cache-Control", "no-store");
}

}  // namespace cauce::api
