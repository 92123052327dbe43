#include "net/dtls.h"

#include <fmt/core.h>

#include <algorithm>
#include <list>
#include <unordered_map>
#include <utility>
#include <vector>

#include "net/dtls_channel.h"

namespace cauce::net {
namespace {

using Channel = std::unique_ptr<DtlsChannel>;
using State = DtlsChannel::State;

struct Handshake {
  Channel channel;
  std::list<DatagramPeer>::iterator place;  // by age
  Duration since{0};
  Duration again_at{0};
  Duration interval{0};
  int datagrams = 0;
};

struct Session {
  Channel channel;
  std::list<DatagramPeer>::iterator place;  // by use
  Bytes holder;
  Duration used_at{0};
  std::uint32_t number = 0;
};

DatagramPeer peer_of(const DatagramPeer& address, std::uint32_t number) {
  DatagramPeer peer = address;
  put_u32(peer, number);
  return peer;
}

class LiveDtls final : public DtlsServer {
 public:
  LiveDtls(DtlsHandler& handler, const Clock& clock, Random& random, const DtlsLimits& limits)
      : handler_(handler),
        clock_(clock),
        limits_(limits),
        cookies_(random, clock.elapsed()),
        find_([this](std::string_view identity) { return handler_.find_shared_key(identity); }) {}
  LiveDtls(const LiveDtls&) = delete;
  LiveDtls& operator=(const LiveDtls&) = delete;
  ~LiveDtls() override {
    for (const auto& [address, session] : sessions_)
      session.channel->close();
  }

  // Once, before anything comes.
  void set_below(std::shared_ptr<DatagramSocket> below) {
    below_ = std::move(below);
    context_.emplace(find_, cookies_, *below_);
  }

  void send(const DatagramPeer& peer, BytesView datagram) override {
    if (Session* session = session_of(peer)) session->channel->write(datagram);
  }
  Bytes shared_key_holder(const DatagramPeer& peer) const override {
    const Session* session = session_of(peer);
    return session == nullptr ? Bytes{} : session->holder;
  }

  void receive(const DatagramPeer& address, BytesView datagram) override;
  void look_around() override;
  void judge_sessions() override;

  std::size_t sessions() const override { return sessions_.size(); }
  std::size_t handshakes() const override { return handshakes_.size(); }

 private:
  using Handshakes = std::unordered_map<DatagramPeer, Handshake>;
  using Sessions = std::unordered_map<DatagramPeer, Session>;

  void greet(const DatagramPeer& address, BytesView datagram);
  void shake_hands(Handshakes::iterator handshake, BytesView datagram);
  void end(Handshakes::iterator handshake, DtlsEvent event, std::string_view why);

  void establish(Channel channel);
  void make_room(const Bytes& holder);
  void read(Sessions::iterator session, BytesView datagram);
  void end(Sessions::iterator session, DtlsEvent event, std::string_view why);
  const Session* session_of(const DatagramPeer& peer) const;
  Session* session_of(const DatagramPeer& peer) {
    return const_cast<Session*>(std::as_const(*this).session_of(peer));
  }

  DtlsHandler& handler_;
  const Clock& clock_;
  const DtlsLimits limits_;
  DtlsCookies cookies_;
  const FindSharedKey find_;
  std::shared_ptr<DatagramSocket> below_;
  std::optional<DtlsContext> context_;
  Channel listening_;  // takes the first messages of strangers
  Handshakes handshakes_;
  std::list<DatagramPeer> by_age_;  // of handshakes, oldest first
  Sessions sessions_;
  std::list<DatagramPeer> by_use_;  // of sessions, silent longest first
  std::unordered_map<Bytes, std::vector<DatagramPeer>> by_holder_;
  std::uint32_t last_number_ = 0;
};

void LiveDtls::receive(const DatagramPeer& address, BytesView datagram) {
  if (!client_random_of(datagram).empty()) return greet(address, datagram);
  // Each of the two drops what is the other's.
  if (const auto session = sessions_.find(address); session != sessions_.end())
    read(session, datagram);
  if (const auto handshake = handshakes_.find(address); handshake != handshakes_.end())
    shake_hands(handshake, datagram);
}

void LiveDtls::greet(const DatagramPeer& address, BytesView datagram) {
  const auto open = handshakes_.find(address);
  // It has come before, and will be answered again by look_around().
  if (open != handshakes_.end() &&
      open->second.channel->client_random() == client_random_of(datagram)) {
    return;
  }
  if (!listening_) listening_ = std::make_unique<DtlsChannel>(*context_);
  if (!listening_->greet(address, datagram)) return;
  if (open != handshakes_.end()) end(open, DtlsEvent::handshake_failed, "the client began anew");
  if (handshakes_.size() >= limits_.handshakes_max) {
    end(handshakes_.find(by_age_.front()), DtlsEvent::handshake_displaced,
        fmt::format("more than {} handshakes are open", limits_.handshakes_max));
  }
  Handshake handshake;
  handshake.channel = std::move(listening_);
  handshake.place = by_age_.insert(by_age_.end(), address);
  handshake.since = clock_.elapsed();
  handshake.interval = limits_.retransmission_span;
  handshake.again_at = handshake.since + handshake.interval;
  // OpenSSL has kept the message.
  shake_hands(handshakes_.emplace(address, std::move(handshake)).first, {});
}

void LiveDtls::shake_hands(Handshakes::iterator handshake, BytesView datagram) {
  Handshake& open = handshake->second;
  if (++open.datagrams > limits_.handshake_datagrams_max)
    return end(handshake, DtlsEvent::handshake_failed, "too many datagrams");
  const State state = open.channel->shake_hands(datagram);
  if (state == State::failed)
    return end(handshake, DtlsEvent::handshake_failed, open.channel->reason());
  if (state == State::open) return;
  Channel channel = std::move(open.channel);
  by_age_.erase(open.place);
  handshakes_.erase(handshake);
  establish(std::move(channel));
}

void LiveDtls::end(Handshakes::iterator handshake, DtlsEvent event, std::string_view why) {
  const Handshake ended = std::move(handshake->second);
  by_age_.erase(ended.place);
  handshakes_.erase(handshake);
  const std::string identity = ended.channel->identity();
  handler_.on_event(event, ended.channel->address(),
                    identity.empty() ? std::string(why)
                                     : fmt::format("{}; it named the key of {}", why, identity));
}

void LiveDtls::establish(Channel channel) {
  const DatagramPeer address = channel->address();
  Bytes holder = channel->shared_key_holder();
  if (holder.empty() || !handler_.is_valid(holder)) {
    channel->close();
    return handler_.on_event(DtlsEvent::handshake_failed, address,
                             "its key has ended since the handshake began");
  }
  if (const auto replaced = sessions_.find(address); replaced != sessions_.end())
    end(replaced, DtlsEvent::session_replaced, "the client made another session");
  make_room(holder);
  Session session;
  session.channel = std::move(channel);
  session.place = by_use_.insert(by_use_.end(), address);
  session.number = ++last_number_;
  session.used_at = clock_.elapsed();
  session.holder = std::move(holder);
  by_holder_[session.holder].push_back(address);
  const auto made = sessions_.emplace(address, std::move(session)).first;
  handler_.on_event(DtlsEvent::established, peer_of(address, last_number_), "");
  // Something may have come before its handshake was over.
  read(made, {});
}

void LiveDtls::make_room(const Bytes& holder) {
  const auto own = by_holder_.find(holder);
  if (own != by_holder_.end() && own->second.size() >= limits_.sessions_of_key_max) {
    const auto silent = std::min_element(
        own->second.begin(), own->second.end(), [this](const auto& one, const auto& other) {
          return sessions_.at(one).used_at < sessions_.at(other).used_at;
        });
    return end(sessions_.find(*silent), DtlsEvent::session_displaced,
               fmt::format("its key has more than {} sessions", limits_.sessions_of_key_max));
  }
  if (sessions_.size() < limits_.sessions_max) return;
  end(sessions_.find(by_use_.front()), DtlsEvent::session_displaced,
      fmt::format("there are more than {} sessions", limits_.sessions_max));
}

void LiveDtls::read(Sessions::iterator session, BytesView datagram) {
  Session& known = session->second;
  const State state = known.channel->read(datagram, [this, &known](BytesView plaintext) {
    known.used_at = clock_.elapsed();
    by_use_.splice(by_use_.end(), by_use_, known.place);
    handler_.on_datagram(peer_of(known.channel->address(), known.number), plaintext);
  });
  if (state == State::ready) end(session, DtlsEvent::session_left, "the client ended the session");
  if (state == State::failed)
    end(session, DtlsEvent::session_failed, "DTLS failed: " + known.channel->reason());
}

void LiveDtls::end(Sessions::iterator session, DtlsEvent event, std::string_view why) {
  const Session ended = std::move(session->second);
  sessions_.erase(session);
  by_use_.erase(ended.place);
  const auto own = by_holder_.find(ended.holder);
  std::erase(own->second, ended.channel->address());
  if (own->second.empty()) by_holder_.erase(own);
  // Who made another one knows nothing of this.
  if (event != DtlsEvent::session_replaced) ended.channel->close();
  handler_.on_event(event, peer_of(ended.channel->address(), ended.number), why);
}

const Session* LiveDtls::session_of(const DatagramPeer& peer) const {
  const auto found = sessions_.find(peer.substr(0, peer.size() - session_number_bytes));
  if (found == sessions_.end()) return nullptr;
  const Session& session = found->second;
  return peer_of(found->first, session.number) == peer ? &session : nullptr;
}

void LiveDtls::look_around() {
  const Duration now = clock_.elapsed();
  cookies_.look_around(now);
  while (!by_age_.empty()) {
    const auto oldest = handshakes_.find(by_age_.front());
    if (now - oldest->second.since < limits_.handshake_span_max) break;
    end(oldest, DtlsEvent::handshake_late, "it was not over in time: another key perhaps");
  }
  for (auto& [address, handshake] : handshakes_) {
    if (now < handshake.again_at) continue;
    handshake.interval *= 2;
    handshake.again_at = now + handshake.interval;
    handshake.channel->retransmit();
  }
}

void LiveDtls::judge_sessions() {
  for (auto each = sessions_.begin(); each != sessions_.end();) {
    const auto session = each++;
    if (handler_.is_valid(session->second.holder)) continue;
    end(session, DtlsEvent::session_revoked,
        "its device was disabled or removed, or its key ended");
  }
}

}  // namespace

Result<std::shared_ptr<DtlsServer>> DtlsServer::start(Loop& loop, Listener listener,
                                                      DtlsHandler& handler, const Clock& clock,
                                                      Random& random, const DtlsLimits& limits) {
  auto server = std::make_shared<LiveDtls>(handler, clock, random, limits);
  auto socket = loop.receive(
      std::move(listener),
      [weak = std::weak_ptr<LiveDtls>(server)](const DatagramPeer& address, BytesView datagram) {
        if (const auto found = weak.lock()) found->receive(address, datagram);
      });
  if (!socket) return socket.error();
  server->set_below(*std::move(socket));
  return std::shared_ptr<DtlsServer>(std::move(server));
}

std::shared_ptr<DtlsServer> DtlsServer::over(std::shared_ptr<DatagramSocket> below,
                                             DtlsHandler& handler, const Clock& clock,
                                             Random& random, const DtlsLimits& limits) {
  auto server = std::make_shared<LiveDtls>(handler, clock, random, limits);
  server->set_below(std::move(below));
  return server;
}

}  // namespace cauce::net
