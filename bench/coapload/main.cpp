// coapload: keeps one confirmable request of CoAP in flight on each of many clients, in the clear
// or by DTLS, and says, in one line of JSON, how many a second were acknowledged, how late, and
// what CPU time the server took for it. Writes a ledger of what was acknowledged, so that it can be
// looked for afterwards.
#include <CLI/CLI.hpp>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <string>

#include "coapload/load.h"

namespace {

using coapload::Acknowledged;
using coapload::Options;
using coapload::Outcome;

std::string from_hex(const std::string& digits) {
  std::string bytes;
  for (std::size_t at = 0; at + 1 < digits.size(); at += 2)
    bytes += char(std::stoi(digits.substr(at, 2), nullptr, 16));
  return bytes;
}

std::vector<coapload::Device> read_devices(const std::string& file) {
  std::vector<coapload::Device> devices;
  std::ifstream lines(file);
  const auto given = [](const std::string& word) { return word == "-" ? std::string{} : word; };
  for (std::string path, query, identity, key; lines >> path >> query >> identity >> key;)
    devices.push_back({path, given(query), given(identity), from_hex(given(key))});
  return devices;
}

double milliseconds(const Outcome& outcome, double quantile) {
  if (outcome.latencies.empty()) return 0;
  return outcome.latencies[std::size_t(quantile * double(outcome.latencies.size() - 1))] / 1000.0;
}

void print(const Options& options, const Outcome& outcome) {
  const double count = outcome.acknowledged == 0 ? 1 : double(outcome.acknowledged);
  std::printf(
      "{\"clients\": %zu, \"payload_bytes\": %zu, \"seconds\": %.3f, \"handshake_seconds\": %.3f, "
      "\"acknowledged\": %llu, \"messages_per_second\": %.0f, \"p50_ms\": %.3f, \"p99_ms\": %.3f, "
      "\"server_cpu_us_per_message\": %.3f, \"refused\": %llu, \"repeated\": %llu, "
      "\"unacknowledged\": %llu, \"ledger\": %zu}\n",
      options.devices.size(), options.shape.payload_bytes, outcome.seconds,
      outcome.handshake_seconds, static_cast<unsigned long long>(outcome.acknowledged),
      double(outcome.acknowledged) / outcome.seconds, milliseconds(outcome, 0.5),
      milliseconds(outcome, 0.99), double(outcome.server_cpu_microseconds) / count,
      static_cast<unsigned long long>(outcome.refused),
      static_cast<unsigned long long>(outcome.repeated),
      static_cast<unsigned long long>(outcome.unacknowledged), outcome.ledger.size());
}

// Two words of 32 bits for each acknowledged message, little-endian: client, message.
bool write_ledger(const std::string& path, const std::vector<Acknowledged>& ledger) {
  if (path.empty()) return true;
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) {
    std::fprintf(stderr, "coapload: cannot write %s\n", path.c_str());
    return false;
  }
  const bool whole =
      std::fwrite(ledger.data(), sizeof(Acknowledged), ledger.size(), file) == ledger.size();
  return std::fclose(file) == 0 && whole;
}

}  // namespace

int main(int argument_count, char** arguments) {
  CLI::App program{"coapload: one confirmable request in flight on each of many clients"};
  Options options;
  std::string devices;
  std::string ledger;
  program.add_option("--host", options.host, "an IPv4 address");
  program.add_option("--port", options.port);
  program.add_option("--devices", devices, "a file: path, query, identity and key, or -")
      ->required();
  program.add_option("--payload", options.shape.payload_bytes, "bytes")
      ->check(CLI::Range(12, 1024));
  program.add_flag("--put", options.shape.puts, "PUT instead of POST");
  program.add_option("--warm", options.warm_seconds, "seconds before the measuring begins");
  program.add_option("--seconds", options.seconds, "measured");
  program.add_option("--pid", options.pid, "the server's process, for its CPU time");
  program.add_option("--ledger", ledger, "a file for what was acknowledged");
  CLI11_PARSE(program, argument_count, arguments);

  options.devices = read_devices(devices);
  Outcome outcome = coapload::run_load(options);
  if (outcome.failure.empty() && outcome.unacknowledged > 0)
    outcome.failure = std::to_string(outcome.unacknowledged) + " messages were never acknowledged";
  if (!outcome.failure.empty()) {
    std::fprintf(stderr, "coapload: %s\n", outcome.failure.c_str());
    return 1;
  }
  print(options, outcome);
  return write_ledger(ledger, outcome.ledger) ? 0 : 1;
}
