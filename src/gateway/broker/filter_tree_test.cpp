#include "gateway/broker/filter_tree.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

#include "gateway/mqtt/topic.h"

namespace cauce::gateway::broker {
namespace {

struct Trial {
  std::string_view filter;
  std::string_view topic;
  bool matches;
};

// The examples of section 4.7.1 and 4.7.2 of both standards, and what lies around them.
constexpr Trial trials[] = {
    {"sport/tennis/player1/#", "sport/tennis/player1", true},
    {"sport/tennis/player1/#", "sport/tennis/player1/ranking", true},
    {"sport/tennis/player1/#", "sport/tennis/player1/score/wimbledon", true},
    {"sport/tennis/player1/#", "sport/tennis/player12", false},
    {"sport/#", "sport", true},
    {"sport/#", "sporty", false},
    {"#", "anything/at/all", true},
    {"#", "/", true},
    {"sport/tennis/+", "sport/tennis/player1", true},
    {"sport/tennis/+", "sport/tennis/player1/ranking", false},
    {"sport/+", "sport", false},
    {"sport/+", "sport/", true},
    {"+", "sport", true},
    {"+", "/finance", false},
    {"+/+", "/finance", true},
    {"/+", "/finance", true},
    {"+/tennis/#", "sport/tennis", true},
    {"sport/+/player1", "sport/tennis/player1", true},
    {"sport/+/player1", "sport//player1", true},
    {"sport/+/player1", "sport/player1", false},
    {"a//b", "a//b", true},
    {"a//b", "a/b", false},
    {"/a", "a", false},
    {"a", "a/", false},
    {"a/#", "a/", true},
    {"Accounts", "ACCOUNTS", false},
    {"#", "$SYS/monitor", false},
    {"+/monitor/Clients", "$SYS/monitor/Clients", false},
    {"$SYS/#", "$SYS/monitor", true},
    {"$SYS/monitor/+", "$SYS/monitor/Clients", true},
    {"a/+", "a/$b", true},
    {"a/#", "a/$b/c", true},
};

// The tree looks at their addresses only.
Session* session(std::uintptr_t number) {
  return reinterpret_cast<Session*>(number * 8);
}

std::size_t found_by(FilterTree& tree, std::string_view topic) {
  std::vector<Watchers*> found;
  tree.match(topic, found);
  std::size_t count = 0;
  for (const Watchers* watchers : found)
    count += watchers->each.size() + watchers->groups.size();
  return count;
}

}  // namespace

TEST_CASE("4.7: a filter finds the topics that it stands for, one by one and in a tree") {
  FilterTree all;
  for (const Trial& trial : trials) {
    CAPTURE(trial.filter);
    CAPTURE(trial.topic);
    CHECK(mqtt::is_match(trial.filter, trial.topic) == trial.matches);
    FilterTree tree;
    CHECK(tree.add({{}, trial.filter}, {session(1), {}}));
    CHECK((found_by(tree, trial.topic) == 1) == trial.matches);
    all.add({{}, trial.filter}, {session(1), {}});
  }
  for (const Trial& trial : trials) {
    CAPTURE(trial.topic);
    std::vector<std::string_view> filters;
    for (const Trial& other : trials)
      filters.push_back(other.filter);
    std::ranges::sort(filters);
    filters.erase(std::ranges::unique(filters).begin(), filters.end());
    const auto expected = std::ranges::count_if(
        filters, [&trial](std::string_view filter) { return mqtt::is_match(filter, trial.topic); });
    CHECK(found_by(all, trial.topic) == std::size_t(expected));
  }
}

TEST_CASE("a session has one subscription to a filter, and each share name another") {
  FilterTree tree;
  CHECK(tree.add({{}, "a/b"}, {session(1), {}}));
  CHECK_FALSE(tree.add({{}, "a/b"}, {session(1), {2, false, false, 0}}));
  CHECK(tree.add({{}, "a/b"}, {session(2), {}}));
  CHECK(tree.add({"g", "a/b"}, {session(1), {}}));
  CHECK(tree.add({"g", "a/b"}, {session(2), {}}));
  CHECK(tree.add({"h", "a/b"}, {session(1), {}}));
  CHECK(found_by(tree, "a/b") == 4);
  tree.remove({{}, "a/b"}, *session(1));
  tree.remove({"g", "a/b"}, *session(1));
  CHECK(found_by(tree, "a/b") == 3);
  tree.remove({"g", "a/b"}, *session(2));
  tree.remove({{}, "a/b"}, *session(2));
  tree.remove({{}, "a/b"}, *session(3));
  tree.remove({{}, "nowhere"}, *session(1));
  CHECK_FALSE(tree.empty());
  tree.remove({"h", "a/b"}, *session(1));
  CHECK(tree.empty());
  CHECK(found_by(tree, "a/b") == 0);
}

TEST_CASE("4.8.2 of 5.0: what is a shared subscription and what only looks like one") {
  CHECK(split_shared("$share/g/a/+").name == "g");
  CHECK(split_shared("$share/g/a/+").filter == "a/+");
  CHECK(split_shared("$share/g//a").filter == "/a");
  CHECK(split_shared("a/b").name.empty());
  CHECK(split_shared("a/b").filter == "a/b");
  CHECK(split_shared("$shared/g/a").filter == "$shared/g/a");
  for (const char* wrong : {"$share/g", "$share/g/", "$share//a", "$share/+/a", "$share/g#/a"}) {
    CAPTURE(wrong);
    CHECK(split_shared(wrong).filter.empty());
  }
}

}  // namespace cauce::gateway::broker
