#include <fmt/core.h>

#include <algorithm>
#include <cstdio>

#include "app/commands.h"
#include "app/counted.h"
#include "app/engine_checks.h"
#include "app/stream_command.h"
#include "app/stream_loss.h"
#include "base/clock.h"

namespace cauce::app {
namespace {

struct StreamVerify {
  std::filesystem::path data = default_data;
  std::string topic;  // empty: all
};

struct Totals {
  std::uint64_t segments = 0;
  std::uint64_t bytes = 0;
  std::uint64_t positions_lost = 0;
  std::uint64_t damages = 0;
};

// As cauce doctor prints its findings.
void print(std::string_view state, const std::string& what, const std::string& sentence) {
  std::printf("%s\n", fmt::format("{:<8} {:<22} {}", state, what, sentence).c_str());
}

std::string describe(const stream::VerifiedPartition& found) {
  std::string text = fmt::format("{}, {}, {}, {}", stream::tell_positions(found.first, found.end),
                                 counted(found.segments, "segment"), counted(found.frames, "frame"),
                                 counted(found.bytes, "byte"));
  if (found.unfinished_bytes > 0) {
    text += fmt::format(", {} of them of a write that is not finished", found.unfinished_bytes);
  }
  if (found.gaps > 0) {
    text += fmt::format("; {} with {}, declared lost before", counted(found.gaps, "gap"),
                        counted(found.positions_in_gaps, "position"));
  }
  if (found.positions_lost > 0) text += "; " + counted(found.positions_lost, "position") + " lost";
  return text;
}

std::string describe(const stream::DeclaredGap& gap) {
  std::string text = fmt::format("{}: {}, as cauce stream repair declared at {}", gap.file,
                                 stream::tell_lost(gap.from, gap.to), format_time(gap.declared_at));
  if (!gap.set_aside.empty()) text += "; what was damaged is in " + gap.set_aside;
  return text;
}

Result<void> verify(const StreamVerify& command, const std::string& topic, Totals& totals) {
  const auto told = [&](const stream::Damage& damage) {
    ++totals.damages;
    const auto groups = groups_of(command.data, topic, damage.partition);
    print("wrong", "topic " + topic,
          damage.what + "; " + tell_loss(topic, damage.from, damage.to, groups));
  };
  const auto noted = [&](const stream::DeclaredGap& gap) {
    print("gap", "topic " + topic, describe(gap));
  };
  const auto found = verify_topic(command.data, topic, {.damage = told, .gap = noted});
  if (!found) return found.error().during("verify topic " + topic);
  for (const stream::VerifiedPartition& partition : *found) {
    totals.segments += partition.segments;
    totals.bytes += partition.bytes;
    totals.positions_lost += partition.positions_lost;
    if (partition.damages > 0 && partition.positions_lost == 0) continue;
    print(partition.damages == 0 ? "ok" : "wrong",
          fmt::format("{}, partition {}", topic, partition.partition.number), describe(partition));
  }
  if (found->empty()) print("ok", "topic " + topic, "nothing was written yet");
  return {};
}

Result<void> run_stream_verify(const StreamVerify& command) {
  const auto topics = chosen_topics(command.data, command.topic);
  if (!topics) return topics.error();
  const SystemClock clock;
  const Duration began = clock.elapsed();
  Totals totals;
  for (const std::string& topic : *topics) {
    if (auto done = verify(command, topic, totals); !done) return done;
  }
  const double seconds = std::chrono::duration<double>(clock.elapsed() - began).count();
  std::printf(
      "%s\n",
      fmt::format("{}, {} read in {:.2f} s ({:.2f} GB/s), {} wrong",
                  counted(totals.segments, "segment"), counted(totals.bytes, "byte"), seconds,
                  double(totals.bytes) / 1e9 / std::max(seconds, 1e-6), totals.damages)
          .c_str());
  if (totals.damages == 0) return {};
  return Error{
      Outcome::corrupt,
      fmt::format("the stream is damaged in {}, as the lines above say, and {} lost; restore from "
                  "a backup, or stop cauce and run: cauce stream repair --data {}",
                  counted(totals.damages, "place"),
                  totals.positions_lost == 0 ? "nothing is"
                                             : counted(totals.positions_lost, "position") +
                                                   (totals.positions_lost == 1 ? " is" : " are"),
                  command.data.string())};
}

}  // namespace

void add_stream_verify(Command stream) {
  const auto command = std::make_shared<StreamVerify>();
  Command verify = stream.add_command("verify", "read every byte of the stream and judge it");
  verify.add_option("--data", command->data, data_help);
  verify.add_option("--topic", command->topic, topic_help);
  verify.runs([command] { return run_stream_verify(*command); });
}

}  // namespace cauce::app
