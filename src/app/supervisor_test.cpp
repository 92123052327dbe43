#include "app/supervisor.h"

#include <doctest/doctest.h>

#include <set>

namespace cauce::app {

TEST_CASE("a process rests longer the more often it dies in a row, at most 10 s") {
  CHECK(restart_delay(1) == Duration{0});
  CHECK(restart_delay(2) == std::chrono::milliseconds{100});
  CHECK(restart_delay(3) == std::chrono::milliseconds{200});
  CHECK(restart_delay(9) == std::chrono::seconds{10});
  CHECK(restart_delay(1000) == std::chrono::seconds{10});
}

TEST_CASE("every role lives in exactly one process and alarms live alone") {
  std::multiset<std::string> roles;
  for (const ProcessPlan& process : default_plan()) {
    roles.insert(process.roles.begin(), process.roles.end());
    if (process.name == "alarms") CHECK(process.roles == std::vector<std::string>{"alarms"});
  }
  CHECK(roles == std::multiset<std::string>{"gateway", "lake", "decode", "processing", "stats",
                                            "alarms", "api"});
}

}  // namespace cauce::app
