#include "gateway/gateway.h"

#include "gateway/archive.h"
#include "gateway/coap/ingest.h"
#include "gateway/commands.h"
#include "gateway/http/ingest.h"
#include "gateway/switchboard.h"
#include "net/websocket.h"

namespace cauce::gateway {
namespace {

constexpr Duration look_interval = std::chrono::milliseconds{100};
constexpr stream::Partition only_partition{0};
constexpr const char* subprotocol = "mqtt";  // [MQTT-6.0.0-4]

using CoapDoors = std::vector<std::shared_ptr<coap::Ingest>>;

class LiveGateway final : public Gateway {
 public:
  LiveGateway(std::shared_ptr<Switchboard> switchboard, std::shared_ptr<http::Ingest> ingest,
              CoapDoors coap, std::unique_ptr<CommandsFollower> follower,
              std::shared_ptr<Archive> archive, std::unique_ptr<SessionKeeper> keeper)
      : switchboard_(std::move(switchboard)),
        ingest_(std::move(ingest)),
        coap_(std::move(coap)),
        follower_(std::move(follower)),
        archive_(std::move(archive)),
        keeper_(std::move(keeper)) {}

  work::Worker& commands_worker() override { return *follower_; }
  work::Worker& archive_worker() override { return *archive_; }
  work::Worker& sessions_worker() override { return *keeper_; }
  Result<void> close_sessions() override { return keeper_->close(); }
  void look_around() override {
    switchboard_->look_around();
    ingest_->look_around();
    for (const auto& door : coap_)
      door->look_around();
  }
  Counts counts() override { return switchboard_->counts(); }

 private:
  std::shared_ptr<Switchboard> switchboard_;
  std::shared_ptr<http::Ingest> ingest_;
  CoapDoors coap_;  // of each door that is open
  std::unique_ptr<CommandsFollower> follower_;
  std::shared_ptr<Archive> archive_;
  std::unique_ptr<SessionKeeper> keeper_;
};

Result<void> listen_for_mqtt(net::Loop& loop, Listeners& listeners,
                             const std::weak_ptr<Switchboard>& weak) {
  const net::Loop::Accept accept =
      [weak](net::Connection& connection) -> std::unique_ptr<net::Handler> {
    const auto found = weak.lock();
    return found ? found->accept(connection) : nullptr;
  };
  const net::Loop::Accept websocket = net::over_websocket({subprotocol}, accept);
  if (auto done = loop.listen(std::move(listeners.mqtt), accept); !done) return done;
  if (listeners.websocket) {
    auto done = loop.listen(std::move(*listeners.websocket), websocket);
    if (!done) return done;
  }
  if (listeners.mqtt_tls) {
    auto done = loop.listen(std::move(*listeners.mqtt_tls), listeners.tls->over(accept));
    if (!done) return done;
  }
  if (!listeners.websocket_tls) return {};
  return loop.listen(std::move(*listeners.websocket_tls), listeners.tls->over(websocket));
}

Result<CoapDoors> listen_for_coap(net::Loop& loop, Listeners& listeners,
                                  const std::shared_ptr<Switchboard>& switchboard,
                                  const coap::IngestOptions& options) {
  CoapDoors doors;
  if (listeners.coap) {
    auto door = coap::Ingest::start(loop, std::move(*listeners.coap), switchboard, options);
    if (!door) return door.error();
    doors.push_back(*std::move(door));
  }
  if (listeners.coaps) {
    auto door =
        coap::Ingest::start_encrypted(loop, std::move(*listeners.coaps), switchboard, options);
    if (!door) return door.error();
    doors.push_back(*std::move(door));
  }
  return doors;
}

}  // namespace

Result<std::unique_ptr<Gateway>> Gateway::start(net::Loop& loop, Listeners listeners,
                                                stream::Writer& raw, Readers readers,
                                                business::Registry& registry, const Clock& clock,
                                                Random& random, const Options& options) {
  // Who connects first is judged by what is known now.
  if (const auto refreshed = registry.refresh(); !refreshed) {
    return refreshed.error().during("start the gateway");
  }
  auto switchboard = std::make_shared<Switchboard>(loop, raw, registry, clock, random, options);
  // The loop may outlive the gateway; its tasks then find nobody.
  const std::weak_ptr<Switchboard> weak = switchboard;
  auto keeper =
      SessionKeeper::start(std::move(readers.sessions), switchboard->broker(), clock, [weak] {
        const auto found = weak.lock();
        return found ? found->intake().changes() : Changes{};
      });
  if (!keeper) return keeper.error().during("start the gateway");
  auto follower = std::make_unique<CommandsFollower>(
      loop, std::move(readers.commands), *switchboard->broker().commands_passed(),
      [weak](std::vector<CommandsFollower::Command>& batch) {
        if (const auto found = weak.lock()) found->deliver(batch);
      });
  auto archive = std::make_shared<Archive>(loop, std::move(readers.queued_raw),
                                           std::move(readers.queued_commands));
  // The switchboard lives as long as its connections, which may be longer than the archive.
  switchboard->set_fetch([weak_archive = std::weak_ptr<Archive>(archive)](
                             std::vector<broker::Place> places, Archive::Done done) {
    if (const auto found = weak_archive.lock()) found->fetch(std::move(places), std::move(done));
  });
  if (listeners.tls && !options.open) {
    listeners.tls->ask_for_shared_key([weak](std::string_view identity) {
      const auto found = weak.lock();
      return found ? found->find_shared_key(identity) : std::nullopt;
    });
  }
  auto listening = listen_for_mqtt(loop, listeners, weak);
  if (!listening) return listening.error().during("start the gateway");
  std::vector<net::HttpDoor> http_doors;
  http_doors.push_back({std::move(listeners.http)});
  if (listeners.http_tls) http_doors.push_back({std::move(*listeners.http_tls), listeners.tls});
  auto ingest = http::Ingest::start(loop, std::move(http_doors), switchboard, options.http);
  if (!ingest) return ingest.error().during("start the gateway");
  auto coap = listen_for_coap(loop, listeners, switchboard, options.coap);
  if (!coap) return coap.error().during("start the gateway");
  loop.every(look_interval,
             [weak, weak_ingest = std::weak_ptr<http::Ingest>(*ingest),
              weak_coap = std::vector<std::weak_ptr<coap::Ingest>>(coap->begin(), coap->end())] {
               if (const auto found = weak.lock()) found->look_around();
               if (const auto found = weak_ingest.lock()) found->look_around();
               for (const auto& door : weak_coap)
                 if (const auto found = door.lock()) found->look_around();
             });
  auto gateway =
      std::make_unique<LiveGateway>(std::move(switchboard), *ingest, *std::move(coap),
                                    std::move(follower), std::move(archive), std::move(*keeper));
  return std::unique_ptr<Gateway>(std::move(gateway));
}

Result<Time> last_received_at(stream::Reader& raw) {
  const auto end = raw.end(only_partition);
  if (!end) return end.error();
  if (end->number == 0) return time_min;
  const auto batch = raw.read(only_partition, stream::Position{end->number - 1}, 1);
  if (!batch) return batch.error();
  if (batch->records.empty()) return time_min;
  const auto last = record::decode_raw(batch->records.back());
  if (!last) return last.error();
  return last->at;
}

}  // namespace cauce::gateway
