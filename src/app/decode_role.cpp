#include "app/wiring.h"
#include "decode/decode.h"

namespace cauce::app {
namespace {

class DecodeRole final : public Role {
 public:
  Result<void> open(const Machine& machine);
  Result<void> open_ledger(const Machine& machine);

  std::vector<work::Worker*> workers() override {
    return {&readings_->worker(), to_readings_.get(), retention_.get()};
  }

 private:
  std::unique_ptr<business::Registry> registry_;
  std::unique_ptr<decode::DeadLetters> dead_letters_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<stream::Writer> readings_;
  std::unique_ptr<decode::Decode> decode_;
  std::unique_ptr<work::Worker> to_readings_;
  std::unique_ptr<work::Worker> retention_;
};

// What left the stream while the ledger was behind it, as when it was away for long, is not waited
// for.
Result<void> DecodeRole::open_ledger(const Machine& machine) {
  constexpr stream::Partition only{0};
  auto opened = ledger::Ledger::open(machine.engines.data(), only, machine.clock);
  if (auto done = put(std::move(opened), ledger_); !done) return done;
  const auto raw = open_reader(machine, "raw");
  if (!raw) return raw.error();
  const auto first = (*raw)->first(only);
  if (!first) return first.error();
  ledger_->skip_to(*first);
  return {};
}

Result<void> DecodeRole::open(const Machine& machine) {
  if (auto done = put(open_registry(machine), registry_); !done) return done;
  if (auto done = put(decode::DeadLetters::open(machine.engines.data()), dead_letters_); !done) {
    return done;
  }
  if (auto done = open_ledger(machine); !done) return done;
  if (auto done = put(open_writer(machine, "readings"), readings_); !done) return done;
  decode_ = std::make_unique<decode::Decode>(
      *registry_, *dead_letters_, *ledger_, *readings_, decode::Decode::Partitions{},
      decode::Decode::frame_bytes_max, decode::Meters::in(machine.metrics));
  // Alarms do not hold readings: what leaves before they came is recorded as not evaluated.
  if (auto done = put(retain_topic(machine, "readings", *readings_, {"processing"}), retention_);
      !done) {
    return done;
  }
  return put(deliver_topic(machine, "raw", "decode", *decode_, {}), to_readings_);
}

}  // namespace

Result<std::unique_ptr<Role>> make_decode(const Machine& machine) {
  return open_role<DecodeRole>(machine);
}

}  // namespace cauce::app
