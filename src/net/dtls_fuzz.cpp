// Whatever comes in datagrams, from strangers and in the handshakes and sessions of clients that
// have the key: the bounds hold, what is taken was sent by a client and is taken once, nothing
// leaves in the clear, and who has not proved his address gets no more bytes than he sent.
//
// The randomness of OpenSSL is replaced, so that an input does the same each time.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/rand.h>

#include <cstdint>
#include <map>
#include <memory>
#include <set>

#include "base/clock.h"
#include "net/dtls.h"
#include "net/test_dtls_peer.h"

namespace {

using namespace cauce;
using namespace cauce::net;

constexpr std::size_t datagram_bytes_max = 2048;
constexpr std::size_t steps_max = 200;
constexpr const char* secret = "what nobody may read on the way";
const Bytes key = "a key of sixteen";

SeededRandom& randomness() {
  static SeededRandom random(1);
  return random;
}

void make_random_repeatable() {
  static const RAND_METHOD method = {nullptr,
                                     [](unsigned char* target, int size) {
                                       const Bytes bytes = randomness().bytes(std::size_t(size));
                                       std::copy(bytes.begin(), bytes.end(), target);
                                       return 1;
                                     },
                                     nullptr,
                                     nullptr,
                                     [](unsigned char* target, int size) {
                                       const Bytes bytes = randomness().bytes(std::size_t(size));
                                       std::copy(bytes.begin(), bytes.end(), target);
                                       return 1;
                                     },
                                     [] { return 1; }};
  RAND_set_rand_method(&method);
  randomness() = SeededRandom(1);
}

// Keeps what leaves, by address.
struct Wire final : DatagramSocket {
  void send(const DatagramPeer& peer, BytesView datagram) override {
    INVARIANT(datagram.find(secret) == BytesView::npos);
    sent[peer] += datagram.size();
    leaving[peer].emplace_back(datagram);
  }
  std::map<DatagramPeer, std::size_t> sent;
  std::map<DatagramPeer, std::deque<Bytes>> leaving;
};

struct Above final : DtlsHandler {
  std::shared_ptr<DtlsServer> server;
  std::set<Bytes> sent;  // and not taken yet
  bool all_valid = true;

  std::optional<SharedKey> find_shared_key(std::string_view identity) override {
    if (identity.starts_with("mote")) return SharedKey{key, Bytes(identity)};
    if (identity.empty()) return std::nullopt;
    return SharedKey{"nobody holds this one", {}};
  }
  bool is_valid(BytesView) override { return all_valid; }
  void on_datagram(const DatagramPeer& peer, BytesView datagram) override {
    INVARIANT(sent.erase(Bytes(datagram)) == 1);
    INVARIANT(server->shared_key_holder(peer).starts_with("mote"));
    server->send(peer, secret);
  }
  void on_event(DtlsEvent, const DatagramPeer&, std::string_view) override {}
};

class Scene {
 public:
  explicit Scene(BytesView input) : input_(input) {
    above_.server = DtlsServer::over(wire_, above_, clock_, randomness(), limits_);
  }
  ~Scene() { above_.server.reset(); }
  Scene(const Scene&) = delete;
  Scene& operator=(const Scene&) = delete;

  void play() {
    for (std::size_t step = 0; step < steps_max && !input_.empty(); ++step) {
      act(byte());
      INVARIANT(above_.server->sessions() <= limits_.sessions_max);
      INVARIANT(above_.server->handshakes() <= limits_.handshakes_max);
    }
  }

 private:
  std::uint8_t byte() {
    if (input_.empty()) return 0;
    const auto first = std::uint8_t(input_[0]);
    input_.remove_prefix(1);
    return first;
  }

  void act(std::uint8_t what) {
    const std::size_t who = what >> 5 & 3;
    switch (what & 7) {
      case 0: return begin(who);
      case 1: return bring(who, false);
      case 2: return bring(who, true);
      case 3: return say(who);
      case 4: return stranger(who);
      case 5: return again(who);
      case 6: return pass();
      default: return judge(who);
    }
  }

  static DatagramPeer address_of(std::size_t who) {
    return DatagramPeer("\x7F\0\0\1\x20", 5) + char(who);
  }

  void begin(std::size_t who) {
    peers_[who] = std::make_unique<DtlsTestPeer>(
        TestDtls{who == 3 ? "nobody" : "mote-" + std::to_string(who), key});
    put(who, peers_[who]->step());
  }

  // What the server sent to it, damaged or not, and so what it says to that.
  void bring(std::size_t who, bool damaged) {
    auto& waiting = wire_->leaving[address_of(who)];
    if (!peers_[who] || waiting.empty()) return;
    Bytes reply = peers_[who]->step(waiting.front());
    waiting.pop_front();
    if (damaged) damage(reply);
    put(who, reply);
  }

  void damage(Bytes& datagram) {
    for (int changes = byte() & 3; changes >= 0 && !datagram.empty(); --changes) {
      const std::size_t place = (std::size_t(byte()) << 8 | byte()) % datagram.size();
      datagram[place] = char(datagram[place] ^ byte());
    }
    if (byte() % 4 == 0) datagram.resize(datagram.size() * byte() / 256);
  }

  void say(std::size_t who) {
    if (!peers_[who] || !peers_[who]->is_ready()) return;
    const Bytes said = secret + std::to_string(++said_);
    above_.sent.insert(said);
    put(who, byte() % 8 == 0 ? peers_[who]->goodbye() : peers_[who]->sealed(said));
  }

  void stranger(std::size_t who) {
    const std::size_t size = std::min<std::size_t>(std::size_t(byte()) * 8, input_.size());
    const Bytes datagram(input_.substr(0, size));
    input_.remove_prefix(size);
    put(who, datagram);
  }

  void again(std::size_t who) { receive(who, last_[who]); }

  void pass() {
    clock_.advance(std::chrono::milliseconds{100} * byte());
    above_.server->look_around();
  }

  void judge(std::size_t who) {
    above_.all_valid = who != 0;
    above_.server->judge_sessions();
    INVARIANT(above_.all_valid || above_.server->sessions() == 0);
  }

  void put(std::size_t who, const Bytes& datagram) {
    last_[who] = datagram;
    receive(who, datagram);
  }

  void receive(std::size_t who, const Bytes& datagram) {
    const std::size_t before = wire_->sent[address_of(who)];
    const bool was_strange = knows_nobody();
    above_.server->receive(address_of(who), datagram.substr(0, datagram_bytes_max));
    if (was_strange && knows_nobody())
      INVARIANT(wire_->sent[address_of(who)] - before <= datagram.size());
  }
  bool knows_nobody() const { return above_.server->sessions() + above_.server->handshakes() == 0; }

  BytesView input_;
  const DtlsLimits limits_{.sessions_max = 3,
                           .sessions_of_key_max = 2,
                           .handshakes_max = 2,
                           .handshake_datagrams_max = 8};
  VirtualClock clock_{Time{}};
  std::shared_ptr<Wire> wire_ = std::make_shared<Wire>();
  Above above_;
  std::array<std::unique_ptr<DtlsTestPeer>, 4> peers_;
  std::array<Bytes, 4> last_;
  int said_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  make_random_repeatable();
  Scene({reinterpret_cast<const char*>(bytes), size}).play();
  return 0;
}
