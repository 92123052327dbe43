// Snapshots of sessions on any bytes: they are refused or taken whole, and what is taken makes a
// broker that can be asked.
#include <cstddef>
#include <cstdint>

#include "base/invariant.h"
#include "gateway/broker/broker.h"
#include "gateway/session_files.h"

namespace {

using namespace cauce;

class Nobody final : public gateway::broker::House {
 public:
  void publish(gateway::broker::Will) override {}
  void fetch(std::uint64_t, std::vector<gateway::broker::Place>) override {}
  void note_lost(const gateway::broker::Session&, std::size_t) override {}
  void note_overfull(const gateway::broker::Session&) override {}
  void note(record::SessionChange, std::function<void()>) override {}
};

void try_state(BytesView bytes) {
  const auto state = gateway::broker::decode_state(bytes, gateway::broker::state_version);
  if (!state) return;
  INVARIANT(gateway::broker::encode(*state) == bytes);
  Nobody nobody;
  const VirtualClock clock{from_microseconds(1'795'304'920'000'000)};
  gateway::broker::Broker broker{nobody, clock, {}};
  broker.begin_replay();
  broker.restore(*state);
  (void)broker.state();
  broker.end_replay();
  broker.advance();
  (void)broker.state();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView bytes{reinterpret_cast<const char*>(data), size};
  // The checksum would keep almost everything from the decoder behind it.
  try_state(bytes);
  (void)gateway::decode_session_snapshot(bytes);
  return 0;
}
