// One device's connection: the thin coat of sockets around mqtt::Dialogue, its back-pressure, and
// the way between the dialogue and the broker.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "gateway/admission.h"
#include "gateway/allowance.h"
#include "gateway/broker/broker.h"
#include "gateway/close_log.h"
#include "gateway/intake.h"
#include "gateway/mqtt/dialogue.h"
#include "gateway/mqtt/packet.h"
#include "net/net.h"

namespace cauce::gateway {

class Switchboard;

// A PUBLISH of this read, and what it gets.
struct TakenPublish {
  mqtt::Publish publish;
  mqtt::Reason reason = mqtt::Reason::success;  // of its PUBACK or PUBREC
  bool stored = true;                           // false: only answered
};

class DeviceConnection final : public net::Handler,
                               public mqtt::Client,
                               public Submitter,
                               public broker::Link {
 public:
  DeviceConnection(std::shared_ptr<Switchboard> switchboard, net::Connection& connection);
  ~DeviceConnection() override;

  const std::optional<Identity>& identity() const { return identity_; }

  // Sends what is queued and closes; logs why.
  void end(Ending ending, std::string_view reason) override;
  // Time-outs.
  void check_time();
  // Whether it keeps the rates of its device and company again; then it is read.
  bool may_go_on();
  // Reads or not, as held messages, the limits of those in flight, the rates and the disk say.
  void update_reading();

  void on_bytes(BytesView bytes) override;
  void on_sent() override;
  void on_closed(std::string_view why) override;
  void on_violation(std::string_view why) override;

  mqtt::Admission on_connect(const mqtt::Connect& connect) override;
  mqtt::Taking on_publish(const mqtt::Publish& publish) override;
  bool on_release(std::uint16_t packet_id) override;
  bool on_acknowledged(mqtt::PacketType type, const mqtt::Acknowledgement& told) override;
  mqtt::Reason on_subscribe(const mqtt::Subscription& subscription,
                            std::uint32_t identifier) override;
  mqtt::Reason on_unsubscribe(std::string_view filter) override;
  void on_disconnect(const mqtt::Disconnect& disconnect) override;

  void on_durable(const Answer& answer, std::size_t count) override;
  void on_failure(const Error& error) override;
  bool retry() override;
  void on_room() override;

  bool deliver(const mqtt::Outgoing& message) override;
  void release(std::uint16_t packet_id) override;
  bool has_room() const override;

 private:
  // What is told the client when it is durable what was noted for it (broker/broker.h): CONNACK,
  // SUBACK, UNSUBACK, PUBCOMP. Until then nothing is read, and nothing is delivered to it.
  struct Gate {
    Bytes output;
    Intake::GroupHandle group;
    bool submitted = false;  // else the stream had no room
    bool welcomes = false;   // CONNACK is in the output
  };
  // A message that the stream had no room for, with its own memory.
  struct Held {
    TakenPublish taken;
    std::string topic;
    std::string content_type;
    Bytes payload;
    Bytes properties;
  };

  // `why` for the log, where the message is answered; `otherwise` closes, and is logged as that.
  mqtt::Taking refuse(const mqtt::Publish& publish, mqtt::Reason reason, mqtt::Taking otherwise,
                      std::string_view why);
  mqtt::Reason answer_of(const TakenPublish& message) const;
  std::unique_ptr<broker::Will> will_of(const mqtt::Connect& connect) const;
  mqtt::Reason join(const mqtt::Connect& connect, std::string_view client_id,
                    mqtt::Admission& admission);
  // Whether its device and company may have another connection.
  mqtt::Reason admit_one_more(mqtt::Admission& admission);
  // The broker hears that the connection is gone.
  void leave();
  // False when the stream is full.
  bool submit(std::span<const TakenPublish> messages);
  void hold(std::span<const TakenPublish> messages);
  void name_session(const mqtt::Publish& publish, Incoming& message) const;
  // A payload over the limit of its device or company; counts that.
  mqtt::Taking refuse(const mqtt::Publish& publish, const Excess& oversize);
  // Counts that and logs it.
  void note(const Excess& excess, std::string_view what);
  // Counts what was read towards the rates, and pauses when there is too much of it, or too much in
  // flight.
  void draw(std::size_t messages, std::size_t bytes, Duration now);
  // Takes the output of this read, when something was noted in it.
  void close_gate(bool welcomes);
  void open_gate();
  // Goes on with what the session has for it.
  void resume_session();
  // After the answers of all that is in flight. False when the stream is full.
  bool answer(BytesView answers);
  // Whether it, or who shares its limits, is read again only when this much more is durable.
  bool awaits(std::size_t messages) const;
  void send_answer(BytesView answers);
  // The dialogue hears that they leave.
  void note_answers(BytesView answers);
  void send_output();
  void close_if_slow();
  void close_if_dialogue_ended();
  void note_end(Ending ending, std::string_view why);
  std::string describe() const;
  CloseLog::Whose whose() const;

  std::shared_ptr<Switchboard> switchboard_;
  net::Connection& connection_;
  mqtt::Dialogue dialogue_;
  std::uint64_t submitter_;
  std::optional<Identity> identity_;
  std::string refusal_;                  // of a refusal, what only the log says; perhaps empty
  broker::Session* session_ = nullptr;   // from CONNECT until leave()
  std::optional<Duration> last_expiry_;  // of the session, by DISCONNECT
  std::vector<Held> held_;
  Flight flight_;  // of what is held
  std::unique_ptr<Gate> gate_;
  std::size_t in_flight_ = 0;
  bool leaves_will_ = true;  // until it says goodbye
  bool resumes_ = false;     // its session, once CONNACK has left
  bool reading_ = false;     // what is sent now leaves at the end of the read
  Allowance allowance_;
  bool limited_ = false;  // over a rate
  bool crowded_ = false;  // too much of its device or company is in flight: on_room() will come
  bool paused_ = false;
  bool ended_ = false;
};

}  // namespace cauce::gateway
