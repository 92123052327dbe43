// One device's connection: the thin coat of sockets around mqtt::Dialogue, and its back-pressure.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/admission.h"
#include "gateway/close_log.h"
#include "gateway/intake.h"
#include "gateway/mqtt/dialogue.h"
#include "gateway/mqtt/packet.h"
#include "gateway/mqtt/unreleased_ids.h"
#include "net/net.h"

namespace cauce::gateway {

class Switchboard;

// A PUBLISH of this read, and what it gets.
struct TakenPublish {
  mqtt::Publish publish;
  mqtt::Reason reason = mqtt::Reason::success;  // of its PUBACK or PUBREC
  bool stored = true;                           // false: only answered
};

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
  // Reads or not, as held messages, the limit of those in flight and the disk say.
  void update_reading();

  void on_bytes(BytesView bytes) override;
  void on_closed(std::string_view why) override;

  mqtt::Admission on_connect(const mqtt::Connect& connect) override;
  mqtt::Taking on_publish(const mqtt::Publish& publish) override;
  bool on_release(std::uint16_t packet_id) override;
  mqtt::Reason on_subscribe(const mqtt::Subscription& subscription) override;
  mqtt::Reason on_unsubscribe(std::string_view filter) override;

  void on_durable(BytesView answer, std::size_t count) override;
  void on_failure(const Error& error) override;
  bool retry() override;

 private:
  // A message that the stream had no room for, with its own memory.
  struct Held {
    TakenPublish taken;
    std::string topic;
    std::string content_type;
    Bytes payload;
  };

  // False when the stream is full.
  bool submit(std::span<const TakenPublish> messages);
  void hold(std::span<const TakenPublish> messages);
  // After the answers of all that is in flight.
  void answer(BytesView answers);
  void send_answer(BytesView answers);
  void send_output();
  void close_if_slow();
  void close_if_dialogue_ended();
  std::string describe() const;
  CloseLog::Whose whose() const;

  std::shared_ptr<Switchboard> switchboard_;
  net::Connection& connection_;
  mqtt::Dialogue dialogue_;
  std::uint64_t submitter_;
  std::optional<Identity> identity_;
  std::string client_id_;
  std::optional<std::uint8_t> commands_qos_;  // granted; nullopt: not subscribed
  mqtt::UnreleasedIds unreleased_;
  Intake::GroupHandle last_group_;
  std::vector<Held> held_;
  std::size_t in_flight_ = 0;
  bool paused_ = false;
  bool ended_ = false;
};

}  // namespace cauce::gateway
