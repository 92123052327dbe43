#include "api/links.h"

#include <fmt/core.h>

#include <charconv>

#include "crypto/crypto.h"

namespace cauce::api {
namespace {

constexpr const char* company_name = "company";
constexpr const char* until_name = "until";
constexpr const char* signature_name = "signature";

std::string value_of(const net::Request& request, const char* name) {
  const auto found = request.query.find(name);
  return found == request.query.end() ? std::string{} : found->second;
}

std::string signature_of(BytesView key, std::string_view path, std::string_view company,
                         Time made_at, std::string_view until) {
  Bytes signed_bytes;
  put_sized(signed_bytes, "chart link 2");
  put_sized(signed_bytes, path);
  put_sized(signed_bytes, company);
  put_sized(signed_bytes, std::to_string(to_microseconds(made_at)));
  put_sized(signed_bytes, until);
  return crypto::to_base64url(crypto::hmac_sha256(key, signed_bytes));
}

std::int64_t seconds_of(Time time) {
  return to_microseconds(time) / 1'000'000;
}

}  // namespace

std::string link_query(BytesView key, std::string_view path, std::string_view company, Time made_at,
                       Time until) {
  const std::string moment = std::to_string(seconds_of(until));
  // A company's name needs no escaping in a URL.
  return fmt::format("{}={}&{}={}&{}={}", company_name, company, until_name, moment, signature_name,
                     signature_of(key, path, company, made_at, moment));
}

bool comes_by_link(const net::Request& request) {
  return request.query.contains(signature_name);
}

std::string company_by_link(const net::Request& request) {
  return value_of(request, company_name);
}

Result<Caller> caller_by_link(const net::Request& request, BytesView key,
                              std::optional<Time> made_at, Time now) {
  const Error invalid{Outcome::denied,
                      "This link is not valid, or no longer: ask whoever gave it for a new one."};
  const std::string company = company_by_link(request);
  const std::string until = value_of(request, until_name);
  if (key.empty() || !made_at) return invalid;
  const std::string signature = signature_of(key, request.path, company, *made_at, until);
  if (!crypto::equal_secret(signature, value_of(request, signature_name))) return invalid;
  std::int64_t moment = 0;
  std::from_chars(until.data(), until.data() + until.size(), moment);
  if (moment <= seconds_of(now))
    return Error{Outcome::denied, "This link is over: ask whoever gave it for a new one."};
  Caller caller;
  caller.company = company;
  caller.title = "link";
  caller.by_link = true;
  return caller;
}

}  // namespace cauce::api
