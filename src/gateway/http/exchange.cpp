#include "gateway/http/exchange.h"

#include <fmt/core.h>

#include "base/log.h"
#include "gateway/http/ingest.h"
#include "gateway/http/problem.h"

namespace cauce::gateway::http {

Exchange::Exchange(Ingest& ingest, std::uint64_t number, std::string id, Identity identity,
                   net::Respond respond)
    : ingest_(ingest),
      number_(number),
      id_(std::move(id)),
      identity_(std::move(identity)),
      respond_(std::move(respond)),
      since_(ingest.switchboard_->clock().elapsed()),
      submitter_(ingest.switchboard_->intake().add(*this)) {}

Exchange::~Exchange() {
  ingest_.waiting_bytes_ -= held_bytes_;
  ingest_.switchboard_->intake().remove(submitter_);
}

Result<void> Exchange::submit(std::span<const Incoming> messages) {
  const auto submitted =
      ingest_.switchboard_->intake().submit(submitter_, identity_, messages, {}, flight_);
  if (!submitted) return submitted.error();
  return {};
}

void Exchange::begin(std::span<const Incoming> messages) {
  flight_ = ingest_.switchboard_->allowances().of(identity_, since_).depart(messages.size());
  const auto submitted = submit(messages);
  if (submitted) return;
  if (submitted.error().outcome != Outcome::exhausted) return on_failure(submitted.error());
  hold(messages);
}

void Exchange::hold(std::span<const Incoming> messages) {
  for (const Incoming& message : messages)
    held_bytes_ += message.payload.size() + message.content_type.size() + message.topic.size();
  ingest_.waiting_bytes_ += held_bytes_;
  if (ingest_.waiting_bytes_ > ingest_.options_.waiting_bytes_max) {
    return ingest_.finish(
        number_, problem(503, "The stream is full and too much waits for it: send it again.", id_));
  }
  held_.reserve(messages.size());
  for (const Incoming& message : messages) {
    held_.push_back(
        {std::string(message.topic), std::string(message.content_type), Bytes(message.payload)});
  }
}

bool Exchange::retry() {
  std::vector<Incoming> messages;
  messages.reserve(held_.size());
  for (const Held& held : held_)
    messages.push_back({held.topic, held.content_type, held.payload});
  const auto submitted = submit(messages);
  if (!submitted && submitted.error().outcome == Outcome::exhausted) return false;
  held_ = {};
  ingest_.waiting_bytes_ -= std::exchange(held_bytes_, 0);
  if (!submitted) on_failure(submitted.error());
  return true;
}

void Exchange::on_durable(const Answer&, std::size_t count) {
  ingest_.finish(number_, accepted(count, id_));
}

void Exchange::on_failure(const Error& error) {
  log::warning(fmt::format("request {}: its messages could not be stored: {}", id_, error.message));
  ingest_.finish(number_,
                 problem(503,
                         "The messages could not be stored: send them again. The log says why, "
                         "under the id of this request.",
                         id_));
}

}  // namespace cauce::gateway::http
