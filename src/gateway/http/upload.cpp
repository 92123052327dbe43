#include "gateway/http/upload.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "gateway/http/ingest.h"
#include "gateway/http/problem.h"

namespace cauce::gateway::http {
namespace {

constexpr int bad_request = 400;
constexpr int unauthorized = 401;
constexpr int too_slow = 408;
constexpr int unavailable = 503;

// One append of so many messages or bytes at most, and one message more.
constexpr std::size_t group_messages_max = 1000;
constexpr std::size_t group_bytes_max = 256 << 10;

Refusal refusal_of(int fault) {
  switch (fault) {
    case too_slow: return {fault, "Nothing more of the request came in time."};
    case unavailable: return {fault, "Too many requests are under way."};
    default: return {fault, "The request is not HTTP/1.1 as RFC 9112 has it."};
  }
}

}  // namespace

Upload::Upload(Ingest& ingest, Start start, net::Streaming::Resume resume, net::Respond respond)
    : ingest_(ingest),
      start_(std::move(start)),
      topic_(record::telemetry_topic(start_.identity.device)),
      resume_(std::move(resume)),
      respond_(std::move(respond)),
      submitter_(ingest.switchboard_->intake().add(*this)),
      lines_(start_.packing, {.line = ingest.body_limits(start_.identity).payload}) {}

Upload::~Upload() {
  ingest_.upload_memory_bytes_ -= counted_memory_bytes_;
  ingest_.switchboard_->intake().remove(submitter_);
}

bool Upload::put(BytesView piece) {
  lines_.put(piece);
  if (!advance()) return false;
  paused_ = !may_read_more();
  return !paused_;
}

void Upload::put_end(int fault) {
  ended_ = fault == 0;
  if (fault != 0) stop(refusal_of(fault));
  lines_.put_end();
  go_on();
}

void Upload::lose() {
  lost_ = true;
  stop({});
  go_on();
}

void Upload::go_on() {
  if (!advance() || !paused_ || !may_read_more()) return;
  paused_ = false;
  resume_();
}

bool Upload::advance() {
  while (may_take_more()) {
    const std::size_t room = ingest_.options_.upload_messages_in_flight_max - messages_in_flight_;
    const std::vector<Lines::Line>& read =
        lines_.read(std::min(room, group_messages_max), group_bytes_max);
    count_memory();
    draw(read.size());
    if (read.empty() && lines_.refusal()) refuse_line(*lines_.refusal());
    if (read.empty()) break;
    take_group(read);
    pause_in_crowd();
    if (!submit()) break;
  }
  return !conclude();
}

bool Upload::may_take_more() const {
  const IngestOptions& options = ingest_.options_;
  return !stopped_ && !limited_ && !crowded_ && messages_.empty() &&
         messages_in_flight_ < options.upload_messages_in_flight_max &&
         bytes_in_flight_ < options.upload_bytes_in_flight_max;
}

bool Upload::may_read_more() const {
  return may_take_more() && !lines_.is_busy() && !ended_;
}

void Upload::take_group(const std::vector<Lines::Line>& lines) {
  group_ = {lines.back().number, lines.size(), 0, ingest_.switchboard_->clock().elapsed()};
  for (const Lines::Line& line : lines) {
    messages_.push_back({topic_, start_.content_type, line.text});
    group_.bytes += line.text.size();
  }
  flight_ = allowance().depart(lines.size());
}

bool Upload::submit() {
  Switchboard& switchboard = *ingest_.switchboard_;
  const auto submitted =
      switchboard.intake().submit(submitter_, start_.identity, messages_, {}, flight_);
  if (!submitted && submitted.error().outcome == Outcome::exhausted) return false;
  messages_.clear();
  if (!submitted) {
    fail(submitted.error());
    return true;
  }
  group_.since = switchboard.clock().elapsed();
  messages_in_flight_ += group_.messages;
  bytes_in_flight_ += group_.bytes;
  groups_.push_back(group_);
  return true;
}

void Upload::draw(std::size_t messages) {
  Switchboard& switchboard = *ingest_.switchboard_;
  const Duration now = switchboard.clock().elapsed();
  const std::size_t bytes = lines_.text_bytes() - std::exchange(drawn_bytes_, lines_.text_bytes());
  Allowance drawn = allowance();
  drawn.take(messages, bytes, now);
  const auto debt = drawn.debt(now);
  if (!debt) return;
  limited_ = true;
  switchboard.note(*debt, start_.identity,
                   fmt::format("request {} by HTTP: its reading pauses", start_.id));
}

void Upload::pause_in_crowd() {
  const Allowance drawn = allowance();
  const auto crowd = drawn.crowd();
  if (!crowd) return;
  crowded_ = true;
  drawn.await_room(submitter_);
  ingest_.switchboard_->note(
      *crowd, start_.identity,
      fmt::format("request {} by HTTP: its reading pauses until messages are durable", start_.id));
}

void Upload::on_room() {
  const Allowance drawn = allowance();
  crowded_ = drawn.crowd().has_value();
  if (crowded_) return drawn.await_room(submitter_);
  go_on();
}

Allowance Upload::allowance() const {
  Switchboard& switchboard = *ingest_.switchboard_;
  return switchboard.allowances().of(start_.identity, switchboard.clock().elapsed());
}

void Upload::refuse_line(const Refusal& why) {
  if (why.is_oversize) {
    ingest_.note_oversize(ingest_.body_limits(start_.identity).payload, start_.identity, start_.id);
  }
  stop(why);
}

void Upload::count_memory() {
  const std::size_t bytes = lines_.memory_bytes();
  ingest_.upload_memory_bytes_ += bytes - std::exchange(counted_memory_bytes_, bytes);
  if (ingest_.upload_memory_bytes_ <= ingest_.options_.upload_memory_bytes_max) return;
  stop({unavailable, "Too many long requests are under way: send it again in a minute."});
}

void Upload::on_durable(const Answer&, std::size_t count) {
  const Group durable = groups_.front();
  groups_.pop_front();
  messages_in_flight_ -= durable.messages;
  bytes_in_flight_ -= durable.bytes;
  accepted_ += count;
  line_ = durable.last_line;
  go_on();
}

void Upload::on_failure(const Error& error) {
  groups_.clear();
  fail(error);
  conclude();
}

void Upload::fail(const Error& error) {
  log::warning(
      fmt::format("request {}: its messages could not be stored: {}", start_.id, error.message));
  stop({unavailable,
        "More messages could not be stored. The log says why, under the id of this request."});
}

bool Upload::retry() {
  if (messages_.empty()) return true;
  if (!submit()) return false;
  go_on();
  return true;
}

void Upload::look_around(Duration now) {
  Switchboard& switchboard = *ingest_.switchboard_;
  const Duration span_max = ingest_.options_.answer_span_max;
  if (!groups_.empty() && now - groups_.front().since >= span_max) {
    groups_.clear();
    stop({unavailable, "The disk is slow: it is not certain that more messages are stored."});
  } else if (!messages_.empty() && now - group_.since >= span_max) {
    stop({unavailable, "The stream is full."});
  } else if (!switchboard.still_valid(start_.identity)) {
    stop({unauthorized,
          "The device was disabled or removed, or its token, key or certificate was revoked."});
  } else if (switchboard.disk_is_low()) {
    stop({unavailable, "The disk is nearly full: no messages are taken until space is free."});
  } else if (limited_) {
    limited_ = allowance().debt(now).has_value();
  }
  go_on();
}

void Upload::stop(Refusal why) {
  if (!stopped_) stopped_ = std::move(why);
  // What the stream had no room for was not taken.
  messages_.clear();
  flight_ = {};
}

bool Upload::conclude() {
  const bool is_whole = ended_ && messages_.empty() && lines_.at_end();
  if (!groups_.empty() || !(stopped_ || is_whole)) return false;
  if (lost_) log_lost();
  net::Response response;
  if (stopped_) {
    response = problem(*stopped_, Stored{accepted_, line_}, start_.id);
  } else if (accepted_ == 0) {
    response = problem(bad_request, "The body has no line that is not empty.", start_.id);
  } else {
    response = accepted(accepted_, start_.id);
  }
  ingest_.finish_upload(start_.number, std::move(response));
  return true;
}

void Upload::log_lost() const {
  const Identity& identity = start_.identity;
  ingest_.switchboard_->close_log().add(
      Ending::broken,
      fmt::format("device {} of {}: request {} by HTTP: the connection ended before the request; "
                  "stored are {} messages, up to line {}",
                  identity.device, identity.company, start_.id, accepted_, line_),
      {identity.company, identity.device});
}

}  // namespace cauce::gateway::http
