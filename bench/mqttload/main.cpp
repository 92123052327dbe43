// mqttload: keeps windows of QoS 1 publishes in flight on many MQTT connections, or publishes at a
// rate, and says, in one line of JSON, how many a second were acknowledged, how late, and what CPU
// time the broker took for it. With --idle: what connections cost that do nothing. Writes a ledger
// of what was acknowledged, so that it can be looked for afterwards.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <string>

#include "mqttload/load.h"

namespace {

using mqttload::Acknowledged;
using mqttload::IdleOutcome;
using mqttload::Options;
using mqttload::Outcome;

double milliseconds(const Outcome& outcome, double quantile) {
  if (outcome.latencies.empty()) return 0;
  const auto last = static_cast<double>(outcome.latencies.size() - 1);
  return outcome.latencies[static_cast<std::size_t>(quantile * last)] / 1000.0;
}

double per_message(std::uint64_t cpu_microseconds, const Outcome& outcome) {
  if (outcome.acknowledged == 0) return 0;
  return static_cast<double>(cpu_microseconds) / static_cast<double>(outcome.acknowledged);
}

void print(const Options& options, const Outcome& outcome) {
  std::printf(
      "{\"connections\": %u, \"window\": %u, \"payload_bytes\": %zu, \"seconds\": %.3f, "
      "\"acknowledged\": %llu, \"messages_per_second\": %.0f, \"p50_ms\": %.3f, \"p99_ms\": %.3f, "
      "\"max_ms\": %.3f, \"broker_cpu_us_per_message\": %.3f, \"own_cpu_us_per_message\": %.3f, "
      "\"unacknowledged\": %llu, \"ledger\": %zu}\n",
      options.connections, options.shape.window, options.shape.payload_bytes, outcome.seconds,
      static_cast<unsigned long long>(outcome.acknowledged),
      static_cast<double>(outcome.acknowledged) / outcome.seconds, milliseconds(outcome, 0.5),
      milliseconds(outcome, 0.99), milliseconds(outcome, 1),
      per_message(outcome.broker_cpu_microseconds, outcome),
      per_message(outcome.own_cpu_microseconds, outcome),
      static_cast<unsigned long long>(outcome.unacknowledged), outcome.ledger.size());
}

void print(const Options& options, const IdleOutcome& outcome) {
  std::printf(
      "{\"connections\": %u, \"connect_seconds\": %.3f, \"connects_per_second\": %.0f, "
      "\"resident_kib_before\": %llu, \"resident_kib_idle\": %llu, \"idle_seconds\": %.3f, "
      "\"idle_cpu_us\": %llu, \"publish_seconds\": %.3f, \"ledger\": %zu}\n",
      options.connections, outcome.connect_seconds,
      static_cast<double>(options.connections) / outcome.connect_seconds,
      static_cast<unsigned long long>(outcome.resident_kib_before),
      static_cast<unsigned long long>(outcome.resident_kib_idle), options.seconds,
      static_cast<unsigned long long>(outcome.idle_cpu_microseconds), outcome.publish_seconds,
      outcome.ledger.size());
}

template <class Item>
bool write_all(const std::string& path, const std::vector<Item>& items) {
  if (path.empty()) return true;
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) {
    std::fprintf(stderr, "mqttload: cannot write %s\n", path.c_str());
    return false;
  }
  const bool whole = std::fwrite(items.data(), sizeof(Item), items.size(), file) == items.size();
  return std::fclose(file) == 0 && whole;
}

bool read_tokens(const std::string& path, std::vector<std::string>& tokens) {
  if (path.empty()) return true;
  std::ifstream file{path};
  for (std::string line; std::getline(file, line);)
    tokens.push_back(line);
  if (!tokens.empty()) return true;
  std::fprintf(stderr, "mqttload: %s has no tokens\n", path.c_str());
  return false;
}

template <class Outcome>
bool report(const Options& options, const Outcome& outcome, const std::string& ledger) {
  if (!outcome.failure.empty()) {
    std::fprintf(stderr, "mqttload: %s\n", outcome.failure.c_str());
    return false;
  }
  print(options, outcome);
  return write_all(ledger, outcome.ledger);
}

}  // namespace

int main(int argument_count, char** arguments) {
  CLI::App program{"mqttload: windows of MQTT QoS 1 publishes on many connections"};
  Options options;
  std::string ledger;
  std::string latencies;
  std::string tokens;
  bool idle = false;
  program.add_option("--host", options.host, "an IPv4 address");
  program.add_option("--port", options.port);
  program.add_option("--connections", options.connections)->check(CLI::Range(1, 20'000));
  program.add_option("--window", options.shape.window, "in flight on each connection")
      ->check(CLI::Range(1, 65'535));
  program.add_option("--payload", options.shape.payload_bytes, "bytes")
      ->check(CLI::Range(12, 100'000));
  auto* readings = program.add_flag("--readings", options.shape.readings,
                                    "the payload is JSON of four values, 128 bytes or more");
  program.add_option("--tokens", tokens,
                     "a file: the token of the device load-0 in its first line, and so on");
  program.add_option("--warm", options.warm_seconds, "seconds before the measuring begins");
  program.add_option("--seconds", options.seconds, "measured");
  auto* rate = program.add_option("--rate", options.rate,
                                  "messages a second over all connections, each at its time, "
                                  "instead of full windows");
  program
      .add_flag("--idle", idle,
                "the connections do nothing for the seconds, then each publishes once")
      ->excludes(rate);
  program.add_option("--pid", options.pid, "the broker's process, for its CPU time");
  program.add_option("--ledger", ledger,
                     "a file for what was acknowledged: two words of 32 bits each, little-endian, "
                     "connection and message");
  program
      .add_option("--latencies", latencies,
                  "a file for the latencies measured: microseconds, words of 32 bits, ascending")
      ->excludes("--idle");
  CLI11_PARSE(program, argument_count, arguments);
  if (*readings && options.shape.payload_bytes < 128) {
    std::fprintf(stderr, "mqttload: readings take 128 bytes or more\n");
    return 1;
  }
  if (!read_tokens(tokens, options.tokens)) return 1;

  options.shape.on_demand = idle || options.rate > 0;
  if (idle) return report(options, mqttload::run_idle(options), ledger) ? 0 : 1;
  const Outcome outcome = mqttload::run_load(options);
  if (!report(options, outcome, ledger)) return 1;
  if (!write_all(latencies, outcome.latencies)) return 1;
  if (outcome.unacknowledged > 0) {
    std::fprintf(stderr, "mqttload: %llu messages were never acknowledged\n",
                 static_cast<unsigned long long>(outcome.unacknowledged));
    return 1;
  }
  return 0;
}
