// Of something bounded that companies use together: who uses more than four times what is free gets
// no more of it. So one company alone may have four fifths, several that want all of it have equal
// parts, and whoever comes has room, however many others want all.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cauce::gateway::coap {

// One thread.
class FairShare {
 public:
  // A company; the same name always has the same number.
  using Owner = std::uint32_t;

  explicit FairShare(std::size_t all) : all_(all) {}

  Owner owner(std::string_view company);

  bool has_room(Owner owner, std::size_t amount) const;
  void take(Owner owner, std::size_t amount);
  // What was taken before.
  void give_back(Owner owner, std::size_t amount);

  std::size_t used() const { return used_; }

 private:
  const std::size_t all_;
  std::size_t used_ = 0;
  std::vector<std::size_t> used_by_;  // by owner
  std::unordered_map<std::string, Owner> owners_;
};

}  // namespace cauce::gateway::coap
