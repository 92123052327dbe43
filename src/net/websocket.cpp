#include "net/websocket.h"

#include <utility>

#include "net/websocket_frames.h"
#include "net/websocket_upgrade.h"

namespace cauce::net {
namespace {

// What all connections of one listener share. Used on the loop's thread only.
struct Door {
  WebSocketOptions options;
  // Scratch memory: one connection is read at a time.
  Bytes payload = {};
  Bytes pongs = {};
  Bytes frame = {};
};

// A burst larger than this gives its memory back.
constexpr std::size_t kept_capacity_bytes_max = 256 << 10;

// Between what carries it (below) and the handler (above).
class WebSocketConnection final : public Connection, public Handler {
 public:
  WebSocketConnection(std::shared_ptr<Door> door, Connection& below)
      : door_(std::move(door)), below_(below), frames_(door_->options.frame_bytes_max) {}

  // The handler's place is taken once, before anything comes.
  void set_above(std::unique_ptr<Handler> above) { above_ = std::move(above); }

  void send(BytesView bytes) override;
  std::size_t unsent_bytes() const override { return below_.unsent_bytes() + early_.size(); }
  void pause_reading() override { below_.pause_reading(); }
  void resume_reading() override { below_.resume_reading(); }
  void close() override { close_with(CloseCode::normal); }
  std::string peer() const override { return below_.peer(); }
  Bytes certificate() const override { return below_.certificate(); }
  Bytes shared_key_holder() const override { return below_.shared_key_holder(); }
  bool encrypted() const override { return below_.encrypted(); }

  void on_bytes(BytesView bytes) override;
  void on_sent() override {
    if (upgraded_) above_->on_sent();
  }
  void on_closed(std::string_view why) override;
  void on_violation(std::string_view why) override { above_->on_violation(why); }

 private:
  bool upgrade();
  void read_frames(BytesView bytes);
  void close_with(CloseCode code);

  std::shared_ptr<Door> door_;
  Connection& below_;
  FrameReader frames_;
  Bytes head_;   // of the request that has not come whole
  Bytes early_;  // sent before the upgrade
  std::string violation_;
  bool upgraded_ = false;
  bool closing_ = false;
  bool peer_ended_ = false;
  std::unique_ptr<Handler> above_;
};

void WebSocketConnection::on_bytes(BytesView bytes) {
  if (closing_) return;
  if (upgraded_) return read_frames(bytes);
  head_.append(bytes);
  if (!upgrade()) return;
  const Bytes rest = std::exchange(head_, {});
  if (!early_.empty()) send(std::exchange(early_, {}));
  if (!rest.empty()) read_frames(rest);
}

bool WebSocketConnection::upgrade() {
  const auto upgrade =
      take_upgrade(head_, door_->options.subprotocol, door_->options.head_bytes_max);
  if (!upgrade) return false;
  below_.send(upgrade->answer);
  if (upgrade->refusal.empty()) {
    upgraded_ = true;
    return true;
  }
  closing_ = true;
  violation_ = "no WebSocket: " + upgrade->refusal;
  below_.close();
  return false;
}

void WebSocketConnection::read_frames(BytesView bytes) {
  Bytes& payload = door_->payload;
  Bytes& pongs = door_->pongs;
  payload.clear();
  pongs.clear();
  const auto end = frames_.read(bytes, payload, pongs);
  if (!pongs.empty()) below_.send(pongs);
  // What was sent before a goodbye counts; what came before a violation is not trusted less.
  if (!payload.empty()) above_->on_bytes(payload);
  if (payload.capacity() > kept_capacity_bytes_max) Bytes{}.swap(payload);
  if (closing_) return;
  if (end) {
    violation_ = end->violation.empty() ? "" : "WebSocket: " + end->violation;
    peer_ended_ = end->violation.empty();
    return close_with(end->code);
  }
  if (pongs.empty() || below_.unsent_bytes() <= door_->options.unsent_pongs_bytes_max) return;
  violation_ = "WebSocket: it pings and does not read the pongs";
  close_with(CloseCode::policy);
}

void WebSocketConnection::send(BytesView bytes) {
  if (closing_ || bytes.empty()) return;
  if (!upgraded_) {
    early_.append(bytes);
    return;
  }
  // As one piece: TLS below would make a record of each.
  Bytes& frame = door_->frame;
  frame.clear();
  put_binary_frame_head(frame, bytes.size());
  frame += bytes;
  below_.send(frame);
  if (frame.capacity() > kept_capacity_bytes_max) Bytes{}.swap(frame);
}

void WebSocketConnection::close_with(CloseCode code) {
  if (closing_) return;
  closing_ = true;
  if (upgraded_) {
    Bytes frame;
    put_close_frame(frame, code);
    below_.send(frame);
  }
  below_.close();
}

void WebSocketConnection::on_closed(std::string_view why) {
  if (!violation_.empty()) return above_->on_violation(violation_);
  above_->on_closed(peer_ended_ ? "the peer closed the connection" : why);
}

}  // namespace

Loop::Accept over_websocket(WebSocketOptions options, Loop::Accept accept) {
  auto door = std::make_shared<Door>(Door{std::move(options)});
  return [door, accept = std::move(accept)](Connection& below) -> std::unique_ptr<Handler> {
    auto connection = std::make_unique<WebSocketConnection>(door, below);
    auto above = accept(*connection);
    if (!above) return nullptr;
    connection->set_above(std::move(above));
    return connection;
  };
}

}  // namespace cauce::net
