// The reading side of business.db. Inside this room only.
#pragma once

#include <filesystem>
#include <optional>

#include "business/sqlite/rows.h"
#include "sql/database.h"

namespace cauce::business {

class SqliteRegistry final : public Registry {
 public:
  SqliteRegistry(std::filesystem::path database_file, std::filesystem::path master_key_file)
      : database_file_(std::move(database_file)), master_key_file_(std::move(master_key_file)) {}

  Result<bool> refresh() override;

  const Company* company(std::string_view name) const override { return rows_.company(name); }
  const Site* site(std::string_view company, std::string_view name) const override {
    return rows_.site(company, name);
  }
  const DeviceType* device_type(std::string_view company, std::string_view name) const override {
    return rows_.device_type(company, name);
  }
  const Device* device(std::string_view company, std::string_view name) const override {
    return rows_.device(company, name);
  }
  const Device* device_by_token(BytesView token_hash) const override {
    return rows_.device_by_token(token_hash);
  }
  const AccessToken* access_token(BytesView token_hash) const override {
    return rows_.access_token(token_hash);
  }
  const User* user(std::string_view name) const override { return rows_.user(name); }
  std::vector<const User*> users() const override { return rows_.users(); }
  std::vector<const Company*> companies() const override { return rows_.companies(); }
  std::vector<const Site*> sites(std::string_view company) const override {
    return rows_.sites(company);
  }
  std::vector<const DeviceType*> device_types(std::string_view company) const override {
    return rows_.device_types(company);
  }
  std::vector<const Device*> devices(std::string_view company) const override {
    return rows_.devices(company);
  }
  std::vector<const Rule*> rules(std::string_view company) const override {
    return rows_.rules(company);
  }
  std::vector<const AccessToken*> access_tokens() const override { return rows_.access_tokens(); }

 private:
  // The `changes` table as it stands.
  struct Changes {
    std::int64_t first = 0;  // the oldest that is kept; 0 when none is
    std::int64_t last = 0;   // the newest ever written
  };

  Result<bool> read_what_changed();
  Result<Changes> changes();
  Result<void> read_all();
  Result<void> read_since(std::int64_t sequence);

  std::filesystem::path database_file_;
  std::filesystem::path master_key_file_;
  std::optional<sql::Database> database_;     // once the file exists
  std::optional<std::int64_t> data_version_;  // of what rows_ holds
  std::optional<std::int64_t> sequence_;      // the last change that rows_ holds
  Rows rows_;
};

}  // namespace cauce::business
