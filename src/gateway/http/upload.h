// One request whose body is NDJSON, of any length: its lines go to the stream while they come, and
// one answer at the end says how many of them are durable. What is not taken is not read: the
// client waits.
//
// An upload that ends before its end (a line that is too long, a body that is damaged, a token that
// is revoked, a disk that is full) keeps what it has stored, and its answer says how many messages
// that is and up to which line, so that the client can go on from there.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "gateway/http/lines.h"
#include "gateway/http/options.h"
#include "gateway/intake.h"
#include "net/http.h"

namespace cauce::gateway::http {

class Ingest;

class Upload final : public Submitter {
 public:
  struct Start {
    std::uint64_t number = 0;
    std::string id;  // of the request
    Identity identity;
    std::string content_type;
    packing::Packing packing = packing::Packing::none;
  };
  Upload(Ingest& ingest, Start start, net::Streaming::Resume resume, net::Respond respond);
  ~Upload() override;

  // Each of these may be the end of this upload, as do those of Submitter.
  // False: no more for now.
  bool put(BytesView piece);
  // By net::BodyReader::on_end().
  void put_end(int fault);
  // The connection is gone.
  void lose();
  // Every 100 ms.
  void look_around(Duration now);

  net::Respond take_respond() { return std::move(respond_); }

  void on_durable(const Answer& answer, std::size_t count) override;
  void on_failure(const Error& error) override;
  bool retry() override;
  void on_room() override;

 private:
  // Messages on their way to the stream, together.
  struct Group {
    std::uint64_t last_line = 0;
    std::size_t messages = 0;
    std::size_t bytes = 0;
    Duration since{0};
  };

  // Takes what it may; false when this was the end of it.
  bool advance();
  // The same, and lets the connection be read again.
  void go_on();
  bool may_take_more() const;
  bool may_read_more() const;
  void take_group(const std::vector<Lines::Line>& lines);
  // False when the stream is full.
  bool submit();
  // Counts what was read towards the rates, and pauses when there is too much of it, or too much in
  // flight.
  void draw(std::size_t messages);
  void pause_in_crowd();
  Allowance allowance() const;
  void count_memory();
  // Takes nothing more, and answers so when what is in flight is durable.
  void stop(Refusal why);
  void refuse_line(const Refusal& why);
  void fail(const Error& error);
  // Answers when there is nothing more to wait for; true when it did: it is gone.
  bool conclude();
  void log_lost() const;

  Ingest& ingest_;
  const Start start_;
  const std::string topic_;
  net::Streaming::Resume resume_;
  net::Respond respond_;
  std::uint64_t submitter_;
  Lines lines_;
  std::vector<Incoming> messages_;  // of the group that the stream has no room for
  Group group_;
  Flight flight_;             // of messages_
  std::deque<Group> groups_;  // in flight
  std::size_t messages_in_flight_ = 0;
  std::size_t bytes_in_flight_ = 0;
  std::uint64_t accepted_ = 0;  // messages that are durable
  std::uint64_t line_ = 0;      // the last of them
  std::uint64_t drawn_bytes_ = 0;
  std::size_t counted_memory_bytes_ = 0;
  std::optional<Refusal> stopped_;
  bool ended_ = false;    // the body came whole
  bool lost_ = false;     // nobody hears the answer
  bool limited_ = false;  // over a rate
  bool crowded_ = false;  // too much of its device or company is in flight: on_room() will come
  bool paused_ = false;   // the connection is not read
};

}  // namespace cauce::gateway::http
