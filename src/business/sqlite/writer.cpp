#include "business/sqlite/writer.h"

#include <fmt/core.h>

#include "business/check.h"
#include "business/sqlite/statements.h"

namespace cauce::business {
namespace {

std::string key_of(std::string_view company, std::string_view name) {
  return fmt::format("{}/{}", company, name);
}

Error absent(std::string_view what, std::string_view company, std::string_view name) {
  return {Outcome::not_found,
          fmt::format("{} \"{}\" does not exist in company \"{}\"; create it first", what,
                      name.substr(0, 80), company.substr(0, 80))};
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
  if (auto inserted = insert_shared_keys(device); !inserted) return inserted;
  return insert_limits(device);
}

Result<void> SqliteBusiness::insert_limits(const Device& device) {
  for (const LimitMember& member : limit_members) {
    const auto value = device.limits.*member.value;
    if (!value) continue;
    const auto inserted =
        run(database_, "INSERT INTO device_limits(company, device, name, value) VALUES(?, ?, ?, ?)",
            device.company, device.name, member.name, std::int64_t(*value));
    if (!inserted) return inserted.error();
  }
  return {};
}

Result<void> SqliteBusiness::insert_limits(const Company& company) {
  for (const LimitMember& member : limit_members) {
    const auto value = company.limits.*member.value;
    if (!value) continue;
    const auto inserted =
        run(database_, "INSERT INTO company_limits(company, name, value) VALUES(?, ?, ?)",
            company.name, member.name, std::int64_t(*value));
    if (!inserted) return inserted.error();
  }
  return {};
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
    const auto inserted =
        run(database_, "INSERT INTO companies(name, title, authority) VALUES(?, ?, ?)",
            company.name, company.title, none_if_empty_bytes(company.authority));
    if (!inserted) return inserted.error();
    return insert_limits(company);
  });
}

Result<void> SqliteBusiness::update(const Company& company) {
  if (auto fit = check(company); !fit) return fit;
  return write(Kind::company, company.name, [&]() -> Result<void> {
    if (auto own = require_own_authority(company); !own) return own;
    const auto updated = run(database_, "UPDATE companies SET title=?, authority=? WHERE name=?",
                             company.title, none_if_empty_bytes(company.authority), company.name);
    if (!updated) return updated.error();
    if (*updated == 0) {
      return Error{Outcome::not_found, fmt::format("there is no company \"{}\"", company.name)};
    }
    const auto deleted = run(database_, "DELETE FROM company_limits WHERE company=?", company.name);
    if (!deleted) return deleted.error();
    return insert_limits(company);
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
    for (const std::string_view table : {"device_keys", "device_shared_keys", "device_limits"}) {
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

}  // namespace cauce::business
