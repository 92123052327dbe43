#include "business/check.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/names.h"
#include "base/time_zone.h"
#include "crypto/crypto.h"
#include "record/fact.h"
#include "record/message.h"

namespace cauce::business {
namespace {

static_assert(limit_members.back().most == record::payload_bytes_max);

// Collects the first field that breaks its rule.
class Check {
 public:
  explicit Check(std::string what) : what_(std::move(what)) {}

  void that(bool holds, std::string_view message) {
    if (!holds && message_.empty()) message_ = message;
  }
  void name(std::string_view field, std::string_view text) {
    that(is_name(text), fmt::format("{} must be 1 to {} of A-Z a-z 0-9 _ - . and begin with a "
                                    "letter or a digit, it has {} bytes",
                                    field, name_bytes_max, text.size()));
  }
  void metric(std::string_view field, std::string_view text) {
    that(is_metric(text), fmt::format("{} must be 1 to {} of A-Z a-z 0-9 _ - . / and begin with a "
                                      "letter or a digit, it has {} bytes",
                                      field, metric_bytes_max, text.size()));
  }
  void text(std::string_view field, std::string_view text, std::size_t bytes_max) {
    that(text.size() <= bytes_max,
         fmt::format("{} has {} bytes, the limit is {}", field, text.size(), bytes_max));
    that(is_printable_utf8(text),
         fmt::format("{} must be UTF-8 without control characters", field));
  }
  void finite(std::string_view field, double number) {
    that(std::isfinite(number), fmt::format("{} must be a finite number", field));
  }
  void token_hash(BytesView hash) {
    that(hash.size() == token_hash_bytes,
         fmt::format("token_hash has {} bytes, a SHA-256 has {}", hash.size(), token_hash_bytes));
  }
  void time(std::string_view field, Time time) {
    that(time >= time_min && time < time_max,
         fmt::format("{} must lie between {} and {}", field, format_time(time_min),
                     format_time(time_max)));
  }

  Result<void> answer() const {
    if (message_.empty()) return {};
    return Error{Outcome::invalid, fmt::format("{}: {}", what_, message_)};
  }

 private:
  static bool is_printable_utf8(std::string_view text);

  std::string what_;
  std::string message_;
};

// How many bytes the character beginning with `lead` has, and the smallest code point that may
// take so many (RFC 3629, section 3); 0 bytes when none begins so.
struct Lead {
  std::size_t bytes;
  std::uint32_t bits;
  std::uint32_t least;
};

Lead lead_of(std::uint8_t lead) {
  if (lead < 0x80) return {1, lead, 0};
  if (lead >= 0xc2 && lead < 0xe0) return {2, lead & 0x1fu, 0x80};
  if (lead >= 0xe0 && lead < 0xf0) return {3, lead & 0x0fu, 0x800};
  if (lead >= 0xf0 && lead < 0xf5) return {4, lead & 0x07u, 0x10000};
  return {0, 0, 0};
}

bool Check::is_printable_utf8(std::string_view text) {
  while (!text.empty()) {
    const Lead lead = lead_of(std::uint8_t(text.front()));
    if (lead.bytes == 0 || text.size() < lead.bytes) return false;
    std::uint32_t point = lead.bits;
    for (std::size_t index = 1; index < lead.bytes; ++index) {
      const auto byte = std::uint8_t(text[index]);
      if ((byte & 0xc0) != 0x80) return false;
      point = point << 6 | (byte & 0x3fu);
    }
    const bool is_surrogate = point >= 0xd800 && point < 0xe000;
    const bool is_control = point < 0x20 || (point >= 0x7f && point < 0xa0);
    if (point < lead.least || point > 0x10ffff || is_surrogate || is_control) return false;
    text.remove_prefix(lead.bytes);
  }
  return true;
}

void check_access(Check& check, Access access) {
  check.that(access == Access::viewer || access == Access::operator_ || access == Access::owner,
             "access must be viewer, operator or owner");
}

void check_user_name(Check& check, std::string_view field, std::string_view name) {
  check.that(is_user_name(name),
             fmt::format("{} must be 1 to {} of a-z 0-9 _ - . + @ and begin with a letter or a "
                         "digit, it has {} bytes",
                         field, user_name_bytes_max, name.size()));
}

void check_threshold(Check& check, const Rule& rule) {
  check.metric("metric", rule.metric);
  check.finite("raise_at", rule.raise_at);
  check.finite("clear_at", rule.clear_at);
  const bool above = rule.direction == Direction::above;
  check.that(above ? rule.clear_at <= rule.raise_at : rule.clear_at >= rule.raise_at,
             fmt::format("clear_at {} must not be {} raise_at {} of an alarm {} it", rule.clear_at,
                         above ? "above" : "below", rule.raise_at, above ? "above" : "below"));
  check.that(rule.duration >= Duration{0}, "duration must not be negative");
}

void check_anomaly(Check& check, const Rule& rule) {
  if (!rule.metric.empty()) check.metric("metric", rule.metric);
  check.that(rule.raise_at > 0 && rule.raise_at <= 1,
             fmt::format("raise_at is {}, a score goes from above 0 to 1", rule.raise_at));
  check.finite("clear_at", rule.clear_at);
  check.that(rule.duration >= rule_duration_min, "duration must be at least 1 s");
}

void check_shared_keys(Check& check, const Device& device) {
  check.that(device.shared_keys.size() <= shared_keys_max,
             fmt::format("it has {} shared keys, the limit is {}", device.shared_keys.size(),
                         shared_keys_max));
  std::set<std::uint32_t> places;
  std::set<BytesView> secrets;
  for (const SharedKey& key : device.shared_keys) {
    check.that(key.place >= 1 && key.place <= shared_keys_max,
               fmt::format("place of a shared key is {}, it goes from 1 to {}", key.place,
                           shared_keys_max));
    check.that(
        key.secret.size() >= shared_key_bytes_min && key.secret.size() <= shared_key_bytes_max,
        fmt::format("a shared key has {} bytes, it must have {} to {}", key.secret.size(),
                    shared_key_bytes_min, shared_key_bytes_max));
    check.that(places.insert(key.place).second, "two shared keys have the same place");
    check.that(secrets.insert(key.secret).second, "both shared keys are the same");
  }
}

void check_limits(Check& check, const Limits& limits) {
  for (const LimitMember& member : limit_members) {
    const auto value = limits.*member.value;
    check.that(!value || (*value >= 1 && *value <= member.most),
               fmt::format("limits.{} is {}, it goes from 1 to {}", member.name, value.value_or(0),
                           member.most));
  }
}

}  // namespace

Result<void> check(const Company& company) {
  Check check{"company"};
  check.name("name", company.name);
  check.that(company.name != open_company,
             fmt::format("name \"{}\" is kept for --open", open_company));
  check.text("title", company.title, title_bytes_max);
  check.that(company.authority.size() <= authority_bytes_max,
             fmt::format("authority has {} bytes, the limit is {}", company.authority.size(),
                         authority_bytes_max));
  check_limits(check, company.limits);
  return check.answer();
}

Result<void> check(const Site& site) {
  Check check{"site"};
  check.name("name", site.name);
  check.text("title", site.title, title_bytes_max);
  check.that(!site.time_zone.empty(), "time_zone is missing; write Europe/Madrid");
  check.text("time_zone", site.time_zone, time_zone_bytes_max);
  const auto zone = TimeZone::find(site.time_zone);
  check.that(bool(zone), zone ? "" : "time_zone: " + zone.error().message);
  return check.answer();
}

Result<void> check(const DeviceType& type) {
  Check check{"device type"};
  check.name("name", type.name);
  check.that(type.format == Format::json || type.format == Format::senml,
             "format must be json or senml");
  check.that(type.encryption == Encryption::none || type.encryption == Encryption::aes256gcm,
             "encryption must be none or aes256gcm");
  check.that(type.metrics.size() <= metrics_max,
             fmt::format("it has {} metrics, the limit is {}", type.metrics.size(), metrics_max));
  if (!type.sequence.empty()) check.metric("sequence", type.sequence);
  std::set<std::string_view> sources;
  std::set<std::string_view> targets;
  for (const MetricMapping& mapping : type.metrics) {
    check.metric("source of a metric", mapping.source);
    check.metric("metric", mapping.metric);
    check.text("unit", mapping.unit, record::unit_bytes_max);
    check.finite("scale", mapping.scale);
    check.finite("offset", mapping.offset);
    check.that(mapping.scale != 0, "scale must not be 0: every value would become the offset");
    // Two sources of one metric would be two values of one (series, time).
    check.that(sources.insert(mapping.source).second,
               fmt::format("two metrics have the same source \"{}\"", mapping.source));
    check.that(targets.insert(mapping.metric).second,
               fmt::format("two sources become the same metric \"{}\"", mapping.metric));
  }
  return check.answer();
}

Result<void> check(const Device& device) {
  Check check{"device"};
  check.name("name", device.name);
  check.text("area", device.area, record::area_bytes_max);
  check.token_hash(device.token_hash);
  if (!device.earlier_token_hash.empty()) check.token_hash(device.earlier_token_hash);
  check.that(device.earlier_token_hash != device.token_hash, "both tokens are the same");
  check.time("certificates_since", device.certificates_since);
  check.time("created_at", device.created_at);
  check.that(device.keys.size() <= device_keys_max,
             fmt::format("it has {} keys, the limit is {}", device.keys.size(), device_keys_max));
  std::set<std::uint32_t> key_ids;
  for (const DeviceKey& key : device.keys) {
    check.that(key.secret.size() == crypto::key_bytes,
               fmt::format("key {} has {} bytes, AES-256 takes {}", key.key_id, key.secret.size(),
                           crypto::key_bytes));
    check.that(key_ids.insert(key.key_id).second,
               fmt::format("two keys have the key_id {}", key.key_id));
  }
  check_shared_keys(check, device);
  check_limits(check, device.limits);
  return check.answer();
}

Result<void> check(const Rule& rule) {
  Check check{"rule"};
  check.name("name", rule.name);
  switch (rule.kind) {
    case RuleKind::threshold: check_threshold(check, rule); break;
    case RuleKind::silence:
    case RuleKind::undecodable:
      check.that(rule.duration >= rule_duration_min, "duration must be at least 1 s");
      check.finite("raise_at", rule.raise_at);
      check.finite("clear_at", rule.clear_at);
      if (!rule.metric.empty()) check.metric("metric", rule.metric);
      break;
    case RuleKind::anomaly: check_anomaly(check, rule); break;
    default: check.that(false, "kind must be threshold, silence, undecodable or anomaly");
  }
  check.that(rule.duration <= rule_duration_max, "duration must be at most 30 d");
  check.that(rule.direction == Direction::above || rule.direction == Direction::below,
             "direction must be above or below");
  check.that(rule.count >= 1 && rule.count <= rule_count_max,
             fmt::format("count is {}, it goes from 1 to {}", rule.count, rule_count_max));
  check.that(rule.severity == "info" || rule.severity == "warning" || rule.severity == "critical",
             "severity must be info, warning or critical");
  return check.answer();
}

bool is_user_name(std::string_view text) {
  const auto begins = [](char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9');
  };
  if (text.empty() || text.size() > user_name_bytes_max || !begins(text.front())) return false;
  return std::all_of(text.begin(), text.end(), [&](char letter) {
    return begins(letter) || std::string_view{"_-.+@"}.find(letter) != std::string_view::npos;
  });
}

Result<void> check(const User& user) {
  Check check{"user"};
  check_user_name(check, "name", user.name);
  check_access(check, user.access);
  check.text("password_hash", user.password_hash, password_hash_bytes_max);
  // What is put here by mistake is never kept as if it were a hash.
  check.that(user.password_hash.starts_with("$argon2id$"), "password_hash must be of argon2id");
  check.time("created_at", user.created_at);
  return check.answer();
}

Result<void> check(const AccessToken& token) {
  Check check{"access token"};
  check.token_hash(token.token_hash);
  check.text("title", token.title, title_bytes_max);
  check_access(check, token.access);
  if (!token.user.empty()) check_user_name(check, "user", token.user);
  if (token.expires_at) check.time("expires_at", *token.expires_at);
  return check.answer();
}

}  // namespace cauce::business
