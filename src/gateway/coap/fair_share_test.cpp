#include "gateway/coap/fair_share.h"

#include <doctest/doctest.h>

namespace cauce::gateway::coap {
namespace {

// As much as it gets.
std::size_t fill(FairShare& share, FairShare::Owner owner) {
  std::size_t taken = 0;
  for (; share.has_room(owner, 1); ++taken)
    share.take(owner, 1);
  return taken;
}

}  // namespace

TEST_CASE("one company alone has four fifths, and not one more") {
  FairShare share(1000);
  const auto acme = share.owner("acme");
  CHECK(fill(share, acme) == 800);
  CHECK_FALSE(share.has_room(acme, 1));
  share.give_back(acme, 1);
  CHECK(share.has_room(acme, 1));
  CHECK_FALSE(share.has_room(acme, 2));
}

TEST_CASE("whoever comes has room, however many want all") {
  FairShare share(100'000);
  for (int number = 0; number < 5; ++number)
    fill(share, share.owner("greedy-" + std::to_string(number)));
  const auto other = share.owner("other");
  CHECK(share.has_room(other, 20));
  CHECK(fill(share, other) > 20);
}

TEST_CASE("companies that want all of it come to equal parts as what is old is given back") {
  FairShare share(9000);
  const auto early = share.owner("early");
  const auto late = share.owner("late");
  std::size_t early_has = fill(share, early);
  std::size_t late_has = 0;
  for (int turn = 0; turn < 20'000; ++turn) {
    if (late_has < early_has) {
      share.give_back(early, 1);
      --early_has;
    }
    late_has += fill(share, late);
    early_has += fill(share, early);
  }
  CHECK(early_has == 4000);
  CHECK(late_has == 4000);
}

TEST_CASE("a company keeps its number, and nothing is taken beyond what there is") {
  FairShare share(10);
  CHECK(share.owner("acme") == share.owner("acme"));
  CHECK(share.owner("acme") != share.owner("other"));
  CHECK_FALSE(share.has_room(share.owner("acme"), 11));
  CHECK_FALSE(share.has_room(share.owner("acme"), 9));
  CHECK(share.has_room(share.owner("acme"), 8));
  share.take(share.owner("acme"), 8);
  CHECK(share.used() == 8);
}

}  // namespace cauce::gateway::coap
