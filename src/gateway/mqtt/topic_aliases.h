// The topic aliases of one connection of MQTT 5.0 (section 3.3.2.3.4): those that the client has
// set, and those that we have.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cauce::gateway::mqtt {

// One thread. Holds no memory until the first alias.
class TopicAliases {
 public:
  explicit TopicAliases(std::uint16_t alias_max) : alias_max_(alias_max) {}

  // The topic that `alias` (not 0) stands for; with a topic, it stands for that one from now on.
  // nullopt: beyond alias_max, or it stands for none. Views live until forget_retired() at least.
  std::optional<std::string_view> resolve(std::uint16_t alias, std::string_view topic);

  // Topics whose alias stands for another one now are kept until here.
  void forget_retired() { retired_.clear(); }

 private:
  using Topic = std::unique_ptr<const std::string>;

  std::uint16_t alias_max_;
  std::vector<Topic> topics_;  // by alias - 1
  std::vector<Topic> retired_;
};

// Those of what we send: the first topics get one each, which they keep.
class SentAliases {
 public:
  explicit SentAliases(std::uint16_t alias_max) : alias_max_(alias_max) {}

  struct Alias {
    std::uint16_t number = 0;  // 0: the topic has none
    bool is_new = false;       // the client must be told the topic too
  };
  Alias of(std::string_view topic);
  // The newest one: the packet that told it was not sent.
  void forget_newest() { topics_.pop_back(); }

 private:
  std::uint16_t alias_max_;
  std::vector<std::string> topics_;  // by alias - 1
};

}  // namespace cauce::gateway::mqtt
