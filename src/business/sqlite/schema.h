// The tables of business.db, their version, and how enumerations are written in them. Inside this
// room only.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "sql/database.h"

namespace cauce::business {

constexpr std::int64_t schema_version = 6;

// The SQL that makes version `version` (from 1) of the one before.
std::string_view schema_step(std::int64_t version);

// Makes the tables when there are none, and brings those of an older version up to date.
// `unsupported` when a newer program has written the file.
Result<void> prepare_schema(sql::Database& database);

// False when nothing was written yet, or by an older program only. `unsupported` as above.
Result<bool> has_schema(sql::Database& database);

// In the order of the enumerations of business.h.
constexpr std::array<std::string_view, 2> format_names{"json", "senml"};
constexpr std::array<std::string_view, 2> encryption_names{"none", "aes256gcm"};
constexpr std::array<std::string_view, 4> rule_kind_names{"threshold", "silence", "undecodable",
                                                          "anomaly"};
constexpr std::array<std::string_view, 2> direction_names{"above", "below"};
constexpr std::array<std::string_view, 3> access_names{"viewer", "operator", "owner"};

// What a row of `changes` is about.
enum class Kind { company, site, device_type, device, rule, user, access_token };
constexpr std::array<std::string_view, 7> kind_names{"company", "site", "device_type", "device",
                                                     "rule",    "user", "access_token"};

template <std::size_t Count, class Enumeration>
std::string_view name_in(const std::array<std::string_view, Count>& names, Enumeration value) {
  return names.at(std::size_t(value));
}

template <class Enumeration, std::size_t Count>
std::optional<Enumeration> value_in(const std::array<std::string_view, Count>& names,
                                    std::string_view name) {
  for (std::size_t index = 0; index < Count; ++index) {
    if (names[index] == name) return Enumeration(index);
  }
  return std::nullopt;
}

}  // namespace cauce::business
