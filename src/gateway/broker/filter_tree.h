// The subscriptions of one company as a tree of the levels of their filters, so that a topic finds
// its subscribers in time that grows with its levels, not with how many subscribe (MQTT 3.1.1 and
// 5.0, section 4.7; shared subscriptions: 5.0, section 4.8.2).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace cauce::gateway::broker {

class Session;

struct SubscriptionOptions {
  std::uint8_t qos = 0;
  bool no_local = false;
  bool retain_as_published = false;
  std::uint32_t identifier = 0;  // 0: none

  bool operator==(const SubscriptionOptions&) const = default;
};

struct Subscriber {
  Session* session = nullptr;
  SubscriptionOptions options;
};

// Those who share one filter under one name: each message goes to one of them.
struct ShareGroup {
  std::string name;
  std::vector<Subscriber> members;  // never empty
  std::size_t next = 0;             // whose turn it is, modulo their number
};

// Who subscribed to exactly one filter.
struct Watchers {
  std::vector<Subscriber> each;
  std::vector<ShareGroup> groups;

  bool empty() const { return each.empty() && groups.empty(); }
};

// "$share/{name}/{filter}" taken apart; the name is empty when it is not shared. Both are empty
// when it begins so and is no shared subscription (5.0 section 4.8.2).
struct SharedFilter {
  std::string_view name;
  std::string_view filter;
};
SharedFilter split_shared(std::string_view filter);

// One thread.
class FilterTree {
 public:
  // Of a filter without its "$share/{name}/". Replaces what the session had there; true when it
  // had nothing.
  bool add(const SharedFilter& filter, const Subscriber& subscriber);
  void remove(const SharedFilter& filter, const Session& session);
  bool empty() const { return count_ == 0; }

  // Those of exactly this filter; nullptr when there are none. Lives as what match() finds.
  Watchers* find(std::string_view filter);

  // Adds the watchers whose filter matches, in no order. What is found lives until the next add()
  // or remove().
  void match(std::string_view topic, std::vector<Watchers*>& found);

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };
  struct Node {
    Watchers watchers;
    std::unordered_map<std::string, std::unique_ptr<Node>, Hash, std::equal_to<>> children;

    Node* child(std::string_view level) const;
  };

  static void walk(Node& node, std::string_view topic, std::size_t from, bool hidden,
                   std::vector<Watchers*>& found);
  // Whether the node is of no more use.
  bool remove_below(Node& node, std::string_view filter, std::size_t from, std::string_view name,
                    const Session& session);
  bool remove_here(Watchers& watchers, std::string_view name, const Session& session);

  Node root_;
  std::size_t count_ = 0;  // of subscribers
};

}  // namespace cauce::gateway::broker
