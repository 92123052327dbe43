// What every engine of the business store must do with what admits devices. Tests only.
#pragma once

#include "business/business_contract.h"

namespace cauce::business::contract {

inline void two_tokens_admit_one_device(Store& store) {
  const auto business = writer_of(store);
  settle(*business, "acme");
  const auto registry = registry_of(store);
  Device changed = mote("acme", "mote-1");
  const Bytes first = changed.token_hash;
  const Bytes second = crypto::sha256("second");
  changed.earlier_token_hash = first;
  changed.token_hash = second;
  changed.certificates_since = from_microseconds(1'800'000'000'000'000);
  must(business->update(changed));
  refreshed(*registry);
  const Device* device = registry->device("acme", "mote-1");
  CHECK(device->earlier_token_hash == first);
  CHECK(device->certificates_since == changed.certificates_since);
  CHECK(registry->device_by_token(first) == device);
  CHECK(registry->device_by_token(second) == device);

  Device thief = mote("acme", "mote-2");
  for (const Bytes& hash : {first, second}) {
    thief.token_hash = hash;
    refuses(business->create(thief), Outcome::conflict, "token_hash");
  }
  thief.token_hash = crypto::sha256("own");
  thief.earlier_token_hash = second;
  refuses(business->create(thief), Outcome::conflict, "token_hash");

  changed.earlier_token_hash.clear();
  must(business->update(changed));
  refreshed(*registry);
  CHECK(registry->device_by_token(first) == nullptr);
  CHECK(registry->device_by_token(second) == registry->device("acme", "mote-1"));
}

inline void two_shared_keys_are_read_back(Store& store) {
  const auto business = writer_of(store);
  settle(*business, "acme");
  must(business->create(mote("acme", "mote-2")));
  const auto registry = registry_of(store);
  CHECK(registry->device("acme", "mote-1")->shared_keys.empty());
  Device changed = mote("acme", "mote-1");
  const SharedKey first{1, Bytes(16, '\0')};
  const SharedKey second{2, Bytes(64, '\xff')};
  // In the order in which they were given, whatever their places.
  for (const std::vector<SharedKey>& keys :
       {std::vector{first}, std::vector{second, first}, std::vector{first, second},
        std::vector{second}, std::vector<SharedKey>{}}) {
    changed.shared_keys = keys;
    must(business->update(changed));
    refreshed(*registry);
    CHECK(registry->device("acme", "mote-1")->shared_keys == keys);
    CHECK(registry_of(store)->device("acme", "mote-1")->shared_keys == keys);
    CHECK(registry->device("acme", "mote-2")->shared_keys.empty());
  }
  Device made = mote("acme", "mote-3");
  made.shared_keys = {second, first};
  must(business->create(made));
  refreshed(*registry);
  CHECK(registry->device("acme", "mote-3")->shared_keys == made.shared_keys);
}

inline void a_company_has_an_authority_of_its_own(Store& store) {
  const auto business = writer_of(store);
  settle(*business, "acme");
  must(business->create(Company{"other", "Other"}));
  const auto registry = registry_of(store);
  CHECK(registry->company("acme")->authority.empty());
  must(business->update(Company{"acme", "Acme", "certificate"}));
  refreshed(*registry);
  CHECK(registry->company("acme")->authority == "certificate");
  CHECK(registry->company("acme")->title == "Acme");
  CHECK(registry->device("acme", "mote-1") != nullptr);
  refuses(business->update(Company{"other", "Other", "certificate"}), Outcome::conflict,
          "authority");
  refuses(business->create(Company{"third", "Third", "certificate"}), Outcome::conflict,
          "authority");
  refuses(business->update(Company{"none", "None"}), Outcome::not_found, "none");
  must(business->update(Company{"acme", "Acme"}));
  must(business->update(Company{"other", "Other", "certificate"}));
}

}  // namespace cauce::business::contract
