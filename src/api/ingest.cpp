#include "api/ingest.h"

#include <utility>

#include "api/respond.h"
#include "base/log.h"

namespace cauce::api {
namespace {

constexpr std::string_view path_start = "/api/v1/devices/";
constexpr std::string_view path_end = "/messages";

// What the gateway has to know, and no cookie.
constexpr std::string_view handed_on[] = {"authorization", "content-type", "content-encoding"};

net::Response gateway_is_gone(std::string_view id) {
  return problem(503,
                 "The gateway does not answer: it is not certain that the messages are stored, "
                 "send them again.",
                 id);
}

// The gateway's own words. Length and connection are for this server to say.
net::Response passed_back(net::Response answer, std::string_view id) {
  net::Response response;
  response.status = answer.status;
  response.body = std::move(answer.body);
  for (auto& [name, value] : answer.headers) {
    for (const std::string_view kept :
         {"Content-Type", "Retry-After", "WWW-Authenticate", "Allow", "Accept-Encoding"}) {
      if (name == kept) response.headers.emplace_back(name, std::move(value));
    }
  }
  add_common_headers(response, id);
  return response;
}

}  // namespace

bool Ingest::takes(std::string_view path) {
  if (!path.starts_with(path_start) || !path.ends_with(path_end)) return false;
  if (path.size() <= path_start.size() + path_end.size()) return false;
  path.remove_prefix(path_start.size());
  return path.find('/') == path.size() - path_end.size();
}

void Ingest::set_address(std::optional<net::Address> address) {
  const std::lock_guard lock(mutex_);
  address_ = std::move(address);
}

void Ingest::hand_on(const net::Request& request, const std::string& id, net::Respond respond) {
  std::optional<net::Address> address;
  {
    const std::lock_guard lock(mutex_);
    address = address_;
  }
  if (!address) return respond(gateway_is_gone(id));
  net::Request copy;
  copy.method = request.method;
  copy.path = request.path;
  copy.body = request.body;
  copy.headers["x-request-id"] = id;
  for (const std::string_view name : handed_on) {
    const auto found = request.headers.find(std::string(name));
    if (found != request.headers.end()) copy.headers.insert(*found);
  }
  gateway_.send(*address, copy, [id, respond = std::move(respond)](Result<net::Response> answer) {
    if (answer) return respond(passed_back(*std::move(answer), id));
    log::warning("request " + id + ": " + answer.error().message);
    respond(gateway_is_gone(id));
  });
}

}  // namespace cauce::api
