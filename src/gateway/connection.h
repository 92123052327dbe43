// One device's connection: the thin coat of sockets around mqtt::Session, and its back-pressure.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/admission.h"
#include "gateway/allowance.h"
#include "gateway/close_log.h"
#include "gateway/intake.h"
#include "gateway/mqtt/packet.h"
#include "gateway/mqtt/session.h"
#include "net/net.h"

namespace cauce::gateway {

class Switchboard;

class DeviceConnection final : public net::Handler, public mqtt::Client, public Submitter {
 public:
  DeviceConnection(std::shared_ptr<Switchboard> switchboard, net::Connection& connection);
  ~DeviceConnection() override;

  const std::optional<Identity>& identity() const { return identity_; }
  const std::string& client_id() const { return client_id_; }

  // Sends what is queued and closes; logs why.
  void end(Ending ending, std::string_view reason);
  // Sends a command if the device subscribed to its commands.
  void deliver(const record::Message& command);
  // Time-outs.
  void check_time();
  // Whether it keeps the rates of its device and company again; then it is read.
  bool may_go_on();
  // Reads or not, as held messages, the limit of those in flight, the rates and the disk say.
  void update_reading();

  void on_bytes(BytesView bytes) override;
  void on_closed(std::string_view why) override;
  void on_violation(std::string_view why) override;

  mqtt::ConnectReturn on_connect(const mqtt::Connect& connect) override;
  bool on_publish(const mqtt::Publish& publish) override;
  std::uint8_t on_subscribe(std::string_view filter, std::uint8_t qos) override;
  void on_unsubscribe(std::string_view filter) override;

  void on_durable(BytesView pubacks, std::size_t count) override;
  void on_failure(const Error& error) override;
  bool retry() override;

 private:
  // A message that the stream had no room for, with its own memory.
  struct Held {
    std::string topic;
    Bytes payload;
    std::uint16_t packet_id;
    std::uint8_t qos;
  };

  // False when the stream is full.
  bool submit(std::span<const mqtt::Publish> messages);
  // Counts what was read towards the rates, and pauses when there is too much of it.
  void draw(std::size_t messages, std::size_t bytes, Duration now);
  void hold(std::span<const mqtt::Publish> messages);
  void send_output();
  void close_if_session_ended();
  void note_end(Ending ending, std::string_view why);
  std::string describe() const;
  CloseLog::Whose whose() const;

  std::shared_ptr<Switchboard> switchboard_;
  net::Connection& connection_;
  mqtt::Session session_;
  std::uint64_t submitter_;
  std::optional<Identity> identity_;
  std::string refusal_;  // what the log says of a certificate that was not admitted
  std::string client_id_;
  std::optional<std::uint8_t> commands_qos_;  // granted; nullopt: not subscribed
  std::vector<Held> held_;
  std::size_t in_flight_ = 0;
  Allowance allowance_;
  bool limited_ = false;  // over a rate
  bool paused_ = false;
  bool ended_ = false;
};

}  // namespace cauce::gateway
