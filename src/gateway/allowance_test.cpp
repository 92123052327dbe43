#include "gateway/allowance.h"

#include <doctest/doctest.h>

#include "gateway/house_test.h"

namespace cauce::gateway {
namespace {

using std::chrono::milliseconds;

constexpr AllowanceLimits limits{{10, 1000, 2}, {30, 2500, 3}};

Identity identity(const std::string& device, const std::string& company = "acme") {
  return {company, device, {}, false};
}

// With the registry of a house.
struct Accounts : House {
  Allowances allowances{limits, *registry};

  void give(const std::string& name, business::Limits own, bool bridge = false) {
    auto limited = device(name);
    limited.limits = own;
    limited.bridge = bridge;
    REQUIRE(business->update(limited));
    follow();
  }
  void give_company(business::Limits own) {
    REQUIRE(business->update(business::Company{"acme", "Acme", {}, own}));
    follow();
  }
  void follow() {
    REQUIRE(registry->refresh());
    allowances.follow_registry(Duration{0});
  }
};

}  // namespace

TEST_CASE("a bucket holds a second's worth, goes into debt and is paid by time") {
  TokenBucket bucket(10, seconds{5});
  bucket.take(10, seconds{5});
  CHECK(bucket.wait(seconds{5}) == Duration{0});
  bucket.take(1, seconds{5});
  CHECK(bucket.wait(seconds{5}) == milliseconds{100} + Duration{1});
  CHECK(bucket.wait(milliseconds{5099}) > Duration{0});
  CHECK(bucket.wait(milliseconds{5101}) == Duration{0});
  bucket.take(100, milliseconds{5100});
  CHECK(bucket.wait(milliseconds{5100}) / seconds{1} == 10);
  // Silence gives no more than the burst.
  CHECK(bucket.is_full(seconds{1000}));
  bucket.take(11, seconds{1000});
  CHECK(bucket.wait(seconds{1000}) > Duration{0});
}

TEST_CASE("a rate of 0 is no limit, and a clock that stands still gives nothing") {
  TokenBucket free(0, Duration{0});
  free.take(1e12, Duration{0});
  CHECK(free.wait(Duration{0}) == Duration{0});
  CHECK(free.is_full(Duration{0}));
  TokenBucket bucket(10, seconds{1});
  bucket.take(20, seconds{1});
  CHECK(bucket.wait(Duration{0}) == bucket.wait(seconds{1}));
}

TEST_CASE("over any long span no more passes than the rate and one burst") {
  TokenBucket bucket(100, Duration{0});
  double passed = 0;
  for (Duration now{0}; now < seconds{60}; now += milliseconds{7}) {
    while (bucket.wait(now) == Duration{0}) {
      bucket.take(13, now);
      passed += 13;
    }
  }
  CHECK(passed <= 60 * 100 + 100 + 13);
  CHECK(passed >= 60 * 100);
}

TEST_CASE_FIXTURE(Accounts, "all connections and requests of a device draw on one account") {
  Allowance one = allowances.of(identity("mote-1"), Duration{0});
  Allowance two = allowances.of(identity("mote-1"), Duration{0});
  one.take(10, 0, Duration{0});
  CHECK_FALSE(two.excess(Duration{0}));
  two.take(1, 0, Duration{0});
  const auto excess = one.excess(Duration{0});
  REQUIRE(excess);
  CHECK(excess->limit == Limit::device_messages);
  CHECK(excess->text() == "limits.device.messages_per_second is 10");
  CHECK_FALSE(allowances.of(identity("mote-2"), Duration{0}).excess(Duration{0}));
  CHECK_FALSE(one.excess(excess->wait));
}

TEST_CASE_FIXTURE(Accounts, "bytes count as messages do, and the longest wait is what is said") {
  Allowance one = allowances.of(identity("mote-1"), Duration{0});
  one.take(11, 3000, Duration{0});
  const auto excess = one.excess(Duration{0});
  REQUIRE(excess);
  CHECK(excess->limit == Limit::device_bytes);
  CHECK(excess->wait == seconds{2} + Duration{1});
}

TEST_CASE_FIXTURE(Accounts,
                  "a company's devices together keep its limit, and another company has its own") {
  std::vector<Allowance> motes;
  for (const char* name : {"a", "b", "c", "d"}) {
    motes.push_back(allowances.of(identity(name), Duration{0}));
    motes.back().take(8, 0, Duration{0});
  }
  const auto excess = motes[0].excess(Duration{0});
  REQUIRE(excess);
  CHECK(excess->limit == Limit::company_messages);
  CHECK_FALSE(allowances.of(identity("a", "other"), Duration{0}).excess(Duration{0}));
}

TEST_CASE_FIXTURE(Accounts, "a bridge may do what its company may") {
  give("mote-1", {}, true);
  Allowance one = allowances.of(identity("mote-1"), Duration{0});
  one.take(30, 0, Duration{0});
  CHECK_FALSE(one.excess(Duration{0}));
  one.take(1, 0, Duration{0});
  CHECK(one.excess(Duration{0}));
}

TEST_CASE_FIXTURE(Accounts, "a bridge may do what its company may by its own limits") {
  give_company({.messages_per_second = 50});
  give("mote-1", {}, true);
  Allowance one = allowances.of(identity("mote-1"), Duration{0});
  one.take(50, 0, Duration{0});
  CHECK_FALSE(one.excess(Duration{0}));
  one.take(1, 0, Duration{0});
  CHECK(one.excess(Duration{0}));
}

TEST_CASE_FIXTURE(Accounts, "limits of one's own replace those of the configuration one by one") {
  give("mote-1", {.messages_per_second = 20, .payload_bytes = 7});
  Allowance one = allowances.of(identity("mote-1"), Duration{0});
  one.take(20, 0, Duration{0});
  CHECK_FALSE(one.excess(Duration{0}));
  one.take(0, 1001, Duration{0});
  CHECK(one.excess(Duration{0})->text() == "limits.device.bytes_per_second is 1000");
  CHECK(one.oversize(8)->text() == "the device's own payload_bytes is 7");
  CHECK(one.payload_limit(100).name() == "the device's own payload_bytes");
  CHECK_FALSE(allowances.of(identity("mote-2"), Duration{0}).oversize(8));
  give_company({.payload_bytes = 5});
  CHECK(one.payload_limit(100).text() == "the company's own payload_bytes is 5");
}

TEST_CASE_FIXTURE(Accounts, "a limit that changes finds what is owed, and its new rate pays it") {
  Allowance one = allowances.of(identity("mote-1"), Duration{0});
  one.take(30, 0, Duration{0});
  CHECK(one.debt(Duration{0})->wait == seconds{2} + Duration{1});
  give("mote-1", {.messages_per_second = 20});
  CHECK(one.debt(Duration{0})->wait == seconds{1} + Duration{1});
  CHECK(one.debt(Duration{0})->text() == "the device's own messages_per_second is 20");
  give("mote-1", {.messages_per_second = 5});
  CHECK(one.debt(Duration{0})->wait == seconds{4} + Duration{1});
  give("mote-1", {});
  CHECK(one.debt(Duration{0})->wait == seconds{2} + Duration{1});
}

TEST_CASE_FIXTURE(Accounts, "with more in flight allowed, who waits is told") {
  Allowance one = allowances.of(identity("mote-1"), Duration{0});
  give("mote-1", {.in_flight = 2});
  const Flight flight = one.depart(3);
  CHECK(one.crowd()->text() == "the device's own in_flight is 2");
  one.await_room(7);
  give("mote-1", {.in_flight = 3});
  CHECK(allowances.take_roomy().empty());
  give("mote-1", {.in_flight = 4});
  CHECK(allowances.take_roomy() == std::vector<std::uint64_t>{7});
}

TEST_CASE_FIXTURE(Accounts,
                  "connections are counted while they last, to the maximum and not one more") {
  const auto connect = [&](const std::string& device) {
    return allowances.connect(identity(device), Duration{0});
  };
  auto first = connect("mote-1");
  auto second = connect("mote-1");
  CHECK(std::holds_alternative<Allowance>(second));
  auto third = connect("mote-1");
  REQUIRE(std::holds_alternative<Excess>(third));
  CHECK(std::get<Excess>(third).text() == "limits.device.connections is 2");
  auto other = connect("mote-2");
  CHECK(std::holds_alternative<Allowance>(other));
  CHECK(std::get<Excess>(connect("mote-3")).text() == "limits.company.connections is 3");
  first = Excess{};
  CHECK(std::holds_alternative<Allowance>(connect("mote-1")));
}

TEST_CASE_FIXTURE(
    House,
    "messages in flight are counted until their flight ends, and each who waits is told once") {
  Allowances allowances{{{.in_flight = 3}, {.in_flight = 5}}, *registry};
  Allowance one = allowances.of(identity("mote-1"), Duration{0});
  Allowance two = allowances.of(identity("mote-2"), Duration{0});
  Flight first = one.depart(2);
  CHECK_FALSE(one.crowd());
  Flight second = one.depart(1);
  REQUIRE(one.crowd());
  CHECK(one.crowd()->text() == "limits.device.in_flight is 3");
  CHECK_FALSE(two.crowd());
  Flight third = two.depart(2);
  REQUIRE(two.crowd());
  CHECK(two.crowd()->text() == "limits.company.in_flight is 5");
  one.await_room(1);
  two.await_room(2);
  CHECK(allowances.take_roomy().empty());
  first = std::move(second);
  CHECK(allowances.take_roomy() == std::vector<std::uint64_t>{1, 2});
  CHECK(allowances.take_roomy().empty());
  CHECK_FALSE(one.crowd());
  CHECK_FALSE(two.crowd());
}

TEST_CASE_FIXTURE(House, "the smaller limit of a payload counts, and everybody's is over both") {
  Allowances allowances{{{.payload_bytes = 100}, {.payload_bytes = 50}}, *registry};
  const Allowance one = allowances.of(identity("mote-1"), Duration{0});
  CHECK_FALSE(one.oversize(50));
  CHECK(one.oversize(51)->text() == "limits.company.payload_bytes is 50");
  CHECK(one.payload_limit(1000).text() == "limits.company.payload_bytes is 50");
  CHECK(one.payload_limit(40).text() == "the limit of one message is 40");
  CHECK(Allowance().payload_limit(40).bytes_max == 40);
}

TEST_CASE_FIXTURE(Accounts,
                  "accounts are forgotten when nobody draws on them and they owe nothing") {
  {
    Allowance one = allowances.of(identity("mote-1"), Duration{0});
    allowances.look_around(Duration{0});
    CHECK(allowances.accounts() == 2);
    one.take(5, 0, Duration{0});
  }
  // Who comes again at once does not begin anew.
  allowances.look_around(milliseconds{400});
  CHECK(allowances.accounts() == 1);
  allowances.look_around(seconds{1});
  CHECK(allowances.accounts() == 0);
}

}  // namespace cauce::gateway
