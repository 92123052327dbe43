#include "gateway/coap/fair_share.h"

#include "base/invariant.h"

namespace cauce::gateway::coap {
namespace {

constexpr std::size_t times_what_is_free = 4;

}  // namespace

FairShare::Owner FairShare::owner(std::string_view company) {
  const auto [found, is_new] = owners_.try_emplace(std::string(company), Owner(used_by_.size()));
  if (is_new) used_by_.push_back(0);
  return found->second;
}

bool FairShare::has_room(Owner owner, std::size_t amount) const {
  if (amount > all_ - used_) return false;
  return used_by_[owner] + amount <= times_what_is_free * (all_ - used_ - amount);
}

void FairShare::take(Owner owner, std::size_t amount) {
  used_by_[owner] += amount;
  used_ += amount;
  INVARIANT(used_ <= all_);
}

void FairShare::give_back(Owner owner, std::size_t amount) {
  INVARIANT(amount <= used_by_[owner]);
  used_by_[owner] -= amount;
  used_ -= amount;
}

}  // namespace cauce::gateway::coap
