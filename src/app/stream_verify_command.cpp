#include <fmt/core.h>

#include <cstdio>

#include "app/commands.h"
#include "app/engine_checks.h"
#include "app/stream_command.h"
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
  std::string text =
      fmt::format("positions {} to {}, {} segments, {} frames, {} bytes", found.first.number,
                  found.end.number, found.segments, found.frames, found.bytes);
  if (found.unfinished_bytes > 0) {
    text += fmt::format(", {} of them of a write that is not finished", found.unfinished_bytes);
  }
  if (found.positions_lost > 0) text += fmt::format("; {} positions lost", found.positions_lost);
  return text;
}

Result<void> verify(const StreamVerify& command, const std::string& topic, Totals& totals) {
  const auto found = verify_topic(command.data, topic, [&](const std::string& sentence) {
    ++totals.damages;
    print("wrong", "topic " + topic, sentence);
  });
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
  std::printf("%s\n",
              fmt::format("{} segments, {} bytes read in {:.2f} s ({:.2f} GB/s), {} wrong",
                          totals.segments, totals.bytes, seconds,
                          double(totals.bytes) / 1e9 / std::max(seconds, 1e-6), totals.damages)
                  .c_str());
  if (totals.damages == 0) return {};
  return Error{
      Outcome::corrupt,
      fmt::format("the stream is damaged in {} places and {} positions are lost: the lines "
                  "above say which and what to do",
                  totals.damages, totals.positions_lost)};
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
