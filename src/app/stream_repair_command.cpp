#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstdio>

#include "app/commands.h"
#include "app/counted.h"
#include "app/engine_checks.h"
#include "app/engines.h"
#include "app/predecessor.h"
#include "app/stream_command.h"
#include "app/stream_loss.h"
#include "base/clock.h"
#include "disk/lock.h"
#include "gateway/session_files.h"

namespace cauce::app {
namespace {

using stream::Partition;
using stream::Position;

constexpr Partition only_partition{0};

struct StreamRepair {
  std::filesystem::path data = default_data;
  std::string topic;  // empty: all
  bool confirmed = false;
};

struct Totals {
  std::uint64_t places = 0;
  std::uint64_t positions_lost = 0;
};

struct DerivedTopic {
  std::string_view name;
  std::string_view source;
};
constexpr std::array<DerivedTopic, 2> derived_topics{{{"readings", "raw"}, {"facts", "readings"}}};

// What others know of the topic: how far they have read it. Who cannot be asked says nothing.
Position end_known(const Engines& engines, const std::string& topic) {
  Position end;
  for (const DerivedTopic& derived : derived_topics) {
    if (derived.source != topic) continue;
    const auto reader = engines.topic(derived.name)->open_reader();
    const auto known = reader ? (*reader)->derived_end(only_partition, only_partition)
                              : Result<Position>{reader.error()};
    if (known) end = std::max(end, *known);
  }
  if (topic == "raw") {
    const auto sessions = gateway::SessionFiles{engines.sessions()}.newest();
    if (sessions && *sessions) end = std::max(end, (*sessions)->position);
  }
  return end;
}

Position source_first(const Engines& engines, const std::string& topic) {
  for (const DerivedTopic& derived : derived_topics) {
    if (derived.name != topic) continue;
    const auto reader = engines.topic(derived.source)->open_reader();
    const auto first = reader ? (*reader)->first(only_partition) : Result<Position>{reader.error()};
    if (first) return *first;
  }
  return {};
}

std::string describe(const std::string& topic, const stream::Mending& mending,
                     const std::vector<stream::DescribedGroup>& groups) {
  std::string text = mending.file;
  if (mending.offset > 0) text += fmt::format(", offset {}", mending.offset);
  text +=
      fmt::format(": {}; {}", mending.reason, tell_loss(topic, mending.from, mending.to, groups));
  for (const stream::Source& source : mending.made_of) {
    text += fmt::format("; made of positions {} to {} of its source", source.from.number,
                        source.to.number - 1);
  }
  if (mending.is_made_again) text += "; the next start makes them again, at new positions";
  return text;
}

Result<void> repair(const StreamRepair& command, const Engines& engines, const Clock& clock,
                    const std::string& topic, Totals& totals) {
  const auto done = repair_topic(command.data, topic,
                                 {.apply = command.confirmed,
                                  .end_min = end_known(engines, topic),
                                  .source_first = source_first(engines, topic),
                                  .lock_span_max = predecessor_patience},
                                 clock);
  if (!done) return done.error().during("repair topic " + topic);
  const std::string_view state = command.confirmed ? "mended" : "damaged";
  for (const stream::RepairedPartition& partition : *done) {
    const auto groups = groups_of(command.data, topic, partition.partition);
    for (const stream::Mending& mending : partition.mendings) {
      ++totals.places;
      totals.positions_lost += mending.to.number - mending.from.number;
      std::printf("%s\n", fmt::format("{:<8} {:<16} {}", state, "topic " + topic,
                                      describe(topic, mending, groups))
                              .c_str());
    }
    for (const std::string& file : partition.set_aside) {
      std::printf("%s\n", fmt::format("{:<8} {:<16} {}", "kept", "topic " + topic, file).c_str());
    }
    if (partition.mendings.empty()) continue;
    std::printf("%s\n", fmt::format("{:<8} {:<16} the next record gets position {}, above all that "
                                    "were ever given",
                                    "then", "topic " + topic, partition.end.number)
                            .c_str());
  }
  return {};
}

Result<void> run_stream_repair(const StreamRepair& command) {
  const auto topics = chosen_topics(command.data, command.topic);
  if (!topics) return topics.error();
  const auto lock =
      disk::lock_file(command.data / "cauce.lock", "cauce stream repair", Duration{0});
  if (!lock) return lock.error().during("a stream is repaired while cauce is stopped");
  const SystemClock clock;
  const Engines engines{command.data, clock};
  Totals totals;
  for (const std::string& topic : *topics) {
    if (auto done = repair(command, engines, clock, topic, totals); !done) return done;
  }
  if (totals.places == 0) {
    std::printf("nothing is damaged, and nothing was changed\n");
    return {};
  }
  const std::string found = fmt::format("{} in all, {} lost", counted(totals.places, "place"),
                                        counted(totals.positions_lost, "position"));
  if (!command.confirmed) {
    std::printf("%s\n", fmt::format("{}; nothing was changed yet. A backup may still have what is "
                                    "lost; to mend the stream without it, run: cauce stream "
                                    "repair --data {} --yes",
                                    found, command.data.string())
                            .c_str());
    return {};
  }
  std::printf("%s\n",
              fmt::format("{}; what was damaged is kept in the files ending in .damaged; cauce can "
                          "be started",
                          found)
                  .c_str());
  return {};
}

}  // namespace

void add_stream_repair(Command stream) {
  const auto command = std::make_shared<StreamRepair>();
  Command repair = stream.add_command(
      "repair",
      "make a damaged stream readable again; says what it would do unless --yes is given");
  repair.add_option("--data", command->data, data_help);
  repair.add_option("--topic", command->topic, topic_help);
  repair.add_flag("--yes", command->confirmed, "do it");
  repair.runs([command] { return run_stream_repair(*command); });
}

}  // namespace cauce::app
