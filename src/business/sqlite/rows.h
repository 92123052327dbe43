// Everything a registry holds, in memory, by company: a name is looked up within its company and
// nowhere else. Inside this room only.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <variant>
#include <vector>

#include "business/business.h"
#include "business/sqlite/schema.h"

namespace cauce::business {

using Row = std::variant<Company, Site, DeviceType, Device, Rule, User, AccessToken>;

// What one row of `changes` is about: "acme", "acme/mote-1", a user's name, or a token's
// hash in hexadecimal.
struct Change {
  Kind kind;
  std::string key;

  auto operator<=>(const Change&) const = default;
};

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const {
    return std::hash<std::string_view>{}(text);
  }
};

template <class Value>
using ByText = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;
template <class Value>
using InOrder = std::map<std::string, Value, std::less<>>;

class Rows {
 public:
  Rows() = default;
  Rows(Rows&&) = default;
  Rows& operator=(Rows&&) = default;

  // Adds or replaces.
  void put(Row row);
  // Forgets what a change is about; nothing when it is not there.
  void remove(const Change& change);

  const Company* company(std::string_view name) const;
  const Site* site(std::string_view company, std::string_view name) const;
  const DeviceType* device_type(std::string_view company, std::string_view name) const;
  const Device* device(std::string_view company, std::string_view name) const;
  const Device* device_by_token(BytesView token_hash) const;
  const AccessToken* access_token(BytesView token_hash) const;
  const User* user(std::string_view name) const;
  std::vector<const Company*> companies() const;
  // All lists are in the order of the names.
  std::vector<const Site*> sites(std::string_view company) const;
  std::vector<const DeviceType*> device_types(std::string_view company) const;
  std::vector<const Device*> devices(std::string_view company) const;
  std::vector<const Rule*> rules(std::string_view company) const;
  std::vector<const User*> users() const;
  // Of every company, in the order of their hashes.
  std::vector<const AccessToken*> access_tokens() const;

 private:
  struct Owned {
    Company company;
    InOrder<Site> sites;
    InOrder<DeviceType> device_types;
    InOrder<Rule> rules;
    ByText<Device> devices;
  };

  void place(Company company);
  void place(Site site);
  void place(DeviceType type);
  void place(Device device);
  void forget_tokens(const Device& device);
  void place(Rule rule);
  void place(User user);
  void place(AccessToken token);
  const Owned* owned_by(std::string_view company) const;

  InOrder<Owned> companies_;
  // Invariant: every value points into a company's `devices`, whose nodes do not move.
  ByText<const Device*> devices_by_token_;
  InOrder<User> users_;
  ByText<AccessToken> access_tokens_;
};

}  // namespace cauce::business
