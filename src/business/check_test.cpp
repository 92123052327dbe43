#include "business/check.h"

#include <doctest/doctest.h>

#include <cmath>
#include <functional>
#include <limits>
#include <string>

#include "base/names.h"
#include "crypto/crypto.h"
#include "record/fact.h"

namespace cauce::business {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

DeviceType good_type() {
  return {"acme", "t", Format::json, Encryption::none, {{"a", "b", "Cel"}, {"c", "d", "%RH"}}};
}

Device good_device() {
  Device device;
  device.company = "acme";
  device.name = "mote-1";
  device.type = "t";
  device.token_hash = Bytes(token_hash_bytes, 'h');
  device.keys = {{1, Bytes(crypto::key_bytes, 'k')}};
  return device;
}

Rule good_rule(RuleKind kind) {
  Rule rule;
  rule.company = "acme";
  rule.name = "r";
  rule.kind = kind;
  rule.metric = kind == RuleKind::threshold ? "temperature" : "";
  rule.duration = std::chrono::minutes{1};
  return rule;
}

template <class Value>
struct Case {
  const char* named;  // what the error must name
  std::function<void(Value&)> change;
};

template <class Value>
void refuses_each(const Value& good, const std::vector<Case<Value>>& cases) {
  REQUIRE(check(good));
  for (const Case<Value>& one : cases) {
    CAPTURE(one.named);
    Value changed = good;
    one.change(changed);
    const auto refused = check(changed);
    REQUIRE_FALSE(refused);
    CAPTURE(refused.error().message);
    CHECK(refused.error().outcome == Outcome::invalid);
    CHECK(refused.error().message.find(one.named) != std::string::npos);
  }
}

}  // namespace

TEST_CASE("a company has a name of its own") {
  refuses_each<Company>(
      {"acme", "Ácme & Söhne 日本"},
      {{"name", [](Company& c) { c.name = ""; }},
       {"name", [](Company& c) { c.name = "a/b"; }},
       {"name", [](Company& c) { c.name = std::string(name_bytes_max + 1, 'a'); }},
       {"--open", [](Company& c) { c.name = open_company; }},
       {"title", [](Company& c) { c.title.assign(title_bytes_max + 1, 'x'); }},
       {"authority", [](Company& c) { c.authority.assign(authority_bytes_max + 1, 'x'); }},
       {"limits.connections", [](Company& c) { c.limits.connections = 0; }}});
  CHECK(check(Company{"acme", "", Bytes(authority_bytes_max, 'x')}));
  CHECK(check(Company{std::string(name_bytes_max, 'a'), std::string(title_bytes_max, 'x')}));
  CHECK(check(Company{"acme", ""}));
}

TEST_CASE("each limit goes from 1 to its most") {
  for (const LimitMember& member : limit_members) {
    CAPTURE(member.name);
    Company company{"acme", ""};
    for (const std::uint64_t good : {std::uint64_t{1}, member.most}) {
      company.limits.*member.value = good;
      CHECK(check(company));
    }
    company.limits.*member.value = member.most + 1;
    const auto refused = check(company);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().message.find(member.name) != std::string::npos);
  }
}

TEST_CASE("a title is UTF-8 without control characters") {
  for (const char* title :
       {"a\nb", "\x1b[31m", "\x7f", "\xc2\x85", "\xff", "\xc3", "\xe2\x82", "\xc0\xaf",
        "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "a\x80"}) {
    CAPTURE(title);
    CHECK_FALSE(check(Company{"acme", title}));
  }
  CHECK_FALSE(check(Company{"acme", std::string("a\0b", 3)}));
  for (const char* title : {"ñ", "€", "\xf0\x9f\x8c\xa1", "\xf4\x8f\xbf\xbf", "\xc2\xa0"}) {
    CAPTURE(title);
    CHECK(check(Company{"acme", title}));
  }
}

TEST_CASE("a site has a name and a time zone") {
  refuses_each<Site>(
      {"acme", "madrid", "", "Europe/Madrid"},
      {{"name", [](Site& s) { s.name = "no name"; }},
       {"time_zone", [](Site& s) { s.time_zone = ""; }},
       {"time_zone", [](Site& s) { s.time_zone = "Europe/Atlantis"; }},
       {"time_zone", [](Site& s) { s.time_zone.assign(time_zone_bytes_max + 1, 'x'); }},
       {"title", [](Site& s) { s.title = "\n"; }}});
}

TEST_CASE("the metrics of a device type are names and finite numbers, each once") {
  refuses_each<DeviceType>(
      good_type(),
      {{"name", [](DeviceType& t) { t.name = "-"; }},
       {"source", [](DeviceType& t) { t.metrics[0].source = ""; }},
       {"same source", [](DeviceType& t) { t.metrics[1].source = "a"; }},
       {"metric", [](DeviceType& t) { t.metrics[1].metric = "/x"; }},
       {"same metric", [](DeviceType& t) { t.metrics[1].metric = "b"; }},
       {"unit", [](DeviceType& t) { t.metrics[1].unit.assign(record::unit_bytes_max + 1, 'x'); }},
       {"scale", [](DeviceType& t) { t.metrics[1].scale = std::nan(""); }},
       {"scale", [](DeviceType& t) { t.metrics[1].scale = 0; }},
       {"offset", [](DeviceType& t) { t.metrics[1].offset = infinity; }},
       {"sequence", [](DeviceType& t) { t.sequence = "no name"; }},
       {"sequence", [](DeviceType& t) { t.sequence.assign(metric_bytes_max + 1, 's'); }},
       {"format", [](DeviceType& t) { t.format = Format{7}; }},
       {"encryption", [](DeviceType& t) { t.encryption = Encryption{7}; }}});
  DeviceType largest = good_type();
  largest.metrics.clear();
  for (std::size_t number = 0; number < metrics_max; ++number) {
    largest.metrics.push_back({std::to_string(number), std::to_string(number), ""});
  }
  CHECK(check(largest));
  largest.metrics.push_back({"one-more", "one-more", ""});
  CHECK_FALSE(check(largest));
}

TEST_CASE("a device has a token and keys of the right size") {
  refuses_each<Device>(good_device(),
                       {{"name", [](Device& d) { d.name = ""; }},
                        {"area", [](Device& d) { d.area.assign(record::area_bytes_max + 1, 'x'); }},
                        {"token_hash", [](Device& d) { d.token_hash.pop_back(); }},
                        {"token_hash", [](Device& d) { d.token_hash += 'x'; }},
                        {"token_hash", [](Device& d) { d.earlier_token_hash = "x"; }},
                        {"same", [](Device& d) { d.earlier_token_hash = d.token_hash; }},
                        {"limits.in_flight", [](Device& d) { d.limits.in_flight = 0; }},
                        {"certificates_since", [](Device& d) { d.certificates_since = time_max; }},
                        {"created_at", [](Device& d) { d.created_at = time_max; }},
                        {"key 1", [](Device& d) { d.keys[0].secret.pop_back(); }},
                        {"key_id 1", [](Device& d) { d.keys.push_back(d.keys[0]); }},
                        {"17 keys", [](Device& d) {
                           for (std::uint32_t id = 2; id <= device_keys_max + 1; ++id) {
                             d.keys.push_back({id, d.keys[0].secret});
                           }
                         }}});
}

TEST_CASE("a device has up to two shared keys of 16 to 64 bytes") {
  Device device = good_device();
  device.shared_keys = {{2, Bytes(shared_key_bytes_max, 'b')},
                        {1, Bytes(shared_key_bytes_min, 'a')}};
  CHECK(check(device));
  refuses_each<Device>(
      device,
      {{"15 bytes", [](Device& d) { d.shared_keys[1].secret.pop_back(); }},
       {"65 bytes", [](Device& d) { d.shared_keys[0].secret += 'b'; }},
       {"same place", [](Device& d) { d.shared_keys[0].place = 1; }},
       {"place of a shared key is 0", [](Device& d) { d.shared_keys[0].place = 0; }},
       {"place of a shared key is 3", [](Device& d) { d.shared_keys[0].place = 3; }},
       {"are the same", [](Device& d) { d.shared_keys[0].secret = d.shared_keys[1].secret; }},
       {"3 shared keys", [](Device& d) { d.shared_keys.push_back({3, Bytes(16, 'c')}); }}});
}

TEST_CASE("the secret of a refused key is not shown") {
  Device device = good_device();
  device.keys[0].secret = "hunter2";
  CHECK(check(device).error().message.find("hunter2") == std::string::npos);
  device = good_device();
  device.shared_keys = {{1, "hunter2"}};
  CHECK(check(device).error().message.find("hunter2") == std::string::npos);
}

TEST_CASE("a threshold clears on the right side") {
  Rule rule = good_rule(RuleKind::threshold);
  rule.raise_at = 8;
  for (const auto& [direction, clear_at, holds] : {std::tuple{Direction::above, 7.0, true},
                                                   {Direction::above, 8.0, true},
                                                   {Direction::above, 8.5, false},
                                                   {Direction::below, 9.0, true},
                                                   {Direction::below, 8.0, true},
                                                   {Direction::below, 7.5, false}}) {
    rule.direction = direction;
    rule.clear_at = clear_at;
    CAPTURE(clear_at);
    CHECK(bool(check(rule)) == holds);
  }
}

TEST_CASE("a rule's fields are bounded") {
  refuses_each<Rule>(good_rule(RuleKind::threshold),
                     {{"name", [](Rule& r) { r.name = ""; }},
                      {"metric", [](Rule& r) { r.metric = ""; }},
                      {"raise_at", [](Rule& r) { r.raise_at = std::nan(""); }},
                      {"clear_at", [](Rule& r) { r.clear_at = -infinity; }},
                      {"duration", [](Rule& r) { r.duration = Duration{-1}; }},
                      {"duration", [](Rule& r) { r.duration = rule_duration_max + Duration{1}; }},
                      {"count", [](Rule& r) { r.count = 0; }},
                      {"count", [](Rule& r) { r.count = rule_count_max + 1; }},
                      {"severity", [](Rule& r) { r.severity = "fatal"; }},
                      {"direction", [](Rule& r) { r.direction = Direction{7}; }},
                      {"kind", [](Rule& r) { r.kind = RuleKind{7}; }}});
  for (const RuleKind kind : {RuleKind::silence, RuleKind::undecodable}) {
    refuses_each<Rule>(good_rule(kind),
                       {{"duration", [](Rule& r) { r.duration = Duration{0}; }},
                        {"duration", [](Rule& r) { r.duration = rule_duration_min - Duration{1}; }},
                        {"duration", [](Rule& r) { r.duration = rule_duration_max + Duration{1}; }},
                        {"metric", [](Rule& r) { r.metric = " "; }}});
  }
  Rule unusual = good_rule(RuleKind::anomaly);
  unusual.raise_at = anomaly_score_default;
  CHECK(check(unusual));
  unusual.raise_at = 1;
  unusual.metric = "temperature";
  CHECK(check(unusual));
  refuses_each<Rule>(unusual,
                     {{"raise_at", [](Rule& r) { r.raise_at = 0; }},
                      {"raise_at", [](Rule& r) { r.raise_at = 1.0001; }},
                      {"raise_at", [](Rule& r) { r.raise_at = std::nan(""); }},
                      {"clear_at", [](Rule& r) { r.clear_at = infinity; }},
                      {"duration", [](Rule& r) { r.duration = rule_duration_min - Duration{1}; }},
                      {"duration", [](Rule& r) { r.duration = rule_duration_max + Duration{1}; }},
                      {"metric", [](Rule& r) { r.metric = " "; }}});
  Rule longest = good_rule(RuleKind::threshold);
  longest.duration = rule_duration_max;
  longest.count = rule_count_max;
  CHECK(check(longest));
  longest.duration = Duration{0};
  CHECK(check(longest));
}

TEST_CASE("an access token is a hash with a known access") {
  refuses_each<AccessToken>(
      {Bytes(token_hash_bytes, 'h'), "", Access::owner, "Ana", std::nullopt, false},
      {{"token_hash", [](AccessToken& t) { t.token_hash = ""; }},
       {"title", [](AccessToken& t) { t.title.assign(title_bytes_max + 1, 'x'); }},
       {"access", [](AccessToken& t) { t.access = Access{7}; }},
       {"expires_at", [](AccessToken& t) { t.expires_at = from_microseconds(-1); }}});
}

}  // namespace cauce::business
