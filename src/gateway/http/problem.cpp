#include "gateway/http/problem.h"

#include <fmt/core.h>

#include "base/json.h"
#include "gateway/http/encoding.h"

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

// What a client sent may stand in `detail`.
Json words(int status, std::string_view detail) {
  return {{"title", title_of(status)}, {"status", status}, {"detail", detail}};
}

net::Response problem_of(int status, Json body, std::string_view instance) {
  if (!instance.empty()) body.set("instance", instance);
  net::Response response;
  response.status = status;
  response.body = body.text();
  response.headers.emplace_back("Content-Type", "application/problem+json");
  if (!instance.empty()) response.headers.emplace_back("X-Request-Id", std::string(instance));
  if (status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
  if (status == 415) response.headers.emplace_back("Accept-Encoding", known_encodings);
  if (status == 503) response.headers.emplace_back("Retry-After", "1");
  return response;
}

}  // namespace

net::Response problem(int status, std::string_view detail, std::string_view instance) {
  return problem_of(status, words(status, detail), instance);
}

net::Response problem(const Refusal& refusal, const Stored& stored, std::string_view instance) {
  const std::string end =
      stored.messages == 0
          ? "Nothing is stored."
          : fmt::format("Stored are {} messages, up to line {}.", stored.messages, stored.line);
  Json body = words(refusal.status, fmt::format("{} {}", refusal.detail, end));
  body.set("accepted", stored.messages);
  body.set("line", stored.line);
  return problem_of(refusal.status, std::move(body), instance);
}

net::Response wrong_method(std::string_view method, std::string_view instance) {
  net::Response response = problem(405, fmt::format("This path knows {} only.", method), instance);
  response.headers.emplace_back("Allow", std::string(method));
  return response;
}

net::Response commands_answer(const Json& commands, std::string_view instance) {
  net::Response response;
  response.body = Json{{"commands", commands}}.text();
  response.headers = {{"Content-Type", "application/json"},
                      {"X-Request-Id", std::string(instance)}};
  return response;
}

net::Response accepted(std::uint64_t messages, std::string_view instance) {
  net::Response response;
  response.body = fmt::format("{{\"accepted\": {}}}", messages);
  response.headers = {{"Content-Type", "application/json"},
                      {"X-Request-Id", std::string(instance)}};
  return response;
}

}  // namespace cauce::gateway::http
