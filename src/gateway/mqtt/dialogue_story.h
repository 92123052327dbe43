// A dialogue with a client that writes down what it was asked; for tests.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "gateway/mqtt/dialogue.h"
#include "gateway/mqtt/test_packets.h"

namespace cauce::gateway::mqtt {

struct Story : Client {
  Limits limits;
  Duration now{0};
  std::string told;
  Admission answer;
  std::unique_ptr<Dialogue> dialogue;

  Dialogue& start() {
    dialogue = std::make_unique<Dialogue>(*this, limits, now);
    return *dialogue;
  }
  Dialogue& start_connected() {
    start();
    send(connect("c"));
    CHECK(sent() == connack(ConnectReturn::accepted));
    told.clear();
    return *dialogue;
  }
  // By MQTT 5.0, with these properties.
  Dialogue& start_connected_5(std::string_view properties = "") {
    start();
    send(connect_5("c", properties));
    const Bytes answered = sent();
    CHECK(answered.substr(0, 1) == "\x20");
    CHECK(answered.substr(2, 2) == Bytes(2, '\0'));
    told.clear();
    return *dialogue;
  }
  void send(BytesView bytes) {
    dialogue->receive(bytes, now);
    dialogue->done();
  }
  Bytes sent() { return std::exchange(dialogue->output(), {}); }
  bool closed_for(CloseKind kind, std::string_view part) const {
    CAPTURE(dialogue->close_reason());
    CHECK(dialogue->close_reason().find(part) != std::string::npos);
    return dialogue->closed() && dialogue->close_kind() == kind;
  }
  // A client of MQTT 5.0 was told so, and nothing else.
  bool said_goodbye(Reason reason) {
    const Bytes bytes = sent();
    CAPTURE(to_hex(bytes));
    CHECK(bytes == packet(0xE0, Bytes(1, char(reason))));
    return dialogue->closed();
  }

  // What the client gets when it is sent this.
  Bytes send_out(std::string_view topic, std::string_view payload, std::uint8_t qos = 0,
                 std::uint16_t packet_id = 0) {
    Outgoing message;
    message.topic = topic;
    message.payload = payload;
    message.qos = qos;
    message.packet_id = packet_id;
    dialogue->send(message);
    return sent();
  }

  Admission on_connect(const Connect& connect) override {
    told += "connect " + std::string(connect.client_id);
    if (connect.user_name) told += " user " + std::string(*connect.user_name);
    if (connect.password) told += " password " + std::string(*connect.password);
    if (connect.will) {
      told +=
          " will " + std::string(connect.will->topic) + "=" + std::string(connect.will->payload);
    }
    return answer;
  }
  Taking on_publish(const Publish& publish) override {
    told += "[" + std::string(publish.topic) + "=" + std::string(publish.payload) + " q" +
            std::to_string(publish.qos) + " #" + std::to_string(publish.packet_id) + "]";
    if (!publish.content_type.empty()) told += " as " + std::string(publish.content_type);
    if (publish.topic == "forbidden") return Taking::forbidden;
    if (publish.topic == "refused") return Taking::refused;
    if (publish.topic == "overfull") return Taking::overfull;
    return publish.topic == "repeated" ? Taking::repeated : Taking::taken;
  }
  bool on_release(std::uint16_t packet_id) override {
    told += "release " + std::to_string(packet_id);
    return packet_id < 100;
  }
  bool on_acknowledged(PacketType type, const Acknowledgement& acknowledged) override {
    told += std::string(name_of(type)) + " " + std::to_string(acknowledged.packet_id);
    if (acknowledged.reason != Reason::success) {
      told += " for " + std::to_string(int(acknowledged.reason));
    }
    return acknowledged.packet_id < 100;
  }
  Reason on_subscribe(const Subscription& subscription, std::uint32_t identifier) override {
    told += "subscribe " + std::string(subscription.filter);
    if (identifier > 0) told += " as " + std::to_string(identifier);
    if (subscription.no_local) told += " not local";
    if (subscription.retain_as_published) told += " retain as published";
    if (subscription.retain_handling > 0) {
      told += " handling " + std::to_string(subscription.retain_handling);
    }
    if (subscription.filter != "mine") return Reason::not_authorized;
    return Reason(std::min<std::uint8_t>(subscription.qos, 1));
  }
  Reason on_unsubscribe(std::string_view filter) override {
    told += "unsubscribe " + std::string(filter);
    return filter == "mine" ? Reason::success : Reason::no_subscription_existed;
  }
  void on_disconnect(const Disconnect& goodbye) override {
    told += "goodbye " + std::to_string(int(goodbye.reason));
    if (goodbye.session_expiry_s) told += " " + std::to_string(*goodbye.session_expiry_s);
  }
};

}  // namespace cauce::gateway::mqtt
