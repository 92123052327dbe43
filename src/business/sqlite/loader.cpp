#include "business/sqlite/loader.h"

#include <fmt/core.h>

namespace cauce::business {
namespace {

Error unknown_word(std::string_view field, std::string_view word) {
  return {Outcome::corrupt,
          fmt::format("business data: {} is \"{}\", which no cauce writes; restore the file from a "
                      "copy",
                      field, word.substr(0, 40))};
}

template <class Take>
Result<void> each_row(Result<sql::Statement> statement, Take take) {
  if (!statement) return statement.error();
  for (;;) {
    const auto row = statement->step();
    if (!row) return row.error();
    if (!*row) return {};
    if (Result<void> taken = take(*statement); !taken) return taken;
  }
}

// Moves the cursor to the owner of a child row. Both are sorted by (company, name), and every
// child has its owner (foreign keys), so one pass through both is enough.
template <class Owner>
Owner* owner_of(std::vector<Owner>& owners, std::size_t& cursor, std::string_view company,
                std::string_view name) {
  while (cursor < owners.size() &&
         (owners[cursor].company != company || owners[cursor].name != name)) {
    ++cursor;
  }
  return cursor < owners.size() ? &owners[cursor] : nullptr;
}

Result<void> put_limit(Limits& limits, std::string_view name, std::int64_t value) {
  for (const LimitMember& member : limit_members) {
    if (member.name != name) continue;
    limits.*member.value = std::uint64_t(value);
    return {};
  }
  return unknown_word("a limit", name);
}

Error during_key(const Error& error, std::string_view what, std::uint32_t number,
                 const Device& device) {
  return error.during(
      fmt::format("open {} {} of device {}/{}", what, number, device.company, device.name));
}

template <class Value>
void add(std::vector<Value>& values, std::vector<Row>& target) {
  for (Value& value : values)
    target.emplace_back(std::move(value));
}

}  // namespace

Result<void> Loader::load_all(std::vector<Row>& target) {
  for (const Kind kind : {Kind::company, Kind::site, Kind::device_type, Kind::device, Kind::rule,
                          Kind::user, Kind::access_token}) {
    if (auto loaded = load_kind(kind, Scope{}, target); !loaded) return loaded;
  }
  return {};
}

Result<void> Loader::load(const Change& change, std::vector<Row>& target) {
  const std::string_view key = change.key;
  if (change.kind == Kind::company) return load_kind(change.kind, {false, key, {}}, target);
  if (change.kind == Kind::user) return load_kind(change.kind, {false, {}, key}, target);
  if (change.kind == Kind::access_token) {
    Bytes hash;
    if (!from_hex(key, hash)) return unknown_word("a change of an access token", key);
    return load_kind(change.kind, {false, {}, hash}, target);
  }
  const std::size_t slash = key.find('/');
  if (slash == key.npos) return unknown_word("the key of a change", key);
  return load_kind(change.kind, {false, key.substr(0, slash), key.substr(slash + 1)}, target);
}

Result<void> Loader::load_kind(Kind kind, const Scope& scope, std::vector<Row>& target) {
  switch (kind) {
    case Kind::company: return load_companies(scope, target);
    case Kind::site: return load_sites(scope, target);
    case Kind::device_type: return load_device_types(scope, target);
    case Kind::device: return load_devices(scope, target);
    case Kind::rule: return load_rules(scope, target);
    case Kind::user: return load_users(scope, target);
    case Kind::access_token: return load_tokens(scope, target);
  }
  return {};
}

Result<sql::Statement> Loader::select(std::string_view sql, std::string_view name_column,
                                      const Scope& scope, std::string_view order) {
  const std::string where =
      scope.is_all ? "" : fmt::format(" WHERE company=? AND {}=?", name_column);
  auto statement = database_.prepare(fmt::format("{}{} ORDER BY {}", sql, where, order));
  if (statement && !scope.is_all) statement->bind(1, scope.company).bind(2, scope.name);
  return statement;
}

Result<void> Loader::load_companies(const Scope& scope, std::vector<Row>& target) {
  auto statement =
      database_.prepare(fmt::format("SELECT name, title, authority FROM companies{} ORDER BY name",
                                    scope.is_all ? "" : " WHERE name=?"));
  if (statement && !scope.is_all) statement->bind(1, scope.company);
  std::vector<Company> companies;
  auto loaded = each_row(std::move(statement), [&](sql::Statement& row) -> Result<void> {
    companies.push_back(
        {std::string(row.text(0)), std::string(row.text(1)), Bytes(row.blob(2)), {}});
    return {};
  });
  if (loaded) loaded = load_limits(scope, companies);
  if (loaded) add(companies, target);
  return loaded;
}

Result<void> Loader::load_limits(const Scope& scope, std::vector<Company>& companies) {
  auto statement = database_.prepare(
      fmt::format("SELECT company, name, value FROM company_limits{} ORDER BY company",
                  scope.is_all ? "" : " WHERE company=?"));
  if (statement && !scope.is_all) statement->bind(1, scope.company);
  std::size_t cursor = 0;
  return each_row(std::move(statement), [&](sql::Statement& row) -> Result<void> {
    while (cursor < companies.size() && companies[cursor].name != row.text(0))
      ++cursor;
    if (cursor == companies.size()) return unknown_word("the company of a limit", row.text(0));
    return put_limit(companies[cursor].limits, row.text(1), row.integer(2));
  });
}

Result<void> Loader::load_sites(const Scope& scope, std::vector<Row>& target) {
  return each_row(
      select("SELECT company, name, title, time_zone FROM sites", "name", scope, "company, name"),
      [&](sql::Statement& row) -> Result<void> {
        target.emplace_back(Site{std::string(row.text(0)), std::string(row.text(1)),
                                 std::string(row.text(2)), std::string(row.text(3))});
        return {};
      });
}

Result<void> Loader::load_device_types(const Scope& scope, std::vector<Row>& target) {
  std::vector<DeviceType> types;
  const auto take = [&](sql::Statement& row) -> Result<void> {
    const auto format = value_in<Format>(format_names, row.text(2));
    const auto encryption = value_in<Encryption>(encryption_names, row.text(3));
    if (!format) return unknown_word("format", row.text(2));
    if (!encryption) return unknown_word("encryption", row.text(3));
    types.push_back({std::string(row.text(0)),
                     std::string(row.text(1)),
                     *format,
                     *encryption,
                     {},
                     std::string(row.text(4))});
    return {};
  };
  auto loaded =
      each_row(select("SELECT company, name, format, encryption, sequence FROM device_types",
                      "name", scope, "company, name"),
               take);
  if (loaded) loaded = load_mappings(scope, types);
  if (loaded) add(types, target);
  return loaded;
}

Result<void> Loader::load_mappings(const Scope& scope, std::vector<DeviceType>& types) {
  std::size_t cursor = 0;
  const auto take = [&](sql::Statement& row) -> Result<void> {
    DeviceType* type = owner_of(types, cursor, row.text(0), row.text(1));
    if (type == nullptr) return unknown_word("the device type of a metric", row.text(1));
    type->metrics.push_back({std::string(row.text(2)), std::string(row.text(3)),
                             std::string(row.text(4)), row.real(5), row.real(6)});
    return {};
  };
  return each_row(select("SELECT company, device_type, source, metric, unit, scale, \"offset\" "
                         "FROM metric_mappings",
                         "device_type", scope, "company, device_type, place"),
                  take);
}

Result<void> Loader::load_devices(const Scope& scope, std::vector<Row>& target) {
  std::vector<Device> devices;
  const auto take = [&](sql::Statement& row) -> Result<void> {
    Device device;
    device.company = row.text(0);
    device.name = row.text(1);
    device.type = row.text(2);
    device.site = row.text(3);
    device.area = row.text(4);
    device.token_hash = row.blob(5);
    device.enabled = row.integer(6) != 0;
    device.created_at = from_microseconds(row.integer(7));
    device.bridge = row.integer(8) != 0;
    device.earlier_token_hash = row.blob(9);
    device.certificates_since = from_microseconds(row.integer(10));
    devices.push_back(std::move(device));
    return {};
  };
  auto loaded = each_row(
      select("SELECT company, name, type, site, area, token_hash, enabled, created_at, bridge, "
             "earlier_token_hash, certificates_since "
             "FROM devices",
             "name", scope, "company, name"),
      take);
  if (loaded) loaded = load_keys(scope, devices);
  if (loaded) loaded = load_shared_keys(scope, devices);
  if (loaded) loaded = load_limits(scope, devices);
  if (loaded) add(devices, target);
  return loaded;
}

Result<void> Loader::load_keys(const Scope& scope, std::vector<Device>& devices) {
  std::size_t cursor = 0;
  const auto take = [&](sql::Statement& row) -> Result<void> {
    Device* device = owner_of(devices, cursor, row.text(0), row.text(1));
    if (device == nullptr) return unknown_word("the device of a key", row.text(1));
    const auto key_id = std::uint32_t(row.integer(2));
    auto secret = open_key(device_key_purpose(device->company, device->name, key_id), row.blob(3));
    if (!secret) return during_key(secret.error(), "key", key_id, *device);
    device->keys.push_back({key_id, std::move(*secret)});
    return {};
  };
  return each_row(select("SELECT company, device, key_id, sealed FROM device_keys", "device", scope,
                         "company, device, key_id"),
                  take);
}

Result<void> Loader::load_shared_keys(const Scope& scope, std::vector<Device>& devices) {
  std::size_t cursor = 0;
  const auto take = [&](sql::Statement& row) -> Result<void> {
    Device* device = owner_of(devices, cursor, row.text(0), row.text(1));
    if (device == nullptr) return unknown_word("the device of a shared key", row.text(1));
    const auto place = std::uint32_t(row.integer(2));
    auto secret = open_key(shared_key_purpose(device->company, device->name, place), row.blob(3));
    if (!secret) return during_key(secret.error(), "shared key", place, *device);
    device->shared_keys.push_back({place, std::move(*secret)});
    return {};
  };
  return each_row(select("SELECT company, device, place, sealed FROM device_shared_keys", "device",
                         scope, "company, device, rank"),
                  take);
}

Result<void> Loader::load_limits(const Scope& scope, std::vector<Device>& devices) {
  std::size_t cursor = 0;
  const auto take = [&](sql::Statement& row) -> Result<void> {
    Device* device = owner_of(devices, cursor, row.text(0), row.text(1));
    if (device == nullptr) return unknown_word("the device of a limit", row.text(1));
    return put_limit(device->limits, row.text(2), row.integer(3));
  };
  return each_row(select("SELECT company, device, name, value FROM device_limits", "device", scope,
                         "company, device"),
                  take);
}

Result<Bytes> Loader::open_key(BytesView purpose, BytesView sealed) {
  if (!master_key_) {
    auto read = MasterKey::read(master_key_file_);
    if (!read) return read.error();
    master_key_.emplace(std::move(*read));
  }
  return master_key_->open(sealed, purpose);
}

Result<void> Loader::load_rules(const Scope& scope, std::vector<Row>& target) {
  const auto take = [&](sql::Statement& row) -> Result<void> {
    const auto kind = value_in<RuleKind>(rule_kind_names, row.text(2));
    const auto direction = value_in<Direction>(direction_names, row.text(6));
    if (!kind) return unknown_word("kind of a rule", row.text(2));
    if (!direction) return unknown_word("direction of a rule", row.text(6));
    Rule rule;
    rule.company = row.text(0);
    rule.name = row.text(1);
    rule.kind = *kind;
    rule.device = row.text(3);
    rule.device_type = row.text(4);
    rule.metric = row.text(5);
    rule.direction = *direction;
    rule.raise_at = row.real(7);
    rule.clear_at = row.real(8);
    rule.duration = Duration{row.integer(9)};
    rule.count = std::uint32_t(row.integer(10));
    rule.severity = row.text(11);
    rule.enabled = row.integer(12) != 0;
    target.emplace_back(std::move(rule));
    return {};
  };
  return each_row(select("SELECT company, name, kind, device, device_type, metric, direction, "
                         "raise_at, clear_at, duration, count, severity, enabled FROM rules",
                         "name", scope, "company, name"),
                  take);
}

Result<void> Loader::load_users(const Scope& scope, std::vector<Row>& target) {
  constexpr std::string_view columns =
      "SELECT name, company, access, password_hash, enabled, created_at FROM users";
  auto statement =
      database_.prepare(fmt::format("{}{}", columns, scope.is_all ? "" : " WHERE name=?"));
  if (statement && !scope.is_all) statement->bind(1, scope.name);
  return each_row(std::move(statement), [&](sql::Statement& row) -> Result<void> {
    const auto access = value_in<Access>(access_names, row.text(2));
    if (!access) return unknown_word("access of a user", row.text(2));
    User user;
    user.name = row.text(0);
    user.company = row.text(1);
    user.access = *access;
    user.password_hash = row.text(3);
    user.enabled = row.integer(4) != 0;
    user.created_at = from_microseconds(row.integer(5));
    target.emplace_back(std::move(user));
    return {};
  });
}

Result<void> Loader::load_tokens(const Scope& scope, std::vector<Row>& target) {
  constexpr std::string_view columns =
      "SELECT token_hash, company, access, title, expires_at, once, user FROM access_tokens";
  auto statement =
      database_.prepare(fmt::format("{}{}", columns, scope.is_all ? "" : " WHERE token_hash=?"));
  if (statement && !scope.is_all) statement->bind(1, sql::Blob{scope.name});
  return each_row(std::move(statement), [&](sql::Statement& row) -> Result<void> {
    const auto access = value_in<Access>(access_names, row.text(2));
    if (!access) return unknown_word("access of a token", row.text(2));
    AccessToken token;
    token.token_hash = row.blob(0);
    token.company = row.text(1);
    token.access = *access;
    token.title = row.text(3);
    if (!row.is_null(4)) token.expires_at = from_microseconds(row.integer(4));
    token.once = row.integer(5) != 0;
    token.user = row.text(6);
    target.emplace_back(std::move(token));
    return {};
  });
}

}  // namespace cauce::business
