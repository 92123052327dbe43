// What a message costs in decode, and how much of it is the ledger's part: plain JSON of 128 bytes
// from 32 devices, memory engines for the stream, files for dead letters and ledger.
//
//   build/release/src/decode/decode_bench
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.h"
#include "decode/arrivals.h"
#include "decode/decode.h"
#include "decode/fixed_registry.h"
#include "stream/memory/memory.h"

namespace cauce::decode {
namespace {

// Few, because the registry of the tests looks at one after the other.
constexpr std::size_t devices = 32;
constexpr std::size_t batch_messages = 4000;
constexpr std::size_t batches = 10;
const Time began = from_microseconds(1'795'262'400'000'000);

std::string name_of(std::size_t device) {
  return "mote-" + std::to_string(device);
}

FixedRegistry made_registry() {
  FixedRegistry registry;
  business::DeviceType type;
  type.company = "acme";
  type.name = "counting";
  type.sequence = "seq";
  registry.put(type);
  for (std::size_t index = 0; index < devices; ++index) {
    business::Device device;
    device.company = "acme";
    device.name = name_of(index);
    device.type = "counting";
    registry.put(device);
  }
  return registry;
}

record::Message message_at(std::uint64_t position) {
  const std::size_t device = position % devices;
  const Time time = began + Duration{std::int64_t(position) * 10};
  record::Message message;
  message.company = "acme";
  message.device = name_of(device);
  message.topic = record::telemetry_topic(message.device);
  message.received_at = time;
  message.payload = R"({"time":")" + format_time(time - std::chrono::seconds{1}) + R"(","seq":)" +
                    std::to_string(position / devices) +
                    R"(,"temperature":21.5,"humidity":40.25,"battery":3.31,"rssi":-71,"ok":true})";
  return message;
}

stream::Batch batch_at(std::uint64_t from) {
  stream::Batch batch;
  batch.from = {from};
  batch.to = {from + batch_messages};
  for (std::uint64_t position = from; position < batch.to.number; ++position)
    batch.records.push_back(record::encode(message_at(position)));
  batch.appended_at.assign(batch_messages, began);
  return batch;
}

template <class T>
T must(Result<T> result) {
  if (result) return *std::move(result);
  std::fprintf(stderr, "%s\n", result.error().message.c_str());
  std::abort();
}

void must(const Result<void>& result) {
  if (result) return;
  std::fprintf(stderr, "%s\n", result.error().message.c_str());
  std::abort();
}

// Microseconds for each message.
double decode_all(const std::filesystem::path& directory, const Clock& clock) {
  FixedRegistry registry = made_registry();
  const auto dead_letters = must(DeadLetters::open(directory));
  const auto ledger = must(ledger::Ledger::open(directory, {0}, clock));
  const auto topic = stream::memory::make_topic("readings", {}, clock);
  const auto readings = must(topic->open_writer());
  Decode decode{registry, *dead_letters, *ledger, *readings, {.source = {0}, .target = {0}}};
  Duration took{0};
  for (std::uint64_t count = 0; count < batches; ++count) {
    const stream::Batch batch = batch_at(count * batch_messages);
    const Duration before = clock.elapsed();
    must(decode.deliver(batch));
    took += clock.elapsed() - before;
    while (must(readings->worker().step()) == work::Progress::worked) {
    }
    must(readings->trim({0}, {readings->derived_end({0}, {0}).number}));
  }
  return double(took.count()) / double(batches * batch_messages);
}

// The same for the ledger alone: what decode does beside reading the messages.
double count_all(const std::filesystem::path& directory, const Clock& clock) {
  FixedRegistry registry = made_registry();
  must(registry.refresh());
  Decoder decoder{registry};
  const auto ledger = must(ledger::Ledger::open(directory, {0}, clock));
  ledger::Arrival arrival;
  Duration took{0};
  for (std::uint64_t count = 0; count < batches; ++count) {
    std::vector<std::pair<record::Message, Decoded>> messages;
    for (std::uint64_t index = 0; index < batch_messages; ++index) {
      record::Message message = message_at(count * batch_messages + index);
      Decoded decoded = decoder.decode(message, {});
      messages.emplace_back(std::move(message), std::move(decoded));
    }
    std::uint64_t position = count * batch_messages;
    const Sender sender = decoder.sender_of(messages.front().first);
    const Duration before = clock.elapsed();
    for (const auto& [message, decoded] : messages) {
      describe_arrival(message, sender, decoded, arrival);
      must(ledger->enter({position++}, message.company, message.device, arrival));
    }
    must(ledger->keep());
    took += clock.elapsed() - before;
  }
  return double(took.count()) / double(batches * batch_messages);
}

int run() {
  std::string name = (std::filesystem::temp_directory_path() / "decode_bench.XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) return 1;
  const std::filesystem::path directory = name;
  const SystemClock clock;
  for (int round = 0; round < 3; ++round) {
    for (const char* file : {"one", "other"})
      std::filesystem::create_directory(directory / file);
    const double whole = decode_all(directory / "one", clock);
    const double part = count_all(directory / "other", clock);
    std::printf("decode %.3f us a message, of which the ledger %.3f us: %.1f %%\n", whole, part,
                100 * part / whole);
    for (const char* file : {"one", "other"})
      std::filesystem::remove_all(directory / file);
  }
  std::filesystem::remove_all(directory);
  return 0;
}

}  // namespace
}  // namespace cauce::decode

int main() {
  return cauce::decode::run();
}
