#include "business/sqlite/writer.h"

#include <fmt/core.h>

#include <optional>
#include <type_traits>

#include "business/check.h"

namespace cauce::business {
namespace {

// What stands in a column that refers to nothing: NULL, which no foreign key looks at.
std::optional<std::string_view> none_if_empty(std::string_view name) {
  if (name.empty()) return std::nullopt;
  return name;
}

std::optional<sql::Blob> none_if_empty_bytes(BytesView bytes) {
  if (bytes.empty()) return std::nullopt;
  return sql::Blob{bytes};
}

template <class Value>
void bind_to(sql::Statement& statement, int parameter, std::optional<Value> value) {
  if (value) {
    statement.bind(parameter, *value);
  } else {
    statement.bind_null(parameter);
  }
}

void bind_to(sql::Statement& statement, int parameter, std::optional<Time> value) {
  if (value) {
    statement.bind(parameter, to_microseconds(*value));
  } else {
    statement.bind_null(parameter);
  }
}

template <class Value>
void bind_to(sql::Statement& statement, int parameter, const Value& value) {
  if constexpr (std::is_integral_v<Value>) {
    statement.bind(parameter, std::int64_t{value});
  } else if constexpr (std::is_same_v<Value, std::string>) {
    statement.bind(parameter, std::string_view{value});
  } else {
    statement.bind(parameter, value);
  }
}

template <class... Values>
Result<sql::Statement> bound(sql::Database& database, std::string_view sql,
                             const Values&... values) {
  auto statement = database.prepare(sql);
  int parameter = 0;
  if (statement) (bind_to(*statement, ++parameter, values), ...);
  return statement;
}

// Answers how many rows it changed.
template <class... Values>
Result<std::int64_t> run(sql::Database& database, std::string_view sql, const Values&... values) {
  auto statement = bound(database, sql, values...);
  if (!statement) return statement.error();
  return statement->run();
}

template <class... Values>
Result<bool> finds(sql::Database& database, std::string_view sql, const Values&... values) {
  auto statement = bound(database, sql, values...);
  if (!statement) return statement.error();
  return statement->step();
}

Result<void> without_count(const Result<std::int64_t>& ran) {
  if (!ran) return ran.error();
  return {};
}

std::string key_of(std::string_view company, std::string_view name) {
  return fmt::format("{}/{}", company, name);
}

Error absent(std::string_view what, std::string_view company, std::string_view name) {
  return {Outcome::not_found,
          fmt::format("{} \"{}\" does not exist in company \"{}\"; create it first", what,
                      name.substr(0, 80), company.substr(0, 80))};
}

Error absent_user(std::string_view name) {
  return {Outcome::not_found,
          fmt::format("there is no user \"{}\"", name.substr(0, user_name_bytes_max))};
}

Error absent_token() {
  return {Outcome::not_found, "this access token does not exist, or was removed before"};
}

}  // namespace

Result<void> SqliteBusiness::write(Kind kind, const std::string& key,
                                   const std::function<Result<void>()>& body) {
  auto transaction = sql::Transaction::begin(database_);
  if (!transaction) return transaction.error();
  if (auto done = body(); !done) return done;
  if (auto written = write_change(kind, key); !written) return written;
  return transaction->commit();
}

Result<void> SqliteBusiness::write_change(Kind kind, const std::string& key) {
  const auto inserted =
      run(database_, "INSERT INTO changes(kind, key) VALUES(?, ?)", name_in(kind_names, kind), key);
  if (!inserted) return inserted.error();
  return without_count(run(database_,
                           "DELETE FROM changes "
                           "WHERE sequence <= (SELECT max(sequence) FROM changes) - ?",
                           changes_kept_max_));
}

Result<void> SqliteBusiness::require_company(std::string_view company) {
  const auto found = finds(database_, "SELECT 1 FROM companies WHERE name=?", company);
  if (!found) return found.error();
  if (*found) return {};
  return Error{Outcome::not_found, fmt::format("company \"{}\" does not exist; create it first",
                                               company.substr(0, 80))};
}

Result<void> SqliteBusiness::require(std::string_view table, std::string_view what,
                                     std::string_view company, std::string_view name) {
  const auto found = finds(
      database_, fmt::format("SELECT 1 FROM {} WHERE company=? AND name=?", table), company, name);
  if (!found) return found.error();
  if (!*found) return absent(what, company, name);
  return {};
}

Result<void> SqliteBusiness::require_absent(std::string_view table, std::string_view what,
                                            std::string_view company, std::string_view name) {
  if (auto present = require_company(company); !present) return present;
  const auto found = require(table, what, company, name);
  if (found) {
    return Error{Outcome::conflict,
                 fmt::format("{} \"{}\" exists already in company \"{}\"", what, name, company)};
  }
  if (found.error().outcome == Outcome::not_found) return {};
  return found;
}

Result<void> SqliteBusiness::require_references(const Device& device) {
  if (auto type = require("device_types", "device type", device.company, device.type); !type) {
    return type;
  }
  if (device.site.empty()) return {};
  return require("sites", "site", device.company, device.site);
}

Result<void> SqliteBusiness::require_references(const Rule& rule) {
  if (!rule.device.empty()) {
    if (auto device = require("devices", "device", rule.company, rule.device); !device) {
      return device;
    }
  }
  if (rule.device_type.empty()) return {};
  return require("device_types", "device type", rule.company, rule.device_type);
}

Result<void> SqliteBusiness::require_own_token(const Device& device) {
  for (const Bytes& hash : {device.token_hash, device.earlier_token_hash}) {
    if (hash.empty()) continue;
    const auto found = finds(database_,
                             "SELECT 1 FROM devices WHERE (token_hash=? OR earlier_token_hash=?) "
                             "AND NOT(company=? AND name=?)",
                             sql::Blob{hash}, sql::Blob{hash}, device.company, device.name);
    if (!found) return found.error();
    if (!*found) continue;
    return Error{Outcome::conflict, "token_hash: another device has this token; make a new one"};
  }
  return {};
}

Result<void> SqliteBusiness::require_own_authority(const Company& company) {
  if (company.authority.empty()) return {};
  const auto found = finds(database_, "SELECT 1 FROM companies WHERE authority=? AND name<>?",
                           sql::Blob{company.authority}, company.name);
  if (!found) return found.error();
  if (!*found) return {};
  return Error{Outcome::conflict, "authority: it is another company's"};
}

Result<void> SqliteBusiness::insert_mappings(const DeviceType& type) {
  std::int64_t place = 0;
  for (const MetricMapping& mapping : type.metrics) {
    const auto inserted =
        run(database_,
            "INSERT INTO metric_mappings(company, device_type, place, source, metric, unit, scale, "
            "\"offset\") VALUES(?, ?, ?, ?, ?, ?, ?, ?)",
            type.company, type.name, place++, mapping.source, mapping.metric, mapping.unit,
            mapping.scale, mapping.offset);
    if (!inserted) return inserted.error();
  }
  return {};
}

Result<void> SqliteBusiness::insert_keys(const Device& device) {
  for (const DeviceKey& key : device.keys) {
    const Bytes sealed = master_key_.seal(
        key.secret, device_key_purpose(device.company, device.name, key.key_id), random_);
    const auto inserted = run(
        database_, "INSERT INTO device_keys(company, device, key_id, sealed) VALUES(?, ?, ?, ?)",
        device.company, device.name, key.key_id, sql::Blob{sealed});
    if (!inserted) return inserted.error();
  }
  return insert_shared_keys(device);
}

Result<void> SqliteBusiness::insert_shared_keys(const Device& device) {
  std::int64_t rank = 0;
  for (const SharedKey& key : device.shared_keys) {
    const Bytes sealed = master_key_.seal(
        key.secret, shared_key_purpose(device.company, device.name, key.place), random_);
    const auto inserted = run(database_,
                              "INSERT INTO device_shared_keys(company, device, place, rank, "
                              "sealed) VALUES(?, ?, ?, ?, ?)",
                              device.company, device.name, key.place, rank++, sql::Blob{sealed});
    if (!inserted) return inserted.error();
  }
  return {};
}

Result<void> SqliteBusiness::create(const Company& company) {
  if (auto fit = check(company); !fit) return fit;
  return write(Kind::company, company.name, [&]() -> Result<void> {
    const auto found = finds(database_, "SELECT 1 FROM companies WHERE name=?", company.name);
    if (!found) return found.error();
    if (*found) {
      return Error{Outcome::conflict, fmt::format("company \"{}\" exists already", company.name)};
    }
    if (auto own = require_own_authority(company); !own) return own;
    return without_count(run(database_,
                             "INSERT INTO companies(name, title, authority) VALUES(?, ?, ?)",
                             company.name, company.title, none_if_empty_bytes(company.authority)));
  });
}

Result<void> SqliteBusiness::update(const Company& company) {
  if (auto fit = check(company); !fit) return fit;
  return write(Kind::company, company.name, [&]() -> Result<void> {
    if (auto own = require_own_authority(company); !own) return own;
    const auto updated = run(database_, "UPDATE companies SET title=?, authority=? WHERE name=?",
                             company.title, none_if_empty_bytes(company.authority), company.name);
    if (!updated) return updated.error();
    if (*updated > 0) return {};
    return Error{Outcome::not_found, fmt::format("there is no company \"{}\"", company.name)};
  });
}

Result<void> SqliteBusiness::create(const Site& site) {
  if (auto fit = check(site); !fit) return fit;
  return write(Kind::site, key_of(site.company, site.name), [&]() -> Result<void> {
    if (auto free = require_absent("sites", "site", site.company, site.name); !free) return free;
    return without_count(
        run(database_, "INSERT INTO sites(company, name, title, time_zone) VALUES(?, ?, ?, ?)",
            site.company, site.name, site.title, site.time_zone));
  });
}

Result<void> SqliteBusiness::create(const DeviceType& type) {
  if (auto fit = check(type); !fit) return fit;
  return write(Kind::device_type, key_of(type.company, type.name), [&]() -> Result<void> {
    if (auto free = require_absent("device_types", "device type", type.company, type.name); !free) {
      return free;
    }
    const auto inserted =
        run(database_,
            "INSERT INTO device_types(company, name, format, encryption, sequence) "
            "VALUES(?, ?, ?, ?, ?)",
            type.company, type.name, name_in(format_names, type.format),
            name_in(encryption_names, type.encryption), type.sequence);
    if (!inserted) return inserted.error();
    return insert_mappings(type);
  });
}

Result<void> SqliteBusiness::update(const DeviceType& type) {
  if (auto fit = check(type); !fit) return fit;
  return write(Kind::device_type, key_of(type.company, type.name), [&]() -> Result<void> {
    const auto present = require("device_types", "device type", type.company, type.name);
    if (!present) return present;
    return without_count(run(database_,
                             "UPDATE device_types SET sequence=? WHERE company=? AND name=?",
                             type.sequence, type.company, type.name));
  });
}

Result<void> SqliteBusiness::create(const Device& device) {
  if (auto fit = check(device); !fit) return fit;
  return write(Kind::device, key_of(device.company, device.name), [&]() -> Result<void> {
    if (auto free = require_absent("devices", "device", device.company, device.name); !free) {
      return free;
    }
    if (auto present = require_references(device); !present) return present;
    if (auto own = require_own_token(device); !own) return own;
    const auto inserted = run(
        database_,
        "INSERT INTO devices(company, name, type, site, area, token_hash, enabled, created_at, "
        "bridge, earlier_token_hash, certificates_since) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        device.company, device.name, device.type, none_if_empty(device.site), device.area,
        sql::Blob{device.token_hash}, device.enabled, to_microseconds(device.created_at),
        device.bridge, none_if_empty_bytes(device.earlier_token_hash),
        to_microseconds(device.certificates_since));
    if (!inserted) return inserted.error();
    return insert_keys(device);
  });
}

Result<void> SqliteBusiness::update(const Device& device) {
  if (auto fit = check(device); !fit) return fit;
  return write(Kind::device, key_of(device.company, device.name), [&]() -> Result<void> {
    if (auto present = require("devices", "device", device.company, device.name); !present) {
      return present;
    }
    if (auto present = require_references(device); !present) return present;
    if (auto own = require_own_token(device); !own) return own;
    // created_at stays what it was.
    const auto updated =
        run(database_,
            "UPDATE devices SET type=?, site=?, area=?, token_hash=?, enabled=?, bridge=?, "
            "earlier_token_hash=?, certificates_since=? WHERE company=? AND name=?",
            device.type, none_if_empty(device.site), device.area, sql::Blob{device.token_hash},
            device.enabled, device.bridge, none_if_empty_bytes(device.earlier_token_hash),
            to_microseconds(device.certificates_since), device.company, device.name);
    if (!updated) return updated.error();
    for (const std::string_view table : {"device_keys", "device_shared_keys"}) {
      const auto deleted =
          run(database_, fmt::format("DELETE FROM {} WHERE company=? AND device=?", table),
              device.company, device.name);
      if (!deleted) return deleted.error();
    }
    return insert_keys(device);
  });
}

Result<void> SqliteBusiness::create(const Rule& rule) {
  if (auto fit = check(rule); !fit) return fit;
  return write(Kind::rule, key_of(rule.company, rule.name), [&]() -> Result<void> {
    if (auto free = require_absent("rules", "rule", rule.company, rule.name); !free) return free;
    if (auto present = require_references(rule); !present) return present;
    return without_count(
        run(database_,
            "INSERT INTO rules(company, name, kind, device, device_type, metric, direction, "
            "raise_at, clear_at, duration, count, severity, enabled) "
            "VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            rule.company, rule.name, name_in(rule_kind_names, rule.kind),
            none_if_empty(rule.device), none_if_empty(rule.device_type), rule.metric,
            name_in(direction_names, rule.direction), rule.raise_at, rule.clear_at,
            rule.duration.count(), rule.count, rule.severity, rule.enabled));
  });
}

Result<void> SqliteBusiness::update(const Rule& rule) {
  if (auto fit = check(rule); !fit) return fit;
  return write(Kind::rule, key_of(rule.company, rule.name), [&]() -> Result<void> {
    if (auto present = require("rules", "rule", rule.company, rule.name); !present) return present;
    if (auto present = require_references(rule); !present) return present;
    return without_count(
        run(database_,
            "UPDATE rules SET kind=?, device=?, device_type=?, metric=?, direction=?, raise_at=?, "
            "clear_at=?, duration=?, count=?, severity=?, enabled=? WHERE company=? AND name=?",
            name_in(rule_kind_names, rule.kind), none_if_empty(rule.device),
            none_if_empty(rule.device_type), rule.metric, name_in(direction_names, rule.direction),
            rule.raise_at, rule.clear_at, rule.duration.count(), rule.count, rule.severity,
            rule.enabled, rule.company, rule.name));
  });
}

Result<void> SqliteBusiness::remove_rule(std::string_view company, std::string_view name) {
  return write(Kind::rule, key_of(company, name), [&]() -> Result<void> {
    const auto removed =
        run(database_, "DELETE FROM rules WHERE company=? AND name=?", company, name);
    if (!removed) return removed.error();
    if (*removed == 0) return absent("rule", company, name);
    return {};
  });
}

Result<void> SqliteBusiness::require_user(std::string_view name) {
  const auto found = finds(database_, "SELECT 1 FROM users WHERE name=?", name);
  if (!found) return found.error();
  if (*found) return {};
  return absent_user(name);
}

Result<void> SqliteBusiness::end_sessions(std::string_view user, std::size_t kept) {
  // What never runs out lasts longest.
  auto sessions = bound(database_,
                        "SELECT token_hash FROM access_tokens WHERE user=? "
                        "ORDER BY expires_at IS NULL DESC, expires_at DESC LIMIT -1 OFFSET ?",
                        user, std::int64_t(kept));
  if (!sessions) return sessions.error();
  std::vector<Bytes> hashes;
  for (;;) {
    const auto row = sessions->step();
    if (!row) return row.error();
    if (!*row) break;
    hashes.emplace_back(sessions->blob(0));
  }
  for (const Bytes& hash : hashes) {
    const auto removed =
        run(database_, "DELETE FROM access_tokens WHERE token_hash=?", sql::Blob{hash});
    if (!removed) return removed.error();
    if (auto written = write_change(Kind::access_token, to_hex(hash)); !written) return written;
  }
  return {};
}

Result<void> SqliteBusiness::create(const User& user) {
  if (auto fit = check(user); !fit) return fit;
  return write(Kind::user, user.name, [&]() -> Result<void> {
    if (!user.company.empty()) {
      if (auto present = require_company(user.company); !present) return present;
    }
    const auto found = require_user(user.name);
    if (found) {
      return Error{Outcome::conflict,
                   fmt::format("the user name \"{}\" is taken; choose another", user.name)};
    }
    if (found.error().outcome != Outcome::not_found) return found;
    return without_count(run(database_,
                             "INSERT INTO users(name, company, access, password_hash, enabled, "
                             "created_at) VALUES(?, ?, ?, ?, ?, ?)",
                             user.name, none_if_empty(user.company),
                             name_in(access_names, user.access), user.password_hash, user.enabled,
                             to_microseconds(user.created_at)));
  });
}

Result<void> SqliteBusiness::update(const User& user) {
  if (auto fit = check(user); !fit) return fit;
  return write(Kind::user, user.name, [&]() -> Result<void> {
    if (auto present = require_user(user.name); !present) return present;
    const auto same = finds(database_, "SELECT 1 FROM users WHERE name=? AND password_hash=?",
                            user.name, user.password_hash);
    if (!same) return same.error();
    if (!*same || !user.enabled) {
      if (auto ended = end_sessions(user.name, 0); !ended) return ended;
    }
    // Company and created_at stay what they were.
    return without_count(
        run(database_, "UPDATE users SET access=?, password_hash=?, enabled=? WHERE name=?",
            name_in(access_names, user.access), user.password_hash, user.enabled, user.name));
  });
}

Result<void> SqliteBusiness::remove_user(std::string_view name) {
  return write(Kind::user, std::string(name), [&]() -> Result<void> {
    if (auto present = require_user(name); !present) return present;
    if (auto ended = end_sessions(name, 0); !ended) return ended;
    return without_count(run(database_, "DELETE FROM users WHERE name=?", name));
  });
}

Result<void> SqliteBusiness::create(const AccessToken& token) {
  if (auto fit = check(token); !fit) return fit;
  return write(Kind::access_token, to_hex(token.token_hash), [&]() -> Result<void> {
    if (!token.company.empty()) {
      if (auto present = require_company(token.company); !present) return present;
    }
    const auto found = finds(database_, "SELECT 1 FROM access_tokens WHERE token_hash=?",
                             sql::Blob{token.token_hash});
    if (!found) return found.error();
    if (*found) return Error{Outcome::conflict, "token_hash: this access token exists already"};
    if (!token.user.empty()) {
      if (auto present = require_user(token.user); !present) return present;
      if (auto ended = end_sessions(token.user, user_sessions_max - 1); !ended) return ended;
    }
    return without_count(run(database_,
                             "INSERT INTO access_tokens(token_hash, company, access, title, "
                             "expires_at, once, user) VALUES(?, ?, ?, ?, ?, ?, ?)",
                             sql::Blob{token.token_hash}, none_if_empty(token.company),
                             name_in(access_names, token.access), token.title, token.expires_at,
                             token.once, none_if_empty(token.user)));
  });
}

Result<void> SqliteBusiness::remove_token(BytesView token_hash) {
  return write(Kind::access_token, to_hex(token_hash), [&]() -> Result<void> {
    const auto removed =
        run(database_, "DELETE FROM access_tokens WHERE token_hash=?", sql::Blob{token_hash});
    if (!removed) return removed.error();
    if (*removed == 0) return absent_token();
    return {};
  });
}

}  // namespace cauce::business
