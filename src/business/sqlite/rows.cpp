#include "business/sqlite/rows.h"

#include <algorithm>

namespace cauce::business {
namespace {

template <class Map>
const typename Map::mapped_type* find_in(const Map& map, std::string_view key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : &found->second;
}

template <class Map>
std::vector<const typename Map::mapped_type*> all_of(const Map& map) {
  std::vector<const typename Map::mapped_type*> values;
  values.reserve(map.size());
  for (const auto& [unused, value] : map)
    values.push_back(&value);
  return values;
}

template <class Map>
void erase_from(Map& map, std::string_view key) {
  if (const auto found = map.find(key); found != map.end()) map.erase(found);
}

}  // namespace

void Rows::put(Row row) {
  std::visit([this](auto&& value) { place(std::forward<decltype(value)>(value)); }, std::move(row));
}

void Rows::place(Company company) {
  Company& placed = companies_[company.name].company;
  placed = std::move(company);
}

void Rows::place(Site site) {
  InOrder<Site>& sites = companies_[site.company].sites;
  std::string name = site.name;
  sites.insert_or_assign(std::move(name), std::move(site));
}

void Rows::place(DeviceType type) {
  InOrder<DeviceType>& types = companies_[type.company].device_types;
  std::string name = type.name;
  types.insert_or_assign(std::move(name), std::move(type));
}

void Rows::place(Rule rule) {
  InOrder<Rule>& rules = companies_[rule.company].rules;
  std::string name = rule.name;
  rules.insert_or_assign(std::move(name), std::move(rule));
}

void Rows::place(Device device) {
  ByText<Device>& devices = companies_[device.company].devices;
  Device& placed = devices[device.name];
  forget_tokens(placed);
  placed = std::move(device);
  devices_by_token_.insert_or_assign(placed.token_hash, &placed);
  if (placed.earlier_token_hash.empty()) return;
  devices_by_token_.insert_or_assign(placed.earlier_token_hash, &placed);
}

// Only those that are still this device's: of two devices that exchange their tokens the second
// must not take away what the first has just got.
void Rows::forget_tokens(const Device& device) {
  for (const Bytes* hash : {&device.token_hash, &device.earlier_token_hash}) {
    const auto old = devices_by_token_.find(*hash);
    if (old != devices_by_token_.end() && old->second == &device) devices_by_token_.erase(old);
  }
}

void Rows::place(User user) {
  std::string name = user.name;
  users_.insert_or_assign(std::move(name), std::move(user));
}

void Rows::place(AccessToken token) {
  Bytes hash = token.token_hash;
  access_tokens_.insert_or_assign(std::move(hash), std::move(token));
}

void Rows::remove(const Change& change) {
  if (change.kind == Kind::access_token) {
    Bytes hash;
    if (from_hex(change.key, hash)) access_tokens_.erase(hash);
    return;
  }
  if (change.kind == Kind::user) return erase_from(users_, change.key);
  const std::string_view key = change.key;
  const std::size_t slash = key.find('/');
  const auto found = companies_.find(key.substr(0, slash));
  if (found == companies_.end()) return;
  Owned& owned = found->second;
  const std::string_view name = slash == key.npos ? std::string_view{} : key.substr(slash + 1);
  switch (change.kind) {
    case Kind::site: erase_from(owned.sites, name); break;
    case Kind::device_type: erase_from(owned.device_types, name); break;
    case Kind::rule: erase_from(owned.rules, name); break;
    case Kind::device:
      if (const auto device = owned.devices.find(name); device != owned.devices.end()) {
        forget_tokens(device->second);
        owned.devices.erase(device);
      }
      break;
    case Kind::company:
      for (const auto& [unused, device] : owned.devices) {
        forget_tokens(device);
      }
      companies_.erase(found);
      break;
    case Kind::user:
    case Kind::access_token: break;
  }
}

const Rows::Owned* Rows::owned_by(std::string_view company) const {
  return find_in(companies_, company);
}

const Company* Rows::company(std::string_view name) const {
  const Owned* owned = owned_by(name);
  return owned == nullptr ? nullptr : &owned->company;
}

const Site* Rows::site(std::string_view company, std::string_view name) const {
  const Owned* owned = owned_by(company);
  return owned == nullptr ? nullptr : find_in(owned->sites, name);
}

const DeviceType* Rows::device_type(std::string_view company, std::string_view name) const {
  const Owned* owned = owned_by(company);
  return owned == nullptr ? nullptr : find_in(owned->device_types, name);
}

const Device* Rows::device(std::string_view company, std::string_view name) const {
  const Owned* owned = owned_by(company);
  return owned == nullptr ? nullptr : find_in(owned->devices, name);
}

const Device* Rows::device_by_token(BytesView token_hash) const {
  const auto found = devices_by_token_.find(token_hash);
  return found == devices_by_token_.end() ? nullptr : found->second;
}

const AccessToken* Rows::access_token(BytesView token_hash) const {
  return find_in(access_tokens_, token_hash);
}

const User* Rows::user(std::string_view name) const {
  return find_in(users_, name);
}

std::vector<const User*> Rows::users() const {
  return all_of(users_);
}

std::vector<const Company*> Rows::companies() const {
  std::vector<const Company*> companies;
  companies.reserve(companies_.size());
  for (const auto& [unused, owned] : companies_)
    companies.push_back(&owned.company);
  return companies;
}

std::vector<const Device*> Rows::devices(std::string_view company) const {
  const Owned* owned = owned_by(company);
  if (owned == nullptr) return {};
  std::vector<const Device*> devices = all_of(owned->devices);
  std::sort(devices.begin(), devices.end(),
            [](const Device* left, const Device* right) { return left->name < right->name; });
  return devices;
}

std::vector<const Site*> Rows::sites(std::string_view company) const {
  const Owned* owned = owned_by(company);
  return owned == nullptr ? std::vector<const Site*>{} : all_of(owned->sites);
}

std::vector<const DeviceType*> Rows::device_types(std::string_view company) const {
  const Owned* owned = owned_by(company);
  return owned == nullptr ? std::vector<const DeviceType*>{} : all_of(owned->device_types);
}

std::vector<const Rule*> Rows::rules(std::string_view company) const {
  const Owned* owned = owned_by(company);
  return owned == nullptr ? std::vector<const Rule*>{} : all_of(owned->rules);
}

std::vector<const AccessToken*> Rows::access_tokens() const {
  std::vector<const AccessToken*> tokens = all_of(access_tokens_);
  std::sort(tokens.begin(), tokens.end(), [](const AccessToken* left, const AccessToken* right) {
    return left->token_hash < right->token_hash;
  });
  return tokens;
}

}  // namespace cauce::business
