// Devices that speak HTTP (target.h): they send messages, ask for their commands, and say what came
// of those. Who they are, what they may send and when they are answered is decided as for MQTT, by
// the same switchboard and intake: the answer 200 leaves when all messages of the request are
// durable, and says how many they are.
//
// NDJSON is taken while it comes (upload.h). Any other body is there as a whole first, unpacked
// when it came packed (encoding.h).
//
// A request that the stream has no room for waits, with a copy of its messages, at most
// answer_span_max; meanwhile its connection is not read. So many requests may wait as their bytes
// are within waiting_bytes_max.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "gateway/http/options.h"
#include "gateway/http/target.h"
#include "gateway/switchboard.h"
#include "net/http.h"

namespace cauce::gateway::http {

class Exchange;
class Upload;

// Runs on the loop's thread. Whoever is not answered when it goes gets 500.
class Ingest : public std::enable_shared_from_this<Ingest> {
 public:
  // Serves until it goes; the loop may outlive it.
  static Result<std::shared_ptr<Ingest>> start(net::Loop& loop, std::vector<net::HttpDoor> doors,
                                               std::shared_ptr<Switchboard> switchboard,
                                               IngestOptions options);
  Ingest(std::shared_ptr<Switchboard> switchboard, IngestOptions options);
  ~Ingest();

  // Every 100 ms: gives up what waited too long.
  void look_around();

 private:
  friend class Exchange;
  friend class Upload;
  class UploadReader;

  // Who may go on: the identity; or what he is answered instead.
  std::optional<net::Response> judge(const net::Request& head, std::string_view id,
                                     std::optional<Identity>& identity);
  void serve(const net::Request& request, net::Respond respond);
  void take_messages(const net::Request& request, const Identity& identity, std::string id,
                     net::Respond respond);
  void take_result(const net::Request& request, std::string_view command, const Identity& identity,
                   std::string id, net::Respond respond);
  void hand_commands(const Identity& identity, std::string id, net::Respond respond);
  void store(std::span<const Incoming> messages, const Identity& identity, std::string id,
             net::Respond respond);
  std::unique_ptr<net::BodyReader> begin_upload(const net::Request& head,
                                                net::Streaming::Resume resume,
                                                net::Respond respond);
  Upload* upload(std::uint64_t number);
  // Answers; the upload is gone when it returns.
  void finish_upload(std::uint64_t number, net::Response response);
  Result<Identity> identify(const net::Request& head, std::string_view device) const;
  // nullopt while its device and company keep their rates.
  std::optional<net::Response> refuse_excess(const Identity& identity, std::string_view id);
  // The limits of its body, and what notes that a payload of it is over the one of its device.
  BodyLimits body_limits(const Identity& identity) const;
  void note_oversize(const PayloadLimit& limit, const Identity& identity, std::string_view id);
  net::Response refuse_stranger(const net::Request& head, std::string_view id,
                                std::string_view why);
  std::string id_of(const net::Request& request);
  // Answers; the exchange is gone when it returns.
  void finish(std::uint64_t exchange, net::Response response);

  std::shared_ptr<Switchboard> switchboard_;
  const IngestOptions options_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Exchange>> exchanges_;
  std::uint64_t last_exchange_ = 0;
  std::size_t waiting_bytes_ = 0;
  std::unordered_map<std::uint64_t, std::unique_ptr<Upload>> uploads_;
  std::uint64_t last_upload_ = 0;
  std::size_t upload_memory_bytes_ = 0;
  const std::string id_start_;
  std::uint64_t requests_ = 0;
};

}  // namespace cauce::gateway::http
