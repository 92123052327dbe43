#include "gateway/http/problem.h"

#include "base/json.h"

namespace cauce::gateway::http {
namespace {

std::string_view title_of(int status) {
  switch (status) {
    case 400: return "Bad request";
    case 401: return "Not authenticated";
    case 404: return "Not found";
    case 405: return "Method not allowed";
    case 408: return "Too slow";
    case 413: return "Too large";
    case 415: return "Not supported";
    case 429: return "Too many requests";
    case 431: return "Too large";
    case 503: return "Not available now";
    default: return "Internal error";
  }
}

}  // namespace

net::Response problem(int status, std::string_view detail, std::string_view instance) {
  // What a client sent may stand in `detail`.
  Json body = {{"title", title_of(status)}, {"status", status}, {"detail", detail}};
  if (!instance.empty()) body.set("instance", instance);
  net::Response response;
  response.status = status;
  response.body = body.text();
  response.headers.emplace_back("Content-Type", "application/problem+json");
  if (!instance.empty()) response.headers.emplace_back("X-Request-Id", std::string(instance));
  if (status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
  if (status == 405) response.headers.emplace_back("Allow", "POST");
  if (status == 503) response.headers.emplace_back("Retry-After", "1");
  return response;
}

}  // namespace cauce::gateway::http
