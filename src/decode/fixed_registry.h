// Business data for tests: what was put in is seen after the next refresh, as with a real store.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "business/business.h"

namespace cauce::decode {

class FixedRegistry final : public business::Registry {
 public:
  void put(business::DeviceType type) { replace(waiting_types_, std::move(type)); }
  void put(business::Device device) { replace(waiting_devices_, std::move(device)); }

  Result<bool> refresh() override {
    ++refreshes;
    if (failure) return *failure;
    types_ = waiting_types_;
    devices_ = waiting_devices_;
    return true;
  }

  const business::DeviceType* device_type(std::string_view company,
                                          std::string_view name) const override {
    return find(types_, company, name);
  }
  const business::Device* device(std::string_view company, std::string_view name) const override {
    return find(devices_, company, name);
  }

  const business::Company* company(std::string_view) const override { return nullptr; }
  const business::Site* site(std::string_view, std::string_view) const override { return nullptr; }
  const business::Device* device_by_token(BytesView) const override { return nullptr; }
  const business::AccessToken* access_token(BytesView) const override { return nullptr; }
  std::vector<const business::Company*> companies() const override { return {}; }
  std::vector<const business::Site*> sites(std::string_view) const override { return {}; }
  std::vector<const business::DeviceType*> device_types(std::string_view) const override {
    return {};
  }
  std::vector<const business::Device*> devices(std::string_view) const override { return {}; }
  std::vector<const business::Rule*> rules(std::string_view) const override { return {}; }
  std::vector<const business::AccessToken*> access_tokens() const override { return {}; }
  const business::User* user(std::string_view) const override { return nullptr; }
  std::vector<const business::User*> users() const override { return {}; }

  int refreshes = 0;
  std::optional<Error> failure;  // what refresh answers

 private:
  template <class Row>
  static void replace(std::vector<Row>& rows, Row row) {
    std::erase_if(rows, [&](const Row& other) {
      return other.company == row.company && other.name == row.name;
    });
    rows.push_back(std::move(row));
  }

  template <class Row>
  static const Row* find(const std::vector<Row>& rows, std::string_view company,
                         std::string_view name) {
    const auto row = std::find_if(rows.begin(), rows.end(), [&](const Row& candidate) {
      return candidate.company == company && candidate.name == name;
    });
    return row == rows.end() ? nullptr : &*row;
  }

  std::vector<business::DeviceType> types_, waiting_types_;
  std::vector<business::Device> devices_, waiting_devices_;
};

}  // namespace cauce::decode
