// mqttload: keeps windows of QoS 1 publishes in flight on many MQTT connections and says, in one
// line of JSON, how many a second were acknowledged, how late, and what CPU time the broker took
// for it. Writes a ledger of what was acknowledged, so that it can be looked for afterwards.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <string>

#include "mqttload/load.h"

namespace {

using mqttload::Acknowledged;
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

// Two words of 32 bits for each acknowledged message, little-endian: connection, message.
bool write_ledger(const std::string& path, const Outcome& outcome) {
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) return false;
  const std::size_t count = outcome.ledger.size();
  const bool whole = std::fwrite(outcome.ledger.data(), sizeof(Acknowledged), count, file) == count;
  return std::fclose(file) == 0 && whole;
}

}  // namespace

int main(int argument_count, char** arguments) {
  CLI::App program{"mqttload: windows of MQTT QoS 1 publishes on many connections"};
  Options options;
  std::string ledger;
  program.add_option("--host", options.host, "an IPv4 address");
  program.add_option("--port", options.port);
  program.add_option("--connections", options.connections)->check(CLI::Range(1, 20'000));
  program.add_option("--window", options.shape.window, "in flight on each connection")
      ->check(CLI::Range(1, 65'535));
  program.add_option("--payload", options.shape.payload_bytes, "bytes")
      ->check(CLI::Range(12, 100'000));
  program.add_option("--warm", options.warm_seconds, "seconds before the measuring begins");
  program.add_option("--seconds", options.seconds, "measured");
  program.add_option("--pid", options.pid, "the broker's process, for its CPU time");
  program.add_option("--ledger", ledger, "a file for what was acknowledged");
  CLI11_PARSE(program, argument_count, arguments);

  const Outcome outcome = mqttload::run_load(options);
  if (!outcome.failure.empty()) {
    std::fprintf(stderr, "mqttload: %s\n", outcome.failure.c_str());
    return 1;
  }
  print(options, outcome);
  if (!ledger.empty() && !write_ledger(ledger, outcome)) {
    std::fprintf(stderr, "mqttload: cannot write %s\n", ledger.c_str());
    return 1;
  }
  if (outcome.unacknowledged > 0) {
    std::fprintf(stderr, "mqttload: %llu messages were never acknowledged\n",
                 static_cast<unsigned long long>(outcome.unacknowledged));
    return 1;
  }
  return 0;
}
