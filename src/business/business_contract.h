// What every engine of the business store must do. An engine's test gives each of these an empty
// store; a new engine is done when all of them pass. Tests only.
#pragma once

#include <doctest/doctest.h>

#include <memory>
#include <string>

#include "business/business.h"
#include "crypto/crypto.h"

namespace cauce::business::contract {

inline void must(const Result<void>& result) {
  if (!result) FAIL(result.error().message);
}

inline void refuses(const Result<void>& result, Outcome outcome, std::string_view named = "") {
  REQUIRE_FALSE(result);
  CAPTURE(result.error().message);
  CHECK(result.error().outcome == outcome);
  CHECK(result.error().message.find(named) != std::string::npos);
}

inline bool refreshed(Registry& registry) {
  const auto changed = registry.refresh();
  if (!changed) FAIL(changed.error().message);
  return *changed;
}

inline std::unique_ptr<Business> writer_of(Store& store) {
  auto writer = store.open_writer();
  if (!writer) FAIL(writer.error().message);
  return std::move(*writer);
}

inline std::unique_ptr<Registry> registry_of(Store& store) {
  auto registry = store.open_registry();
  if (!registry) FAIL(registry.error().message);
  refreshed(**registry);
  return std::move(*registry);
}

inline DeviceType thermometer(std::string company) {
  return {std::move(company),
          "thermometer",
          Format::senml,
          Encryption::aes256gcm,
          {{"t", "temperature", "Cel", 0.1, -40}, {"h", "humidity", "%RH"}},
          "seq"};
}

inline Device mote(std::string company, std::string name) {
  const Bytes token_hash = crypto::sha256(company + "/" + name);
  return {std::move(company),
          std::move(name),
          "thermometer",
          "madrid",
          "cold room",
          token_hash,
          {{1, Bytes(crypto::key_bytes, 'k')}, {4'000'000'000, Bytes(crypto::key_bytes, 'l')}},
          true,
          from_microseconds(1'795'304'920'250'000)};
}

inline Rule too_warm(std::string company) {
  Rule rule;
  rule.company = std::move(company);
  rule.name = "too-warm";
  rule.device = "mote-1";
  rule.device_type = "thermometer";
  rule.metric = "temperature";
  rule.raise_at = 8;
  rule.clear_at = 6.5;
  rule.duration = std::chrono::minutes{5};
  rule.count = 3;
  rule.severity = "critical";
  return rule;
}

// A company with a site, a device type, a device and a rule.
inline void settle(Business& business, const std::string& company) {
  must(business.create(Company{company, "Company " + company}));
  must(business.create(Site{company, "madrid", "Almacén", "Europe/Madrid"}));
  must(business.create(thermometer(company)));
  must(business.create(mote(company, "mote-1")));
  must(business.create(too_warm(company)));
}

inline void every_field_is_read_back(Store& store) {
  const auto business = writer_of(store);
  settle(*business, "acme");
  AccessToken token{crypto::sha256("owner"),
                    "acme",
                    Access::operator_,
                    "Ana",
                    from_microseconds(1'900'000'000'000'000),
                    true};
  must(business->create(token));
  const auto registry = registry_of(store);

  REQUIRE(registry->company("acme") != nullptr);
  CHECK(registry->company("acme")->title == "Company acme");
  REQUIRE(registry->site("acme", "madrid") != nullptr);
  CHECK(registry->site("acme", "madrid")->time_zone == "Europe/Madrid");
  const DeviceType* type = registry->device_type("acme", "thermometer");
  REQUIRE(type != nullptr);
  CHECK(type->encryption == Encryption::aes256gcm);
  CHECK(type->format == Format::senml);
  REQUIRE(type->metrics.size() == 2);
  CHECK(type->metrics[0].source == "t");
  CHECK(type->metrics[0].metric == "temperature");
  CHECK(type->metrics[0].unit == "Cel");
  CHECK(type->metrics[0].scale == 0.1);
  CHECK(type->metrics[0].offset == -40);
  CHECK(type->metrics[1].source == "h");
  CHECK(type->sequence == "seq");
  const Device* device = registry->device("acme", "mote-1");
  REQUIRE(device != nullptr);
  CHECK(device->type == "thermometer");
  CHECK(device->site == "madrid");
  CHECK(device->area == "cold room");
  CHECK(device->enabled);
  CHECK_FALSE(device->bridge);
  CHECK(device->created_at == mote("acme", "mote-1").created_at);
  REQUIRE(device->keys.size() == 2);
  CHECK(device->keys[0].key_id == 1);
  CHECK(device->keys[0].secret == Bytes(crypto::key_bytes, 'k'));
  CHECK(device->keys[1].key_id == 4'000'000'000);
  CHECK(device->keys[1].secret == Bytes(crypto::key_bytes, 'l'));
  CHECK(registry->device_by_token(device->token_hash) == device);
  const Rule& rule = *registry->rules("acme")[0];
  CHECK(rule.kind == RuleKind::threshold);
  CHECK(rule.device == "mote-1");
  CHECK(rule.device_type == "thermometer");
  CHECK(rule.metric == "temperature");
  CHECK(rule.direction == Direction::above);
  CHECK(rule.raise_at == 8);
  CHECK(rule.clear_at == 6.5);
  CHECK(rule.duration == std::chrono::minutes{5});
  CHECK(rule.count == 3);
  CHECK(rule.severity == "critical");
  const AccessToken* found = registry->access_token(token.token_hash);
  REQUIRE(found != nullptr);
  CHECK(found->company == "acme");
  CHECK(found->access == Access::operator_);
  CHECK(found->title == "Ana");
  CHECK(found->expires_at == token.expires_at);
  CHECK(found->once);
}

inline void limits_are_read_back_and_followed(Store& store) {
  const auto business = writer_of(store);
  settle(*business, "acme");
  settle(*business, "zeta");
  const Limits all{1, std::uint64_t{1} << 40, 3, 4, 1 << 20};
  const Limits some{.messages_per_second = 100'000'000};
  Company company{"acme", "Acme", {}, some};
  must(business->update(company));
  must(business->create(Company{"beta", "Beta", {}, all}));
  Device limited = mote("zeta", "mote-2");
  limited.limits = all;
  must(business->create(limited));
  const auto registry = registry_of(store);
  CHECK(registry->company("acme")->limits == some);
  CHECK(registry->company("beta")->limits == all);
  CHECK(registry->company("zeta")->limits == Limits{});
  CHECK(registry->device("zeta", "mote-2")->limits == all);
  CHECK(registry->device("zeta", "mote-1")->limits == Limits{});
  CHECK(registry->device("acme", "mote-1")->limits == Limits{});

  company.limits = {};
  must(business->update(company));
  limited.limits = some;
  must(business->update(limited));
  CHECK(refreshed(*registry));
  CHECK(registry->company("acme")->limits == Limits{});
  CHECK(registry->company("beta")->limits == all);
  CHECK(registry->device("zeta", "mote-2")->limits == some);
}

inline void an_anomaly_rule_is_read_back(Store& store) {
  const auto business = writer_of(store);
  settle(*business, "acme");
  Rule unusual;
  unusual.company = "acme";
  unusual.name = "unusual";
  unusual.kind = RuleKind::anomaly;
  unusual.raise_at = anomaly_score_default;
  unusual.duration = anomaly_quiet_default;
  must(business->create(unusual));
  const auto registry = registry_of(store);
  REQUIRE(registry->rules("acme").size() == 2);
  CHECK(registry->rules("acme")[1]->kind == RuleKind::anomaly);
  CHECK(registry->rules("acme")[1]->metric.empty());
  CHECK(registry->rules("acme")[1]->raise_at == anomaly_score_default);
  CHECK(registry->rules("acme")[1]->duration == anomaly_quiet_default);
}

// Two companies with equal names everywhere; the second has one device less.
inline void a_foreign_company_sees_nothing(Store& store) {
  const auto business = writer_of(store);
  settle(*business, "acme");
  settle(*business, "zeta");
  must(business->create(mote("acme", "mote-2")));
  const auto registry = registry_of(store);

  CHECK(registry->device("acme", "mote-2") != nullptr);
  CHECK(registry->device("zeta", "mote-2") == nullptr);
  CHECK(registry->device("zeta", "mote-1") != registry->device("acme", "mote-1"));
  CHECK(registry->device("zeta", "mote-1")->company == "zeta");
  CHECK(registry->devices("acme").size() == 2);
  REQUIRE(registry->devices("zeta").size() == 1);
  CHECK(registry->devices("zeta")[0]->company == "zeta");
  CHECK(registry->rules("zeta").size() == 1);
  CHECK(registry->rules("zeta")[0]->company == "zeta");
  CHECK(registry->sites("zeta").size() == 1);
  CHECK(registry->device_types("zeta").size() == 1);
  for (const char* stranger : {"", "acm", "acme/mote-1", "ACME", "open"}) {
    CHECK(registry->company(stranger) == nullptr);
    CHECK(registry->device(stranger, "mote-1") == nullptr);
    CHECK(registry->site(stranger, "madrid") == nullptr);
    CHECK(registry->device_type(stranger, "thermometer") == nullptr);
    CHECK(registry->devices(stranger).empty());
    CHECK(registry->rules(stranger).empty());
    CHECK(registry->sites(stranger).empty());
    CHECK(registry->device_types(stranger).empty());
  }
  // A change of one company's device leaves the other's alone.
  Device changed = mote("acme", "mote-1");
  changed.enabled = false;
  must(business->update(changed));
  CHECK(refreshed(*registry));
  CHECK_FALSE(registry->device("acme", "mote-1")->enabled);
  CHECK(registry->device("zeta", "mote-1")->enabled);
  must(business->remove_rule("acme", "too-warm"));
  CHECK(refreshed(*registry));
  CHECK(registry->rules("acme").empty());
  CHECK(registry->rules("zeta").size() == 1);
}

// What belongs to another company can't be referred to either.
inline void references_stay_in_their_company(Store& store) {
  const auto business = writer_of(store);
  settle(*business, "acme");
  must(business->create(Company{"zeta", ""}));
  refuses(business->create(mote("zeta", "mote-9")), Outcome::not_found, "device type");
  must(business->create(thermometer("zeta")));
  refuses(business->create(mote("zeta", "mote-9")), Outcome::not_found, "site");
  Rule rule = too_warm("zeta");
  refuses(business->create(rule), Outcome::not_found, "device \"mote-1\"");
  rule.device = "";
  must(business->create(rule));
  rule.device = "mote-1";
  refuses(business->update(rule), Outcome::not_found, "device \"mote-1\"");

  refuses(business->create(Site{"none", "s", "", "UTC"}), Outcome::not_found, "company \"none\"");
  refuses(business->create(thermometer("none")), Outcome::not_found, "company \"none\"");
  refuses(business->create(mote("none", "m")), Outcome::not_found, "company \"none\"");
  refuses(business->create(too_warm("none")), Outcome::not_found, "company \"none\"");
  refuses(business->create(AccessToken{crypto::sha256("x"), "none", Access::owner, "", {}, false}),
          Outcome::not_found, "company \"none\"");
}

inline void what_exists_is_not_created_again(Store& store) {
  const auto business = writer_of(store);
  settle(*business, "acme");
  settle(*business, "zeta");
  refuses(business->create(Company{"acme", ""}), Outcome::conflict, "acme");
  refuses(business->create(Site{"acme", "madrid", "", "UTC"}), Outcome::conflict, "madrid");
  refuses(business->create(thermometer("acme")), Outcome::conflict, "thermometer");
  refuses(business->create(mote("acme", "mote-1")), Outcome::conflict, "mote-1");
  refuses(business->create(too_warm("acme")), Outcome::conflict, "too-warm");
  const AccessToken token{crypto::sha256("x"), "", Access::owner, "", {}, false};
  must(business->create(token));
  refuses(business->create(token), Outcome::conflict, "token_hash");
  // A token belongs to one device, of whichever company.
  Device thief = mote("zeta", "mote-2");
  thief.token_hash = mote("acme", "mote-1").token_hash;
  refuses(business->create(thief), Outcome::conflict, "token_hash");
  Device changed = mote("zeta", "mote-1");
  changed.token_hash = thief.token_hash;
  refuses(business->update(changed), Outcome::conflict, "token_hash");
}

inline void what_does_not_exist_is_not_changed(Store& store) {
  const auto business = writer_of(store);
  settle(*business, "acme");
  refuses(business->update(mote("acme", "mote-2")), Outcome::not_found, "mote-2");
  refuses(business->update(thermometer("zeta")), Outcome::not_found);
  Rule rule = too_warm("acme");
  rule.name = "other";
  refuses(business->update(rule), Outcome::not_found, "other");
  refuses(business->remove_rule("acme", "other"), Outcome::not_found, "other");
  refuses(business->remove_rule("zeta", "too-warm"), Outcome::not_found);
  refuses(business->remove_token(crypto::sha256("x")), Outcome::not_found);
}

inline void a_registry_follows_every_change(Store& store) {
  const auto early = registry_of(store);
  CHECK(early->companies().empty());
  CHECK_FALSE(refreshed(*early));
  const auto business = writer_of(store);
  settle(*business, "acme");
  CHECK(refreshed(*early));
  CHECK_FALSE(refreshed(*early));
  const Bytes old_token = mote("acme", "mote-1").token_hash;
  CHECK(early->device_by_token(old_token) != nullptr);

  Device changed = mote("acme", "mote-1");
  changed.token_hash = crypto::sha256("new");
  changed.keys = {{9, Bytes(crypto::key_bytes, 'n')}};
  changed.site = "";
  changed.area = "";
  changed.bridge = true;
  changed.created_at = from_microseconds(1);  // is not changed
  must(business->update(changed));
  CHECK(refreshed(*early));
  CHECK(early->device_by_token(old_token) == nullptr);
  const Device* device = early->device_by_token(changed.token_hash);
  REQUIRE(device != nullptr);
  REQUIRE(device->keys.size() == 1);
  CHECK(device->keys[0].key_id == 9);
  CHECK(device->site.empty());
  CHECK(device->bridge);
  CHECK(device->created_at == mote("acme", "mote-1").created_at);

  DeviceType type = thermometer("acme");
  type.sequence = "n";
  type.metrics.clear();  // is not changed
  must(business->update(type));
  CHECK(refreshed(*early));
  CHECK(early->device_type("acme", "thermometer")->sequence == "n");
  CHECK(early->device_type("acme", "thermometer")->metrics.size() == 2);

  Rule rule = too_warm("acme");
  rule.enabled = false;
  rule.device = "";
  must(business->update(rule));
  must(business->create(Company{"alpha", ""}));
  CHECK(refreshed(*early));
  CHECK_FALSE(early->rules("acme")[0]->enabled);
  CHECK(early->rules("acme")[0]->device.empty());
  REQUIRE(early->companies().size() == 2);
  CHECK(early->companies()[0]->name == "acme");

  const Bytes hash = crypto::sha256("link");
  must(business->create(AccessToken{hash, "", Access::owner, "", {}, true}));
  CHECK(refreshed(*early));
  CHECK(early->access_token(hash) != nullptr);
  REQUIRE(early->access_tokens().size() == 1);
  CHECK(early->access_tokens()[0]->token_hash == hash);
  must(business->remove_token(hash));
  CHECK(refreshed(*early));
  CHECK(early->access_tokens().empty());
  CHECK(early->access_token(hash) == nullptr);
}

inline User ana(std::string company) {
  return {"ana@acme.example",
          std::move(company),
          Access::operator_,
          "$argon2id$first",
          true,
          from_microseconds(1'795'304'920'250'000)};
}

inline AccessToken session_of(const User& user, const std::string& token, Time expires_at) {
  return {
      crypto::sha256(token), user.company, user.access, user.name, expires_at, false, user.name};
}

inline void users_and_their_sessions_are_followed(Store& store) {
  const auto business = writer_of(store);
  settle(*business, "acme");
  User user = ana("acme");
  must(business->create(user));
  const auto registry = registry_of(store);
  const User* found = registry->user("ana@acme.example");
  REQUIRE(found != nullptr);
  CHECK(found->company == "acme");
  CHECK(found->access == Access::operator_);
  CHECK(found->password_hash == "$argon2id$first");
  CHECK(found->enabled);
  CHECK(found->created_at == user.created_at);
  CHECK(registry->user("ana") == nullptr);
  const auto has = [&](const std::string& token) {
    refreshed(*registry);
    const AccessToken* known = registry->access_token(crypto::sha256(token));
    return known != nullptr && known->user == user.name;
  };
  const Time later = from_microseconds(1'900'000'000'000'000);
  must(business->create(session_of(user, "one", later)));
  CHECK(has("one"));

  user.access = Access::owner;  // no reason to sign in again
  must(business->update(user));
  CHECK(has("one"));
  CHECK(registry->user(user.name)->access == Access::owner);
  user.password_hash = "$argon2id$second";
  must(business->update(user));
  CHECK_FALSE(has("one"));
  must(business->create(session_of(user, "two", later)));
  user.enabled = false;
  must(business->update(user));
  CHECK_FALSE(has("two"));
  CHECK_FALSE(registry->user(user.name)->enabled);
  must(business->create(session_of(user, "three", later)));
  must(business->remove_user(user.name));
  CHECK_FALSE(has("three"));
  CHECK(registry->user(user.name) == nullptr);
  CHECK(registry->users().empty());

  refuses(business->create(ana("none")), Outcome::not_found, "company \"none\"");
  refuses(business->update(user), Outcome::not_found, "ana@acme.example");
  refuses(business->remove_user(user.name), Outcome::not_found, "ana@acme.example");
  refuses(business->create(session_of(user, "four", later)), Outcome::not_found, "no user");
  must(business->create(user));
  refuses(business->create(ana("")), Outcome::conflict, "taken");
  user.password_hash = "correct horse";
  refuses(business->update(user), Outcome::invalid, "argon2id");
  user.name = "Ana";
  refuses(business->create(user), Outcome::invalid, "a-z");
}

inline void sessions_of_a_user_are_bounded(Store& store) {
  const auto business = writer_of(store);
  settle(*business, "acme");
  const User user = ana("");
  must(business->create(user));
  const auto registry = registry_of(store);
  const auto known = [&](std::size_t number) {
    return registry->access_token(crypto::sha256(std::to_string(number))) != nullptr;
  };
  for (std::size_t number = 0; number <= user_sessions_max; ++number) {
    const Time expires_at = from_microseconds(1'900'000'000'000'000 + std::int64_t(number));
    must(business->create(session_of(user, std::to_string(number), expires_at)));
    refreshed(*registry);
    if (number + 1 == user_sessions_max) CHECK(known(0));
  }
  CHECK_FALSE(known(0));
  CHECK(known(1));
  CHECK(registry->access_tokens().size() == user_sessions_max);
}

// Two devices that exchange their tokens between two looks.
inline void exchanged_tokens_find_their_devices(Store& store) {
  const auto business = writer_of(store);
  settle(*business, "acme");
  must(business->create(mote("acme", "mote-2")));
  const auto registry = registry_of(store);
  Device first = mote("acme", "mote-1");
  Device second = mote("acme", "mote-2");
  const Bytes between = crypto::sha256("between");
  std::swap(first.token_hash, second.token_hash);
  Device waiting = second;
  waiting.token_hash = between;
  must(business->update(waiting));
  must(business->update(first));
  must(business->update(second));
  CHECK(refreshed(*registry));
  CHECK(registry->device_by_token(first.token_hash)->name == "mote-1");
  CHECK(registry->device_by_token(second.token_hash)->name == "mote-2");
  CHECK(registry->device_by_token(between) == nullptr);
}

inline void a_refused_write_changes_nothing(Store& store) {
  const auto business = writer_of(store);
  settle(*business, "acme");
  const auto registry = registry_of(store);
  refuses(business->create(Company{"open", ""}), Outcome::invalid, "open");
  refuses(business->create(mote("acme", "mote-1")), Outcome::conflict);
  Device device = mote("acme", "mote-1");
  device.type = "none";
  refuses(business->update(device), Outcome::not_found);
  CHECK_FALSE(refreshed(*registry));
  CHECK(registry->device("acme", "mote-1")->keys.size() == 2);
}

inline void one_writer_at_a_time(Store& store) {
  auto business = writer_of(store);
  const auto second = store.open_writer();
  REQUIRE_FALSE(second);
  CHECK(second.error().outcome == Outcome::conflict);
  business.reset();
  CHECK(store.open_writer());
}

}  // namespace cauce::business::contract
