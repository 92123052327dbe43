#include "gateway/broker/filter_tree.h"

#include <algorithm>

namespace cauce::gateway::broker {
namespace {

// The level that begins at `from`.
std::string_view level_at(std::string_view text, std::size_t from) {
  return text.substr(from, text.find('/', from) - from);
}

// Behind the level that begins at `from` and its '/'; text.size() + 1 behind the last one.
std::size_t behind(std::string_view text, std::size_t from) {
  const std::size_t slash = text.find('/', from);
  return slash == std::string_view::npos ? text.size() + 1 : slash + 1;
}

bool replace_or_add(std::vector<Subscriber>& subscribers, const Subscriber& subscriber) {
  const auto found = std::ranges::find(subscribers, subscriber.session, &Subscriber::session);
  if (found == subscribers.end()) {
    subscribers.push_back(subscriber);
    return true;
  }
  *found = subscriber;
  return false;
}

}  // namespace

SharedFilter split_shared(std::string_view filter) {
  constexpr std::string_view prefix = "$share/";
  if (!filter.starts_with(prefix)) return {{}, filter};
  filter.remove_prefix(prefix.size());
  const std::size_t slash = filter.find('/');
  if (slash == std::string_view::npos || slash == 0 || slash + 1 == filter.size()) return {};
  const std::string_view name = filter.substr(0, slash);
  if (name.find_first_of("+#") != std::string_view::npos) return {};
  return {name, filter.substr(slash + 1)};
}

FilterTree::Node* FilterTree::Node::child(std::string_view level) const {
  const auto found = children.find(level);
  return found == children.end() ? nullptr : found->second.get();
}

bool FilterTree::add(const SharedFilter& filter, const Subscriber& subscriber) {
  Node* node = &root_;
  for (std::size_t from = 0; from <= filter.filter.size(); from = behind(filter.filter, from)) {
    auto& child = node->children[std::string(level_at(filter.filter, from))];
    if (!child) child = std::make_unique<Node>();
    node = child.get();
  }
  std::vector<Subscriber>* subscribers = &node->watchers.each;
  if (!filter.name.empty()) {
    auto& groups = node->watchers.groups;
    auto group = std::ranges::find(groups, filter.name, &ShareGroup::name);
    if (group == groups.end()) {
      groups.push_back({std::string(filter.name), {}, 0});
      group = std::prev(groups.end());
    }
    subscribers = &group->members;
  }
  const bool added = replace_or_add(*subscribers, subscriber);
  count_ += added ? 1 : 0;
  return added;
}

void FilterTree::remove(const SharedFilter& filter, const Session& session) {
  remove_below(root_, filter.filter, 0, filter.name, session);
}

bool FilterTree::remove_below(Node& node, std::string_view filter, std::size_t from,
                              std::string_view name, const Session& session) {
  if (from > filter.size()) {
    count_ -= remove_here(node.watchers, name, session) ? 1 : 0;
  } else {
    const auto found = node.children.find(level_at(filter, from));
    if (found == node.children.end()) return false;
    if (remove_below(*found->second, filter, behind(filter, from), name, session)) {
      node.children.erase(found);
    }
  }
  return node.watchers.empty() && node.children.empty();
}

bool FilterTree::remove_here(Watchers& watchers, std::string_view name, const Session& session) {
  if (name.empty()) {
    return std::erase_if(watchers.each, [&session](const Subscriber& subscriber) {
             return subscriber.session == &session;
           }) > 0;
  }
  const auto group = std::ranges::find(watchers.groups, name, &ShareGroup::name);
  if (group == watchers.groups.end()) return false;
  const std::size_t removed = std::erase_if(
      group->members,
      [&session](const Subscriber& subscriber) { return subscriber.session == &session; });
  if (group->members.empty()) watchers.groups.erase(group);
  return removed > 0;
}

Watchers* FilterTree::find(std::string_view filter) {
  Node* node = &root_;
  for (std::size_t from = 0; node != nullptr && from <= filter.size(); from = behind(filter, from))
    node = node->child(level_at(filter, from));
  return node == nullptr || node->watchers.empty() ? nullptr : &node->watchers;
}

void FilterTree::match(std::string_view topic, std::vector<Watchers*>& found) {
  // [MQTT-4.7.2-1]: a topic that begins with '$' is not for a filter that begins with a wildcard.
  walk(root_, topic, 0, topic.starts_with('$'), found);
}

void FilterTree::walk(Node& node, std::string_view topic, std::size_t from, bool hidden,
                      std::vector<Watchers*>& found) {
  // Section 4.7.1.2: '#' stands for the level above it too.
  if (!hidden) {
    if (Node* below = node.child("#")) found.push_back(&below->watchers);
  }
  if (from > topic.size()) {
    if (!node.watchers.empty()) found.push_back(&node.watchers);
    return;
  }
  const std::size_t next = behind(topic, from);
  if (Node* child = node.child(level_at(topic, from))) walk(*child, topic, next, false, found);
  if (hidden) return;
  if (Node* any = node.child("+")) walk(*any, topic, next, false, found);
}

}  // namespace cauce::gateway::broker
