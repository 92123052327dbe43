#include "app/tls.h"
#include "app/wiring.h"
#include "gateway/gateway.h"
#include "stream/retention.h"

namespace cauce::app {
namespace {

constexpr std::string_view sessions_group = gateway::SessionKeeper::group;

class GatewayRole final : public Role {
 public:
  Result<void> open(const Machine& machine, Listeners listeners);

  std::vector<work::Worker*> workers() override {
    return {&raw_->worker(), &gateway_->commands_worker(), &gateway_->archive_worker(),
            &gateway_->sessions_worker(), retention_.get()};
  }
  std::vector<net::Loop*> loops() override { return {loop_.get()}; }
  Result<void> close() override { return gateway_->close_sessions(); }

 private:
  // In the order of their use: what comes first outlives what follows.
  std::unique_ptr<net::Loop> loop_;
  std::unique_ptr<business::Registry> registry_;
  std::unique_ptr<stream::Writer> raw_;
  std::unique_ptr<gateway::Gateway> gateway_;
  std::unique_ptr<work::Worker> retention_;
};

Result<gateway::Listeners> listeners_of(const Machine& machine, net::Loop& loop,
                                        Listeners listeners) {
  auto mqtt = take(listeners, "mqtt");
  auto http = take(listeners, "ingest");
  INVARIANT(mqtt && http);  // they are always open
  gateway::Listeners doors{std::move(*mqtt), std::move(*http)};
  doors.mqtt_tls = take(listeners, "mqtt_tls");
  doors.websocket = take(listeners, "websocket");
  doors.websocket_tls = take(listeners, "websocket_tls");
  doors.http_tls = take(listeners, "ingest_tls");
  doors.coap = take(listeners, "coap");
  doors.coaps = take(listeners, "coaps");
  if (auto done = put(open_tls(machine, loop, {.asks_for_certificate = true}), doors.tls); !done)
    return done.error();
  return doors;
}

Result<gateway::SessionStore> open_sessions(const Machine& machine) {
  gateway::SessionStore sessions;
  sessions.directory = machine.engines.sessions();
  if (auto done = put(open_reader(machine, "raw"), sessions.raw); !done) return done.error();
  if (auto done = put(open_reader(machine, "commands"), sessions.commands); !done) {
    return done.error();
  }
  if (auto done = put(machine.engines.topic("raw")->open_cursors(), sessions.cursors); !done) {
    return done.error();
  }
  return sessions;
}

Result<void> GatewayRole::open(const Machine& machine, Listeners listeners) {
  loop_ = net::Loop::create();
  Result<gateway::Listeners> doors = listeners_of(machine, *loop_, std::move(listeners));
  if (!doors) return doors.error();
  if (auto done = put(open_registry(machine), registry_); !done) return done;
  if (auto done = put(open_writer(machine, "raw"), raw_); !done) return done;
  std::unique_ptr<stream::Reader> raw_reader;
  if (auto done = put(open_reader(machine, "raw"), raw_reader); !done) return done;
  const Result<Time> newest = gateway::last_received_at(*raw_reader);
  if (!newest) return newest.error();
  gateway::Readers readers;
  if (auto done = put(open_reader(machine, "commands"), readers.commands); !done) return done;
  if (auto done = put(open_reader(machine, "raw"), readers.queued_raw); !done) return done;
  if (auto done = put(open_reader(machine, "commands"), readers.queued_commands); !done) {
    return done;
  }
  if (auto done = put(open_sessions(machine), readers.sessions); !done) return done;

  gateway::Options options;
  options.open = machine.config.open;
  options.allowances = machine.config.limits;
  options.received_at_least = *newest;
  options.meters = gateway::Meters::in(machine.metrics);
  options.disk_is_low = [&free_space = machine.free_space] {
    const Result<bool> refuse = stream::must_refuse_intake(free_space);
    return refuse && *refuse;
  };
  // Lake and decode need the message itself; the others read what these make of it. A start goes on
  // where the sessions were kept last.
  auto retention =
      retain_topic(machine, "raw", *raw_, {"lake", "decode", std::string(sessions_group)});
  if (auto done = put(std::move(retention), retention_); !done) return done;
  return put(gateway::Gateway::start(*loop_, std::move(*doors), *raw_, std::move(readers),
                                     *registry_, machine.clock, machine.random, options),
             gateway_);
}

}  // namespace

Result<std::unique_ptr<Role>> make_gateway(const Machine& machine, Listeners listeners) {
  return open_role<GatewayRole>(machine, std::move(listeners));
}

}  // namespace cauce::app
