#include "record/session.h"

#include <doctest/doctest.h>

#include <fstream>

#include "record/message.h"

namespace cauce::record {
namespace {

constexpr Time at = from_microseconds(1'795'304'920'250'000);
const std::string key = "acme/mote-1/client 7";

Bytes golden(const std::string& name) {
  std::ifstream file{GOLDEN_DIRECTORY "/" + name + ".hex"};
  std::string line;
  REQUIRE(std::getline(file, line));
  Bytes bytes;
  REQUIRE(from_hex(line, bytes));
  return bytes;
}

// The values of contract/golden/*.json.
Particulars golden_particulars() {
  Particulars particulars{at, key, 7, 2, true, false, at + std::chrono::minutes{1}, {}};
  REQUIRE(from_hex("080006616e73776572", particulars.properties));
  return particulars;
}

SessionChange golden_connected() {
  SessionWill will;
  will.device = "mote-1";
  will.topic = "devices/mote-1/state";
  will.content_type = "text/plain";
  will.payload = "gone";
  will.delay_s = 5;
  will.qos = 1;
  will.retain = true;
  return {at, key, Connected{3600, true, will}};
}

SessionChange golden_subscribed() {
  return {at, key, Subscribed{"devices/+/telemetry", 1, false, true, true, 9}};
}

SessionChange golden_sent() {
  Delivery first;
  first.qos = 2;
  first.position = 72'623'859'790'382'856;
  first.packet_id = 3;
  Delivery second;
  second.is_shared = true;
  second.qos = 2;
  second.position = 41;
  second.packet_id = 4;
  return {at, key, Sent{{first, second}}};
}

std::vector<SessionEvent> one_of_each() {
  const Delivery delivery{true, true, false, 1, 5, 0};
  return {
      Started{},
      Connected{0, false, {}},
      Disconnected{60, true},
      Ended{true},
      Subscribed{"a/#", 2, true, false, false, 0},
      Unsubscribed{"a/#"},
      Released{65535},
      Sent{{delivery}},
      Received{1},
      Finished{{delivery, delivery}},
      CommandsPassed{UINT64_MAX},
      CommandStep{CommandStep::Kind::answered, "acme", "mote-1", "c-1", "text/plain", "done", 4}};
}

template <class Decode>
void refuses_every_cut_and_tail(const Bytes& bytes, Decode decode) {
  for (std::size_t size = 0; size < bytes.size(); ++size)
    REQUIRE(decode(BytesView{bytes}.substr(0, size)).error().outcome == Outcome::invalid);
  CHECK(decode(bytes + '\0').error().outcome == Outcome::invalid);
}

}  // namespace

TEST_CASE("what is noted of sessions is written as the golden files and read back from them") {
  CHECK(to_hex(encode(golden_particulars())) == to_hex(golden("particulars")));
  CHECK(*decode_particulars(golden("particulars")) == golden_particulars());
  CHECK(to_hex(encode(golden_connected())) == to_hex(golden("session_connected")));
  CHECK(*decode_session_change(golden("session_connected")) == golden_connected());
  CHECK(to_hex(encode(golden_subscribed())) == to_hex(golden("session_subscribed")));
  CHECK(*decode_session_change(golden("session_subscribed")) == golden_subscribed());
  CHECK(to_hex(encode(golden_sent())) == to_hex(golden("session_sent")));
  CHECK(*decode_session_change(golden("session_sent")) == golden_sent());
}

TEST_CASE("every event of a session goes both ways, and a cut or a tail is refused") {
  std::size_t count = 0;
  for (const SessionEvent& event : one_of_each()) {
    CHECK(event.index() == count++);
    const SessionChange change{at, key, event};
    const Bytes bytes = encode(change);
    CHECK(*decode_session_change(bytes) == change);
    refuses_every_cut_and_tail(bytes, decode_session_change);
    CHECK(decode_raw(bytes)->kind == RawKind::session_change);
    CHECK(decode_raw(bytes)->at == at);
  }
  CHECK(count == std::variant_size_v<SessionEvent>);
  refuses_every_cut_and_tail(golden("particulars"), decode_particulars);
  CHECK(decode_raw(golden("particulars"))->kind == RawKind::particulars);
  CHECK_FALSE(decode_particulars(golden("session_sent")));
  CHECK_FALSE(decode_session_change(golden("particulars")));
}

TEST_CASE("a message that never expires has no time of expiry when it is read") {
  Particulars particulars = golden_particulars();
  particulars.expires_at.reset();
  CHECK(*decode_particulars(encode(particulars)) == particulars);
}

TEST_CASE("properties and deliveries at their limits go both ways, and one more is refused") {
  Particulars particulars = golden_particulars();
  particulars.properties.assign(properties_bytes_max, 'p');
  CHECK(decode_particulars(encode(particulars)));
  particulars.properties += 'p';
  CHECK_FALSE(decode_particulars(encode(particulars)));
  SessionChange change{at, std::string(session_key_bytes_max, 'k'),
                       Sent{std::vector<Delivery>(deliveries_max)}};
  CHECK(decode_session_change(encode(change)));
  change.session += 'k';
  CHECK_FALSE(decode_session_change(encode(change)));
}

}  // namespace cauce::record
