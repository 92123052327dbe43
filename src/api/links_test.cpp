#include "api/links.h"

#include <doctest/doctest.h>

#include "crypto/crypto.h"

namespace cauce::api {
namespace {

constexpr Time now = from_microseconds(1'800'000'000'000'000);
constexpr Time made_at = now - std::chrono::hours{9};
const Bytes key(32, 'k');

net::Request by_link(const std::string& path, std::string_view query) {
  net::Request request;
  request.path = path;
  while (!query.empty()) {
    const std::string_view pair = query.substr(0, query.find('&'));
    const std::size_t equals = pair.find('=');
    request.query[std::string(pair.substr(0, equals))] = pair.substr(equals + 1);
    query.remove_prefix(std::min(query.size(), pair.size() + 1));
  }
  return request;
}

}  // namespace

TEST_CASE("a link shows its path of its company until its end, and nothing else") {
  const Time until = now + std::chrono::hours{1};
  const std::string query = link_query(key, "/api/v1/charts/ab.png", "acme", made_at, until);
  net::Request request = by_link("/api/v1/charts/ab.png", query);
  CHECK(comes_by_link(request));
  const auto caller = caller_by_link(request, key, made_at, now);
  REQUIRE(caller);
  CHECK(caller->company == "acme");
  CHECK(caller->access == business::Access::viewer);
  CHECK(caller_by_link(request, key, made_at, until - Duration{1}).has_value());
  CHECK(caller_by_link(request, key, made_at, until)
            .error()
            .message.starts_with("This link is over"));
  CHECK_FALSE(caller_by_link(request, Bytes(32, 'x'), made_at, now));
  CHECK_FALSE(caller_by_link(request, {}, made_at, now));
  // What it shows is gone, or was made again.
  CHECK_FALSE(caller_by_link(request, key, std::nullopt, now));
  CHECK_FALSE(caller_by_link(request, key, made_at + Duration{1}, now));

  for (const auto& [name, value] : std::map<std::string, std::string>{
           {"company", "rival"}, {"until", "1900000000"}, {"until", ""}, {"signature", ""}}) {
    CAPTURE(name);
    net::Request changed = request;
    changed.query[name] = value;
    CHECK(caller_by_link(changed, key, made_at, now)
              .error()
              .message.starts_with("This link is not valid"));
  }
  request.path = "/api/v1/charts/ab.svg";
  CHECK_FALSE(caller_by_link(request, key, made_at, now));
}

}  // namespace cauce::api
