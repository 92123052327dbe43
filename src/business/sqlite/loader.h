// Reads rows of business.db into values. Inside this room only.
#pragma once

#include <filesystem>
#include <optional>
#include <string_view>
#include <vector>

#include "business/sqlite/master_key.h"
#include "business/sqlite/rows.h"
#include "sql/database.h"

namespace cauce::business {

// For one reading pass: make it, load, throw it away. The master key is read when the first device
// key is met.
class Loader {
 public:
  Loader(sql::Database& database, const std::filesystem::path& master_key_file)
      : database_(database), master_key_file_(master_key_file) {}

  // Adds every row there is, what is referred to before what refers to it.
  Result<void> load_all(std::vector<Row>& target);
  // Adds the row the change is about; none when it has been removed.
  Result<void> load(const Change& change, std::vector<Row>& target);

 private:
  // Which rows: all of them, or one.
  struct Scope {
    bool is_all = true;
    std::string_view company;
    std::string_view name;  // empty for a company; a user's; a hash for a token
  };

  Result<void> load_kind(Kind kind, const Scope& scope, std::vector<Row>& target);
  Result<void> load_companies(const Scope& scope, std::vector<Row>& target);
  Result<void> load_limits(const Scope& scope, std::vector<Company>& companies);
  Result<void> load_sites(const Scope& scope, std::vector<Row>& target);
  Result<void> load_device_types(const Scope& scope, std::vector<Row>& target);
  Result<void> load_mappings(const Scope& scope, std::vector<DeviceType>& types);
  Result<void> load_devices(const Scope& scope, std::vector<Row>& target);
  Result<void> load_keys(const Scope& scope, std::vector<Device>& devices);
  Result<void> load_shared_keys(const Scope& scope, std::vector<Device>& devices);
  Result<void> load_limits(const Scope& scope, std::vector<Device>& devices);
  Result<void> load_rules(const Scope& scope, std::vector<Row>& target);
  Result<void> load_users(const Scope& scope, std::vector<Row>& target);
  Result<void> load_tokens(const Scope& scope, std::vector<Row>& target);

  // `sql`, with " WHERE company=? AND <name_column>=?" and its values when one row is asked for.
  Result<sql::Statement> select(std::string_view sql, std::string_view name_column,
                                const Scope& scope, std::string_view order);
  Result<Bytes> open_key(BytesView purpose, BytesView sealed);

  sql::Database& database_;
  std::filesystem::path master_key_file_;
  std::optional<MasterKey> master_key_;
};

}  // namespace cauce::business
