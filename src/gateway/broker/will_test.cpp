// Wills. Section numbers are those of mqtt-v5.0.
#include <doctest/doctest.h>

#include "gateway/broker/broker_story.h"

namespace cauce::gateway::broker {
namespace {

using std::chrono::seconds;

const Hello kept{true, seconds{60}};
const Hello back{false, seconds{60}};

struct WithHeir : Story {
  std::unique_ptr<StoryClient> heir = connect("heir");
  WithHeir() { subscribe(*heir, "will", 0); }
};

}  // namespace

TEST_CASE_FIXTURE(WithHeir, "3.1.2-8: who goes without a goodbye leaves his will, others do not") {
  auto one = connect("one", {}, will("will"));
  leave(*one, true);
  CHECK(heir->take() == "[will=gone]");
  auto two = connect("two", {}, will("will"));
  leave(*two, false);
  pass(seconds{100});
  CHECK(heir->take().empty());
}

TEST_CASE_FIXTURE(WithHeir, "3.1.3.2.2: a will waits for its delay, to the second") {
  auto one = connect("one", kept, will("will", seconds{5}));
  leave(*one, true);
  pass(seconds{5} - Duration{1});
  CHECK(heir->take().empty());
  pass(Duration{1});
  CHECK(heir->take() == "[will=gone]");
  pass(seconds{100});
  CHECK(heir->take().empty());
}

TEST_CASE_FIXTURE(WithHeir, "3.1.2-8: a session that ends first publishes its will then") {
  auto one = connect("one", {true, seconds{3}}, will("will", seconds{5}));
  leave(*one, true);
  pass(seconds{3} - Duration{1});
  CHECK(heir->take().empty());
  pass(Duration{1});
  CHECK(heir->take() == "[will=gone]");
  auto two = connect("two", {}, will("will", seconds{5}));
  leave(*two, true);
  CHECK(heir->take() == "[will=gone]");
  auto three = connect("three", kept, will("will", seconds{5}));
  leave(*three, true);
  CHECK(heir->take().empty());
  connect("three", kept);
  CHECK(heir->take() == "[will=gone]");
}

TEST_CASE_FIXTURE(WithHeir, "3.1.3-9: who comes back before the delay is over takes it back") {
  auto one = connect("one", kept, will("will", seconds{5}));
  leave(*one, true);
  pass(seconds{4});
  auto again = connect("one", back);
  pass(seconds{100});
  leave(*again, true);
  pass(seconds{100});
  CHECK(heir->take().empty());
}

TEST_CASE_FIXTURE(WithHeir, "3.1.4-3: a client that is replaced leaves its will, unless it waits") {
  auto one = connect("one", kept, will("will"));
  auto two = connect("one", back, will("will", seconds{5}));
  CHECK(one->ended);
  CHECK(heir->take() == "[will=gone]");
  auto three = connect("one", back);
  CHECK(two->ended);
  pass(seconds{100});
  CHECK(heir->take().empty());
}

TEST_CASE_FIXTURE(WithHeir, "3.1.2-14: a will can be retained") {
  auto said = will("will");
  said->retain = true;
  auto one = connect("one", {}, std::move(said));
  leave(*one, true);
  auto late = connect("late");
  subscribe(*late, mqtt::Subscription{"will", 1});
  CHECK(late->take() == "[will=gone q1 #1 retained]");
}

}  // namespace cauce::gateway::broker
