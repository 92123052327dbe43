// One request whose messages are on their way to the stream, until it is answered.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "gateway/intake.h"
#include "net/http.h"

namespace cauce::gateway::http {

class Ingest;

class Exchange final : public Submitter {
 public:
  Exchange(Ingest& ingest, std::uint64_t number, std::string id, Identity identity,
           net::Respond respond);
  ~Exchange() override;

  // Hands the messages to the stream, or keeps a copy of them until there is room. May be the end
  // of this exchange.
  void begin(std::span<const Incoming> messages);

  void on_durable(const Answer& answer, std::size_t count) override;
  void on_failure(const Error& error) override;
  bool retry() override;

  Duration since() const { return since_; }
  const std::string& id() const { return id_; }
  bool is_waiting() const { return !held_.empty(); }
  net::Respond take_respond() { return std::move(respond_); }

 private:
  // A message that the stream had no room for, with its own memory.
  struct Held {
    std::string topic;
    std::string content_type;
    Bytes payload;
  };

  Result<void> submit(std::span<const Incoming> messages);
  void hold(std::span<const Incoming> messages);

  Ingest& ingest_;
  std::uint64_t number_;
  std::string id_;
  Identity identity_;
  net::Respond respond_;
  Duration since_;
  std::uint64_t submitter_;
  Flight flight_;  // of what is held
  std::vector<Held> held_;
  std::size_t held_bytes_ = 0;
};

}  // namespace cauce::gateway::http
