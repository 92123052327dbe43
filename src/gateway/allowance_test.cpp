#include "gateway/allowance.h"

#include <doctest/doctest.h>

namespace cauce::gateway {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr AllowanceLimits limits{{10, 1000, 2}, {30, 2500, 3}};

Identity identity(const std::string& device, const std::string& company = "acme") {
  return {company, device, {}, false};
}

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

TEST_CASE("all connections and requests of a device draw on one account") {
  Allowances allowances{limits};
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

TEST_CASE("bytes count as messages do, and the longest wait is what is said") {
  Allowances allowances{limits};
  Allowance one = allowances.of(identity("mote-1"), Duration{0});
  one.take(11, 3000, Duration{0});
  const auto excess = one.excess(Duration{0});
  REQUIRE(excess);
  CHECK(excess->limit == Limit::device_bytes);
  CHECK(excess->wait == seconds{2} + Duration{1});
}

TEST_CASE("a company's devices together keep its limit, and another company has its own") {
  Allowances allowances{limits};
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

TEST_CASE("a bridge may do what its company may") {
  Allowances allowances{limits};
  Identity bridge = identity("broker");
  bridge.bridge = true;
  Allowance one = allowances.of(bridge, Duration{0});
  one.take(30, 0, Duration{0});
  CHECK_FALSE(one.excess(Duration{0}));
  one.take(1, 0, Duration{0});
  CHECK(one.excess(Duration{0}));
}

TEST_CASE("connections are counted while they last, to the maximum and not one more") {
  Allowances allowances{limits};
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

TEST_CASE("accounts are forgotten when nobody draws on them and they owe nothing") {
  Allowances allowances{limits};
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
