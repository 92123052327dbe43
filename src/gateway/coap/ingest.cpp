#include "gateway/coap/ingest.h"

#include <fmt/core.h>

#include "base/log.h"
#include "gateway/claimed_name.h"
#include "gateway/handed_command.h"

namespace cauce::gateway::coap {
namespace {

Response refusal(Code code, std::string_view why) {
  return {code, {}, std::string(why)};
}

// Section 5.9.3.4: Max-Age says when to try again.
Response later(Code code, Duration wait, std::string_view why) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait).count();
  return {code, {{Number::max_age, std::uint32_t(seconds)}}, std::string(why)};
}

constexpr Duration soon = std::chrono::seconds{1};

// nullopt: nothing has ended.
std::optional<Ending> ending_of(net::DtlsEvent event) {
  switch (event) {
    case net::DtlsEvent::established: return std::nullopt;
    case net::DtlsEvent::handshake_failed: return Ending::violation;
    case net::DtlsEvent::handshake_late: return Ending::silent;
    case net::DtlsEvent::handshake_displaced: return Ending::full;
    case net::DtlsEvent::session_left: return Ending::left;
    case net::DtlsEvent::session_failed: return Ending::violation;
    case net::DtlsEvent::session_replaced: return Ending::replaced;
    case net::DtlsEvent::session_displaced: return Ending::full;
    case net::DtlsEvent::session_revoked: return Ending::revoked;
  }
  return std::nullopt;
}

}  // namespace

Result<std::shared_ptr<Ingest>> Ingest::start(net::Loop& loop, net::Listener listener,
                                              std::shared_ptr<Switchboard> switchboard,
                                              const IngestOptions& options) {
  auto ingest = std::make_shared<Ingest>(std::move(switchboard), options);
  auto socket = loop.receive(std::move(listener), [weak = std::weak_ptr<Ingest>(ingest)](
                                                      const Peer& peer, BytesView datagram) {
    if (const auto found = weak.lock()) found->endpoint_.receive(peer, datagram, found->now());
  });
  if (!socket) return socket.error();
  ingest->socket_ = *std::move(socket);
  return ingest;
}

Result<std::shared_ptr<Ingest>> Ingest::start_encrypted(net::Loop& loop, net::Listener listener,
                                                        std::shared_ptr<Switchboard> switchboard,
                                                        const IngestOptions& options) {
  auto ingest = std::make_shared<Ingest>(std::move(switchboard), options);
  auto dtls =
      net::DtlsServer::start(loop, std::move(listener), *ingest, ingest->switchboard_->clock(),
                             ingest->switchboard_->random(), options.dtls);
  if (!dtls) return dtls.error();
  ingest->dtls_ = *std::move(dtls);
  ingest->socket_ = ingest->dtls_;
  return ingest;
}

Ingest::Ingest(std::shared_ptr<Switchboard> switchboard, const IngestOptions& options)
    : switchboard_(std::move(switchboard)),
      options_(options),
      endpoint_(*this, switchboard_->random(), options_.endpoint),
      blocks_(options_.blocks),
      submitter_(switchboard_->intake().add(*this)) {}

Ingest::~Ingest() {
  switchboard_->intake().remove(submitter_);
}

void Ingest::send(const Peer& peer, BytesView datagram) {
  socket_->send(peer, datagram);
}

Endpoint::Server::Served Ingest::on_request(std::uint64_t exchange, const Peer& peer,
                                            const Message& request) {
  const auto read = read_request(request);
  if (const auto* refused = std::get_if<Response>(&read)) return *refused;
  const Asked& asked = std::get<Asked>(read);
  std::optional<Identity> identity;
  if (auto refused = admit(peer, asked, identity)) return *std::move(refused);
  if (asked.resource == Resource::commands) return hand_command(exchange, asked, *identity);
  const bool is_result = asked.resource == Resource::result;
  if (is_result &&
      !switchboard_->broker().knows_command(identity->company, identity->device, asked.command)) {
    return refusal(Code::not_found,
                   "There is no such command of this device, or it was given more than a day ago.");
  }
  const std::string topic = is_result
                                ? record::command_result_topic(identity->device, asked.command)
                                : record::telemetry_topic(identity->device);
  if (auto refused = refuse_oversize(*identity, asked, request.payload)) return *refused;
  if (!content_type_of(asked.content_format)) {
    return refusal(Code::unsupported,
                   fmt::format("Content-Format {} is not known here.", asked.content_format));
  }
  Blocks::Whole whole{asked.content_format, {}};
  BytesView payload = request.payload;
  std::optional<std::uint32_t> block1;
  if (asked.block && (asked.block->number > 0 || asked.block->more)) {
    auto put = blocks_.put(peer, identity->company, topic, request, *asked.block,
                           asked.content_format, now());
    draw(*identity, 0, request.payload.size());
    if (const auto* answer = std::get_if<Response>(&put)) return *answer;
    whole = std::get<Blocks::Whole>(std::move(put));
    payload = whole.payload;
  }
  if (asked.block) block1 = asked.block->value();
  if (payload.empty() && !is_result) {
    return refusal(Code::bad_request, "The payload is empty: it has to be the message.");
  }
  draw(*identity, 1, whole.payload.empty() ? payload.size() : 0);
  return store(exchange, *identity, {topic, *content_type_of(whole.content_format), payload},
               block1);
}

// One at a time: the oldest. Asking counts as a message does, so that it cannot be done without
// end.
Endpoint::Server::Served Ingest::hand_command(std::uint64_t exchange, const Asked& asked,
                                              const Identity& identity) {
  draw(identity, 1, 0);
  auto places = switchboard_->broker().commands_for(identity.company, identity.device, 1);
  if (places.empty()) return Response{Code::content, {{Number::content_format, json_format}}, "{}"};
  const auto accepted = accept(identity);
  if (std::holds_alternative<Response>(accepted)) return accepted;
  const Block wanted = asked.answer_block.value_or(Block{0, false, largest_block});
  switchboard_->fetch(std::move(places), [weak = weak_from_this(), exchange, identity,
                                          wanted](const std::vector<broker::Fetched>& fetched) {
    const auto found = weak.lock();
    if (!found) return;
    const broker::Fetched& only = fetched.front();
    const auto handed = only.publication ? found->switchboard_->broker().hand_over(
                                               identity.company, identity.device, only.place)
                                         : std::nullopt;
    const std::string text =
        handed ? to_json(*handed, only.publication->payload).text() : std::string("{}");
    found->endpoint_.answer(exchange, block_of(text, wanted), found->now());
  });
  return accepted;
}

std::optional<Response> Ingest::admit(const Peer& peer, const Asked& asked,
                                      std::optional<Identity>& identity) {
  const Bytes holder = socket_->shared_key_holder(peer);
  auto found = switchboard_->identify({{}, asked.device, asked.token, {}, holder});
  if (!found) {
    const std::string& why = found.error().message;
    switchboard_->close_log().add(
        Ending::refused,
        fmt::format("an unknown client at {}: a request by CoAP: not admitted; {}",
                    net::to_text(peer), why.empty() ? claimed_name(asked.device) : why));
    // Hardly more than was asked with (section 11.3): the address may be somebody else's.
    return refusal(Code::unauthorized, "The device and its token are not admitted.");
  }
  identity = *std::move(found);
  if (auto refused = refuse_excess(*identity)) return refused;
  if (switchboard_->disk_is_low()) {
    return later(Code::unavailable, std::chrono::seconds{60},
                 "The disk is nearly full: no messages are taken until space is free.");
  }
  return std::nullopt;
}

std::optional<Response> Ingest::refuse_excess(const Identity& identity) {
  const auto excess = switchboard_->allowances().of(identity, now()).excess(now());
  if (!excess) return std::nullopt;
  switchboard_->note(*excess, identity, "a request by CoAP: refused");
  return later(
      Code::too_many_requests, excess->wait,
      fmt::format("More than is allowed: {}. Nothing was taken: send it again.", excess->text()));
}

std::optional<Response> Ingest::refuse_oversize(const Identity& identity, const Asked& asked,
                                                BytesView payload) {
  const std::size_t before = asked.block ? asked.block->number * asked.block->bytes() : 0;
  const std::size_t bytes = std::max<std::size_t>(before + payload.size(), asked.size.value_or(0));
  const PayloadLimit limit = switchboard_->allowances()
                                 .of(identity, now())
                                 .payload_limit(options_.blocks.payload_bytes_max);
  if (bytes <= limit.bytes_max) return std::nullopt;
  if (limit.by) {
    switchboard_->note(*limit.by, identity,
                       fmt::format("a request by CoAP: refused a payload of {} bytes", bytes));
  }
  return Response{Code::too_large,
                  {{Number::size1, std::uint32_t(limit.bytes_max)}},
                  fmt::format("The payload has {} bytes, {}.", bytes, limit.text())};
}

void Ingest::draw(const Identity& identity, std::size_t messages, std::size_t bytes) {
  switchboard_->allowances().of(identity, now()).take(messages, bytes, now());
}

// Whose it is, or that there is no room to remember it.
Endpoint::Server::Served Ingest::accept(const Identity& identity) {
  const FairShare::Owner owner = endpoint_.shares().owner(identity.company);
  if (endpoint_.shares().has_room(owner, 1)) return Accepted{owner};
  return later(Code::unavailable, soon,
               "Too many requests of your company are remembered: send it again.");
}

Endpoint::Server::Served Ingest::store(std::uint64_t exchange, const Identity& identity,
                                       const Incoming& message,
                                       std::optional<std::uint32_t> block1) {
  const auto accepted = accept(identity);
  if (std::holds_alternative<Response>(accepted)) return accepted;
  Flight flight = switchboard_->allowances().of(identity, now()).depart(1);
  const auto submitted =
      switchboard_->intake().submit(submitter_, identity, {&message, 1}, {}, flight);
  if (submitted) {
    pending_.push_back({exchange, block1, now()});
    return accepted;
  }
  if (submitted.error().outcome == Outcome::exhausted) {
    return later(Code::unavailable, soon, "The stream is full: send it again.");
  }
  log::warning("a message by CoAP could not be stored: " + submitted.error().message);
  return later(Code::unavailable, soon, "The message could not be stored: send it again.");
}

void Ingest::on_durable(const Answer&, std::size_t) {
  const Pending durable = pending_.front();
  pending_.pop_front();
  Response response{Code::changed, {}, {}};
  if (durable.block1) response.options.push_back({Number::block1, *durable.block1});
  endpoint_.answer(durable.exchange, response, now());
}

void Ingest::on_failure(const Error& error) {
  const Pending failed = pending_.front();
  pending_.pop_front();
  log::warning("a message by CoAP could not be stored: " + error.message);
  endpoint_.answer(
      failed.exchange,
      later(Code::unavailable, soon, "The message could not be stored: send it again."), now());
}

void Ingest::look_around() {
  for (Pending& pending : pending_) {
    if (now() - pending.since < options_.answer_span_max) break;
    if (std::exchange(pending.told, true)) continue;
    endpoint_.answer(pending.exchange,
                     later(Code::unavailable, soon,
                           "The disk is slow: it is not certain that the message is stored, send "
                           "it again."),
                     now());
  }
  endpoint_.look_around(now());
  blocks_.look_around(now());
  if (dtls_) look_at_sessions();
}

void Ingest::look_at_sessions() {
  dtls_->look_around();
  const std::uint64_t changes = switchboard_->registry_changes();
  if (std::exchange(judged_at_, changes) != changes) dtls_->judge_sessions();
  switchboard_->options().meters.dtls_sessions.set(double(dtls_->sessions()));
}

std::optional<net::SharedKey> Ingest::find_shared_key(std::string_view identity) {
  return switchboard_->find_shared_key(identity);
}

bool Ingest::is_valid(BytesView holder) {
  return switchboard_->identify({{}, std::nullopt, std::nullopt, {}, holder}).has_value();
}

void Ingest::on_datagram(const Peer& peer, BytesView datagram) {
  endpoint_.receive(peer, datagram, now());
}

void Ingest::on_event(net::DtlsEvent event, const Peer& peer, std::string_view why) {
  const auto index = std::size_t(event);
  if (index < net::dtls_handshake_ends) switchboard_->options().meters.dtls_handshakes[index].add();
  const auto ending = ending_of(event);
  if (!ending) return;
  const std::string_view what =
      index < net::dtls_handshake_ends ? "the DTLS handshake" : "its DTLS session";
  switchboard_->close_log().add(
      *ending, fmt::format("a client at {}: {} ended: {}", net::to_text(peer), what, why));
}

}  // namespace cauce::gateway::coap
