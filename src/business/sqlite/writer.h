// The writing side of business.db. Inside this room only.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "business/business.h"
#include "business/sqlite/master_key.h"
#include "business/sqlite/schema.h"
#include "disk/lock.h"
#include "sql/database.h"

namespace cauce::business {

class SqliteBusiness final : public Business {
 public:
  // The database has the schema, and its writer's lock is held.
  SqliteBusiness(std::unique_ptr<disk::Lock> lock, sql::Database database, MasterKey master_key,
                 Random& random, std::int64_t changes_kept_max)
      : lock_(std::move(lock)),
        database_(std::move(database)),
        master_key_(std::move(master_key)),
        random_(random),
        changes_kept_max_(changes_kept_max) {}

  Result<void> create(const Company& company) override;
  Result<void> create(const Site& site) override;
  Result<void> create(const DeviceType& type) override;
  Result<void> create(const Device& device) override;
  Result<void> create(const Rule& rule) override;
  Result<void> create(const User& user) override;
  Result<void> create(const AccessToken& token) override;
  Result<void> update(const Company& company) override;
  Result<void> update(const DeviceType& type) override;
  Result<void> update(const Device& device) override;
  Result<void> update(const Rule& rule) override;
  Result<void> update(const User& user) override;
  Result<void> remove_rule(std::string_view company, std::string_view name) override;
  Result<void> remove_user(std::string_view name) override;
  Result<void> remove_token(BytesView token_hash) override;

 private:
  // Runs `body` and writes the change down, in one transaction.
  Result<void> write(Kind kind, const std::string& key, const std::function<Result<void>()>& body);
  Result<void> write_change(Kind kind, const std::string& key);

  // `not_found` when there is no such row.
  Result<void> require_company(std::string_view company);
  Result<void> require(std::string_view table, std::string_view what, std::string_view company,
                       std::string_view name);
  // `conflict` when there is such a row.
  Result<void> require_absent(std::string_view table, std::string_view what,
                              std::string_view company, std::string_view name);
  Result<void> require_references(const Device& device);
  Result<void> require_references(const Rule& rule);
  // `conflict` when another device has this token.
  Result<void> require_own_token(const Device& device);
  Result<void> require_own_authority(const Company& company);
  Result<void> insert_mappings(const DeviceType& type);
  // Keys, shared keys and limits.
  Result<void> insert_keys(const Device& device);
  Result<void> insert_limits(const Device& device);
  Result<void> insert_limits(const Company& company);
  Result<void> insert_shared_keys(const Device& device);
  Result<void> require_user(std::string_view name);
  // All but the `kept` that last longest.
  Result<void> end_sessions(std::string_view user, std::size_t kept);

  std::unique_ptr<disk::Lock> lock_;
  sql::Database database_;
  MasterKey master_key_;
  Random& random_;
  std::int64_t changes_kept_max_;
};

}  // namespace cauce::business
