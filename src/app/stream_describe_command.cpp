#include <cstdio>
#include <nlohmann/json.hpp>

#include "app/command_output.h"
#include "app/commands.h"
#include "app/engine_checks.h"
#include "app/stream_command.h"

namespace cauce::app {
namespace {

using nlohmann::json;

struct StreamDescribe {
  std::filesystem::path data = default_data;
  std::string topic;  // empty: all
  OutputFormat format = OutputFormat::table;
};

json to_json(const std::optional<Time>& time) {
  return time ? json(format_time(*time)) : json();
}

json to_json(const std::string& topic, const stream::DescribedPartition& partition) {
  json groups = json::array();
  for (const stream::DescribedGroup& group : partition.groups) {
    groups.push_back({{"topic", topic},
                      {"partition", partition.partition.number},
                      {"group", group.name},
                      {"position", group.position.number},
                      {"lag", group.lag}});
  }
  std::string versions;
  for (const std::uint32_t version : partition.format_versions)
    versions += (versions.empty() ? "" : ", ") + std::to_string(version);
  return {{"topic", topic},
          {"partition", partition.partition.number},
          {"first", partition.first.number},
          {"end", partition.end.number},
          {"first_at", to_json(partition.first_at)},
          {"last_at", to_json(partition.last_at)},
          {"segments", partition.segments},
          {"bytes", partition.bytes},
          {"format", versions},
          {"groups", std::move(groups)}};
}

Result<void> run_stream_describe(const StreamDescribe& command) {
  const auto topics = chosen_topics(command.data, command.topic);
  if (!topics) return topics.error();
  std::vector<json> partitions;
  std::vector<json> groups;
  for (const std::string& topic : *topics) {
    const auto described = describe_topic(command.data, topic);
    if (!described) return described.error().during("describe topic " + topic);
    for (const stream::DescribedPartition& partition : *described) {
      partitions.push_back(to_json(topic, partition));
      for (const json& group : partitions.back()["groups"])
        groups.push_back(group);
    }
  }
  print_items(
      partitions,
      {"topic", "partition", "first", "end", "first_at", "last_at", "segments", "bytes", "format"},
      command.format);
  if (command.format == OutputFormat::json || groups.empty()) return {};
  std::printf("\n");
  print_items(groups, {"topic", "partition", "group", "position", "lag"}, command.format);
  return {};
}

}  // namespace

void add_stream_describe(Command stream) {
  const auto command = std::make_shared<StreamDescribe>();
  Command describe = stream.add_command("describe", "what the topics hold, and who lags behind");
  describe.add_option("--data", command->data, data_help);
  describe.add_option("--topic", command->topic, topic_help);
  describe.add_format(command->format);
  describe.runs([command] { return run_stream_describe(*command); });
}

}  // namespace cauce::app
