#include "app/stream_loss.h"

#include <fmt/core.h>

#include <algorithm>

#include "app/engine_checks.h"
#include "stream/verification.h"

namespace cauce::app {
namespace {

using stream::DescribedGroup;
using stream::Position;

std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t index = 0; index < names.size(); ++index) {
    if (index > 0) text += index + 1 == names.size() ? " and " : ", ";
    text += names[index];
  }
  return text;
}

// Of a group that has passed what is lost: where it is now.
std::string_view kept_by(const std::string& topic, const std::string& group) {
  if (topic == "raw" && group == "lake") return ", so their messages are in the lake";
  if (topic == "facts" && group == "warehouse") return ", so these facts are in the warehouse";
  return "";
}

std::string what_is_derived(const std::string& topic) {
  if (topic == "readings") return "they were made of messages of raw, which the lake keeps";
  if (topic == "facts")
    return "they were made of readings, and these of messages that are in the lake";
  if (topic == "events") return "the alarm history keeps the alarms that they told of";
  return "";
}

}  // namespace

std::vector<DescribedGroup> groups_of(const std::filesystem::path& data, const std::string& topic,
                                      stream::Partition partition) {
  const auto described = describe_topic(data, topic);
  if (!described) return {};
  for (const stream::DescribedPartition& each : *described) {
    if (each.partition == partition) return each.groups;
  }
  return {};
}

std::string tell_loss(const std::string& topic, Position from, Position to,
                      const std::vector<DescribedGroup>& groups) {
  std::string text = stream::tell_lost(from, to);
  if (to <= from) return text;
  std::vector<std::string> passed;
  std::string kept;
  std::string behind;
  for (const DescribedGroup& group : groups) {
    if (group.position >= to) {
      passed.push_back(group.name);
      kept += kept_by(topic, group.name);
      continue;
    }
    behind += fmt::format("; group {}, at position {}, has not come so far{}", group.name,
                          group.position.number,
                          topic == "raw" && group.name == "lake"
                              ? ", so what was in them is nowhere else, unless a backup has it"
                              : "");
  }
  if (!passed.empty()) {
    text += fmt::format(": {} {} {} passed them{}", passed.size() == 1 ? "group" : "groups",
                        joined(passed), passed.size() == 1 ? "has" : "have", kept);
  } else {
    text += ": no group has passed them";
  }
  text += behind;
  if (const std::string derived = what_is_derived(topic); !derived.empty()) text += "; " + derived;
  return text;
}

}  // namespace cauce::app
