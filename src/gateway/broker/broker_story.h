// A broker with clients that write down what they get, a stream in memory and a virtual clock; for
// tests.
#pragma once

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "gateway/broker/broker.h"

namespace cauce::gateway::broker {

class Story;

// One client's connection.
class StoryClient final : public Link {
 public:
  // What it got: "[topic=payload]", with "q1 #2" and flags where there are any.
  std::string told;
  bool reads = true;
  std::size_t bytes_max = SIZE_MAX;  // longer payloads do not fit
  Ending ending = Ending::left;
  bool ended = false;
  Session* session = nullptr;
  bool present = false;

  explicit StoryClient(Story& story) : story_(story) {}
  ~StoryClient() override;

  bool deliver(const mqtt::Outgoing& message) override {
    if (message.payload.size() > bytes_max) return false;
    told += "[" + std::string(message.topic) + "=" + std::string(message.payload);
    if (message.qos > 0) {
      told += " q" + std::to_string(message.qos) + " #" + std::to_string(message.packet_id);
    }
    if (message.retain) told += " retained";
    if (message.duplicate) told += " again";
    if (message.expiry_s) told += " for " + std::to_string(*message.expiry_s) + " s";
    for (const std::uint32_t identifier : message.identifiers)
      told += " as " + std::to_string(identifier);
    if (!message.properties.empty()) told += " with " + to_hex(message.properties);
    told += "]";
    return true;
  }
  void release(std::uint16_t packet_id) override {
    told += "(release " + std::to_string(packet_id) + ")";
  }
  bool has_room() const override { return reads; }
  void end(Ending why, std::string_view reason) override;

  std::string take() { return std::exchange(told, {}); }

 private:
  Story& story_;
};

// What a test says of a client that connects.
struct Hello {
  bool clean_start = true;
  Duration expiry{0};
  std::uint16_t receive_maximum = 0xFFFF;
  std::string company = "acme";
  std::string device = "d";
};

struct Said {
  std::uint8_t qos = 1;
  bool retain = false;
  Bytes properties = {};
  StoryClient* by = nullptr;
  std::string company = "acme";
  std::uint16_t packet_id = 0;
};

class Story : public House {
 public:
  VirtualClock clock{from_microseconds(1'795'304'920'000'000)};
  Limits limits;
  std::unique_ptr<Broker> broker = std::make_unique<Broker>(*this, clock, limits);
  bool forbids = false;  // what was subscribed before
  bool fetches = true;   // at once
  bool is_slow = false;  // nothing that is noted becomes durable
  std::size_t lost = 0;
  std::size_t fetched = 0;
  std::vector<std::string> overfull;
  std::uint64_t first_kept = 0;  // older ones are past their retention

  void start() { broker = std::make_unique<Broker>(*this, clock, limits); }

  std::unique_ptr<StoryClient> connect(std::string_view client_id, const Hello& hello = {},
                                       std::unique_ptr<Will> will = nullptr) {
    auto client = std::make_unique<StoryClient>(*this);
    Greeting greeting;
    greeting.company = hello.company;
    greeting.device = hello.device;
    greeting.client_id = client_id;
    greeting.clean_start = hello.clean_start;
    greeting.expiry = hello.expiry;
    greeting.receive_maximum = hello.receive_maximum;
    greeting.will = std::move(will);
    greeting.may_subscribe = [this](std::string_view) { return !forbids; };
    const Welcome welcome = broker->connect(std::move(greeting), *client);
    client->session = welcome.session;
    client->present = welcome.present;
    settle();
    if (welcome.session != nullptr) broker->resume(*welcome.session);
    settle();
    return client;
  }
  // What was noted becomes durable.
  void settle() {
    while (!thens_.empty() && !is_slow) {
      const auto then = std::move(thens_.front());
      thens_.erase(thens_.begin());
      then();
    }
  }
  void leave(StoryClient& client, bool leaves_will = false,
             std::optional<Duration> expiry = std::nullopt) {
    broker->disconnect(*std::exchange(client.session, nullptr), leaves_will, expiry);
  }
  mqtt::Reason subscribe(StoryClient& client, std::string_view filter, std::uint8_t qos = 1,
                         std::uint32_t identifier = 0) {
    return broker->subscribe(*client.session, {filter, qos, false, false, 0}, identifier);
  }
  mqtt::Reason subscribe(StoryClient& client, const mqtt::Subscription& subscription) {
    const mqtt::Reason reason = broker->subscribe(*client.session, subscription, 0);
    broker->pump(*client.session);
    return reason;
  }

  // Stores it and routes it.
  void publish(std::string_view topic, std::string_view payload, const Said& said = {}) {
    Incoming message;
    message.topic = topic;
    message.payload = payload;
    message.qos = said.qos;
    message.retain = said.retain;
    message.properties = said.properties;
    if (said.by != nullptr) {
      message.publisher = said.by->session->id();
      if (said.by->session->is_durable()) {
        message.session = said.by->session->key();
        message.names_session = said.by->session->shuns_own();
        message.packet_id = said.packet_id;
      }
      if (said.packet_id != 0) said.by->session->unreleased().insert(said.packet_id);
    }
    submit(said.company, message);
  }
  void acknowledge(StoryClient& client, std::uint16_t packet_id) {
    broker->acknowledge(*client.session, mqtt::PacketType::puback, packet_id,
                        mqtt::Reason::success);
    broker->pump(*client.session);
    settle();
  }
  void pass(Duration span) {
    clock.advance(span);
    broker->advance();
    settle();
  }

  std::unique_ptr<Will> will(std::string topic, Duration delay = Duration{0}) {
    auto made = std::make_unique<Will>();
    made->identity.company = "acme";
    made->topic = std::move(topic);
    made->payload = "gone";
    made->delay = delay;
    made->qos = 1;
    return made;
  }

  void publish(Will said) override {
    Incoming message;
    message.topic = said.topic;
    message.payload = said.payload;
    message.qos = said.qos;
    message.retain = said.retain;
    message.properties = said.properties;
    message.publisher = said.publisher;
    message.session = said.session;
    message.is_will = true;
    submit(said.identity.company, message);
  }
  void fetch(std::uint64_t session, std::vector<Place> places) override {
    asked.push_back({session, std::move(places)});
    while (fetches && !asked.empty())
      answer_fetch();
  }
  void note_lost(const Session&, std::size_t count) override { lost += count; }
  void note_overfull(const Session& session) override { overfull.push_back(session.key()); }
  void note(record::SessionChange change, std::function<void()> then) override {
    change.at = clock.now();
    raw.push_back(record::encode(change));
    if (then) thens_.push_back(std::move(then));
  }
  // What stands in the stream, whose positions are its indexes.
  std::vector<Bytes> raw;

  struct Asked {
    std::uint64_t session;
    std::vector<Place> places;
  };
  std::vector<Asked> asked;
  // In `commands`.
  void store(stream::Position position, const record::Command& command) {
    auto stored = std::make_shared<Publication>();
    stored->topic = command.message.topic;
    stored->payload = command.message.payload;
    stored_[{Shelf::commands, position}] = stored;
  }

  void answer_fetch() {
    const Asked request = asked.front();
    asked.erase(asked.begin());
    std::vector<Fetched> found;
    for (const Place place : request.places) {
      ++fetched;
      const auto stored = stored_.find(place);
      const bool kept = stored != stored_.end() && place.position.number >= first_kept;
      found.push_back({place, kept ? stored->second : nullptr});
    }
    broker->put_fetched(request.session, found);
  }

 private:
  void submit(const std::string& company, const Incoming& message) {
    const auto heard = broker->copy_if_heard(company, message);
    if (broker->needs_particulars(company, message, heard != nullptr)) {
      raw.push_back(record::encode(particulars_of(message, heard.get())));
    }
    const std::uint64_t position = raw.size();
    record::Message recorded{company,     "d", std::string(message.topic),
                             clock.now(), "",  Bytes(message.payload)};
    raw.push_back(record::encode(recorded));
    auto stored = std::make_shared<Publication>();
    stored->topic = message.topic;
    stored->payload = message.payload;
    stored_[{Shelf::raw, {position}}] = stored;
    if (!heard) return;
    heard->place = {Shelf::raw, {position}};
    broker->route(company, heard);
    settle();
  }

  record::Particulars particulars_of(const Incoming& message, const Publication* copy) {
    record::Particulars particulars{clock.now(),       std::string(message.session),
                                    message.packet_id, message.qos,
                                    message.retain,    message.is_will};
    if (copy == nullptr || !copy->extras) return particulars;
    particulars.properties = copy->extras->properties;
    if (copy->extras->expires_at != never) {
      particulars.expires_at = clock.now() + (copy->extras->expires_at - clock.elapsed());
    }
    return particulars;
  }

  std::map<Place, SharedPublication> stored_;
  std::vector<std::function<void()>> thens_;
};

inline void StoryClient::end(Ending why, std::string_view) {
  ended = true;
  ending = why;
  if (session != nullptr) story_.leave(*this, true);
}

// Who is forgotten by a test says goodbye.
inline StoryClient::~StoryClient() {
  if (session != nullptr) story_.leave(*this);
}

}  // namespace cauce::gateway::broker
