#include "gateway/http/ingest.h"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <utility>
#include <vector>

#include "base/json.h"
#include "crypto/crypto.h"
#include "gateway/claimed_name.h"
#include "gateway/handed_command.h"
#include "gateway/http/encoding.h"
#include "gateway/http/exchange.h"
#include "gateway/http/problem.h"
#include "gateway/http/upload.h"
#include "net/request_id.h"
#include "record/message.h"

namespace cauce::gateway::http {
namespace {

// Commands that one answer brings.
constexpr std::size_t handed_max = 64;

std::string_view header_of(const net::Request& request, const char* name) {
  const auto found = request.headers.find(name);
  return found == request.headers.end() ? std::string_view{} : std::string_view(found->second);
}

// What follows the scheme, which is compared without case (RFC 9110 section 11.1).
std::optional<std::string_view> after_scheme(std::string_view header, std::string_view scheme) {
  if (header.size() <= scheme.size() || header[scheme.size()] != ' ') return std::nullopt;
  const bool same = std::equal(scheme.begin(), scheme.end(), header.begin(), [](char a, char b) {
    return a == std::tolower(static_cast<unsigned char>(b));
  });
  if (!same) return std::nullopt;
  header.remove_prefix(scheme.size());
  header.remove_prefix(std::min(header.find_first_not_of(' '), header.size()));
  return header;
}

// Of what the server refuses by itself.
net::Response refusal(int status, const net::HttpOptions& limits, std::string_view id) {
  switch (status) {
    case 408: return problem(408, "The request did not come whole in time.", id);
    case 413:
      return problem(413,
                     fmt::format("The body may have {} bytes at most: send it in parts, or as "
                                 "NDJSON (application/x-ndjson), which may have any length.",
                                 limits.body_bytes_max),
                     id);
    case 431:
      return problem(
          431, fmt::format("The header may have {} bytes at most.", limits.header_bytes_max), id);
    case 503: return problem(503, "Too many requests are under way: send it again.", id);
    default: return problem(status, "The request is not HTTP/1.1 as RFC 9112 has it.", id);
  }
}

}  // namespace

// Between the server and an upload, either of which may go first.
class Ingest::UploadReader final : public net::BodyReader {
 public:
  UploadReader(std::weak_ptr<Ingest> ingest, std::uint64_t upload)
      : ingest_(std::move(ingest)), upload_(upload) {}
  ~UploadReader() override {
    with([](Upload& upload) { upload.lose(); });
  }

  bool on_piece(BytesView piece) override {
    bool goes_on = false;
    with([&](Upload& upload) { goes_on = upload.put(piece); });
    return goes_on;
  }
  void on_end(int fault) override {
    with([&](Upload& upload) { upload.put_end(fault); });
    ingest_.reset();
  }

 private:
  template <class Do>
  void with(const Do& act) {
    const auto ingest = ingest_.lock();
    if (Upload* const upload = ingest ? ingest->upload(upload_) : nullptr) act(*upload);
  }

  std::weak_ptr<Ingest> ingest_;
  std::uint64_t upload_;
};

Result<std::shared_ptr<Ingest>> Ingest::start(net::Loop& loop, std::vector<net::HttpDoor> doors,
                                              std::shared_ptr<Switchboard> switchboard,
                                              IngestOptions options) {
  net::HttpOptions server;
  server.body_bytes_max = options.body_bytes_max;
  server.connections_max = options.connections_max;
  server.incomplete_bytes_max = options.incomplete_bytes_max;
  auto ingest = std::make_shared<Ingest>(std::move(switchboard), options);
  const std::weak_ptr<Ingest> weak = ingest;
  server.admit = [weak](const net::Request& head) -> std::optional<net::Response> {
    const auto found = weak.lock();
    std::optional<Identity> identity;
    return found ? found->judge(head, found->id_of(head), identity) : std::nullopt;
  };
  server.refusal = [limits = server, weak](int status, std::string_view, const net::Request& head) {
    const auto found = weak.lock();
    return refusal(status, limits, found ? found->id_of(head) : std::string());
  };
  server.on_violation = [weak](std::string_view peer, std::string_view why) {
    const auto found = weak.lock();
    if (!found) return;
    found->switchboard_->close_log().add(
        Ending::violation, fmt::format("an unknown client at {}: closed: {}", peer, why));
  };
  server.streaming.emplace();
  server.streaming->wants = [](const net::Request& head) {
    const auto target = target_of(head.path);
    return target && target->kind == Target::Kind::messages &&
           is_lines_type(header_of(head, "content-type"));
  };
  server.streaming->begin = [weak](const net::Request& head, net::Streaming::Resume resume,
                                   net::Respond respond) -> std::unique_ptr<net::BodyReader> {
    const auto found = weak.lock();
    if (!found) return std::make_unique<UploadReader>(weak, 0);
    return found->begin_upload(head, std::move(resume), std::move(respond));
  };
  const auto serve = [weak](const net::Request& request, net::Respond respond) {
    if (const auto found = weak.lock()) found->serve(request, std::move(respond));
  };
  auto served = net::serve_http(loop, std::move(doors), serve, std::move(server));
  if (!served) return served.error();
  return ingest;
}

Ingest::Ingest(std::shared_ptr<Switchboard> switchboard, IngestOptions options)
    : switchboard_(std::move(switchboard)),
      options_(options),
      id_start_(to_hex(switchboard_->random().bytes(6))) {}

Ingest::~Ingest() = default;

// Whoever hands a request on has given it an id already.
std::string Ingest::id_of(const net::Request& request) {
  return net::request_id_of(request, fmt::format("{}-{}", id_start_, ++requests_));
}

Result<Identity> Ingest::identify(const net::Request& head, std::string_view device) const {
  const std::string_view header = header_of(head, "authorization");
  if (header.empty()) {
    return switchboard_->identify(
        {{}, device, std::nullopt, head.certificate, head.shared_key_holder});
  }
  if (const auto token = after_scheme(header, "bearer")) {
    return switchboard_->identify({{}, device, *token});
  }
  Bytes pair;
  if (const auto basic = after_scheme(header, "basic")) {
    if (auto decoded = crypto::from_base64(*basic)) pair = *std::move(decoded);
  }
  const std::size_t colon = pair.find(':');
  if (colon == Bytes::npos || std::string_view(pair).substr(0, colon) != device) {
    return switchboard_->identify({{}, device, std::nullopt});
  }
  return switchboard_->identify({{}, device, std::string_view(pair).substr(colon + 1)});
}

net::Response Ingest::refuse_stranger(const net::Request& head, std::string_view id,
                                      std::string_view why) {
  switchboard_->close_log().add(
      Ending::refused, fmt::format("an unknown client at {}: request {} by HTTP: not admitted{}{}",
                                   head.peer, id, why.empty() ? "" : "; ", why));
  return problem(401,
                 "The device and its token are not admitted: send \"Authorization: Bearer TOKEN\" "
                 "with the token that was shown when the device was made.",
                 id);
}

std::optional<net::Response> Ingest::refuse_excess(const Identity& identity, std::string_view id) {
  const Duration now = switchboard_->clock().elapsed();
  const auto excess = switchboard_->allowances().of(identity, now).excess(now);
  if (!excess) return std::nullopt;
  switchboard_->note(*excess, identity, fmt::format("request {} by HTTP: refused", id));
  auto response = problem(
      429,
      fmt::format("More than is allowed: {}. Nothing was taken: send it again.", excess->text()),
      id);
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(excess->wait);
  response.headers.emplace_back("Retry-After", std::to_string(seconds.count()));
  return response;
}

BodyLimits Ingest::body_limits(const Identity& identity) const {
  BodyLimits limits = options_.body;
  limits.payload = switchboard_->allowances()
                       .of(identity, switchboard_->clock().elapsed())
                       .payload_limit(limits.payload.bytes_max);
  return limits;
}

void Ingest::note_oversize(const PayloadLimit& limit, const Identity& identity,
                           std::string_view id) {
  if (!limit.by) return;
  switchboard_->note(*limit.by, identity, fmt::format("request {} by HTTP: refused a payload", id));
}

std::optional<net::Response> Ingest::judge(const net::Request& head, std::string_view id,
                                           std::optional<Identity>& identity) {
  const auto target = target_of(head.path);
  if (!target) {
    return problem(404,
                   "This port is for devices: POST /api/v1/devices/{device}/messages, GET "
                   "/api/v1/devices/{device}/commands and POST "
                   "/api/v1/devices/{device}/commands/{command}/result. The REST interface has a "
                   "port of its own.",
                   id);
  }
  if (head.method != target->method()) return wrong_method(target->method(), id);
  auto found = identify(head, target->device);
  if (!found) {
    const std::string why = found.error().message;
    return refuse_stranger(head, id, why.empty() ? claimed_name(target->device) : why);
  }
  identity = *std::move(found);
  if (auto refused = refuse_excess(*identity, id)) return refused;
  const std::string_view encoding = header_of(head, "content-encoding");
  if (!encoding_of(encoding)) {
    return problem(
        415, fmt::format("Content-Encoding may be one of {}, or be left out.", known_encodings),
        id);
  }
  if (const auto refused = check_content_type(header_of(head, "content-type"),
                                              options_.body.content_type_bytes_max)) {
    return problem(refused->status, refused->detail, id);
  }
  if (switchboard_->disk_is_low()) {
    return problem(503, "The disk is nearly full: no messages are taken until space is free.", id);
  }
  return std::nullopt;
}

void Ingest::serve(const net::Request& request, net::Respond respond) {
  std::optional<Identity> identity;
  std::string id = id_of(request);
  if (auto refused = judge(request, id, identity)) return respond(*std::move(refused));
  const Target target = *target_of(request.path);
  switch (target.kind) {
    case Target::Kind::messages:
      return take_messages(request, *identity, std::move(id), std::move(respond));
    case Target::Kind::commands: return hand_commands(*identity, std::move(id), std::move(respond));
    case Target::Kind::result:
      return take_result(request, target.command, *identity, std::move(id), std::move(respond));
  }
}

void Ingest::take_messages(const net::Request& request, const Identity& identity, std::string id,
                           net::Respond respond) {
  const auto packing = *encoding_of(header_of(request, "content-encoding"));
  std::variant<Bytes, Refusal> unpacked;
  if (packing != packing::Packing::none)
    unpacked = unpack_body(packing, request.body, options_.body_bytes_max);
  if (const auto* refused = std::get_if<Refusal>(&unpacked)) {
    return respond(problem(refused->status, refused->detail, id));
  }
  const BytesView text =
      packing == packing::Packing::none ? request.body : BytesView(std::get<Bytes>(unpacked));
  const std::string topic = record::telemetry_topic(identity.device);
  const BodyLimits limits = body_limits(identity);
  auto body = Body::read(header_of(request, "content-type"), text, topic, limits);
  if (const auto* refused = std::get_if<Refusal>(&body)) {
    if (refused->is_oversize) note_oversize(limits.payload, identity, id);
    return respond(problem(refused->status, refused->detail, id));
  }
  const auto messages = std::get<Body>(body).messages();
  const Duration now = switchboard_->clock().elapsed();
  switchboard_->allowances().of(identity, now).take(messages.size(), text.size(), now);
  store(messages, identity, std::move(id), std::move(respond));
}

void Ingest::take_result(const net::Request& request, std::string_view command,
                         const Identity& identity, std::string id, net::Respond respond) {
  if (!switchboard_->broker().knows_command(identity.company, identity.device, command)) {
    return respond(problem(404,
                           "There is no such command of this device, or it was given more than a "
                           "day ago.",
                           id));
  }
  const BodyLimits limits = body_limits(identity);
  if (const auto refused = check_payload("The body", request.body, limits.payload)) {
    note_oversize(limits.payload, identity, id);
    return respond(problem(refused->status, refused->detail, id));
  }
  const std::string topic = record::command_result_topic(identity.device, command);
  const Incoming message{topic, header_of(request, "content-type"), request.body};
  const Duration now = switchboard_->clock().elapsed();
  switchboard_->allowances().of(identity, now).take(1, request.body.size(), now);
  store({&message, 1}, identity, std::move(id), std::move(respond));
}

// Asking counts as a message does, so that it cannot be done without end.
void Ingest::hand_commands(const Identity& identity, std::string id, net::Respond respond) {
  const Duration now = switchboard_->clock().elapsed();
  switchboard_->allowances().of(identity, now).take(1, 0, now);
  auto places = switchboard_->broker().commands_for(identity.company, identity.device, handed_max);
  if (places.empty()) return respond(commands_answer(Json::array(), id));
  switchboard_->fetch(std::move(places), [weak = weak_from_this(), identity, id,
                                          respond = std::move(respond)](const auto& fetched) {
    const auto found = weak.lock();
    if (!found) return;
    Json commands = Json::array();
    for (const broker::Fetched& each : fetched) {
      if (!each.publication) continue;
      const auto handed =
          found->switchboard_->broker().hand_over(identity.company, identity.device, each.place);
      if (!handed) continue;
      commands.push_back(to_json(*handed, each.publication->payload));
    }
    respond(commands_answer(commands, id));
  });
}

void Ingest::store(std::span<const Incoming> messages, const Identity& identity, std::string id,
                   net::Respond respond) {
  const std::uint64_t number = ++last_exchange_;
  auto exchange =
      std::make_unique<Exchange>(*this, number, std::move(id), identity, std::move(respond));
  Exchange& begun = *exchange;
  exchanges_.emplace(number, std::move(exchange));
  begun.begin(messages);
}

void Ingest::finish(std::uint64_t exchange, net::Response response) {
  const auto ended = exchanges_.extract(exchange);
  if (!ended.empty()) ended.mapped()->take_respond()(std::move(response));
}

std::unique_ptr<net::BodyReader> Ingest::begin_upload(const net::Request& head,
                                                      net::Streaming::Resume resume,
                                                      net::Respond respond) {
  std::optional<Identity> identity;
  Upload::Start start;
  start.id = id_of(head);
  auto refused = judge(head, start.id, identity);
  if (!refused && uploads_.size() >= options_.uploads_max) {
    refused =
        problem(503, "As many long requests are under way as may be: send it again.", start.id);
  }
  if (refused) {
    respond(*std::move(refused));
    return std::make_unique<UploadReader>(weak_from_this(), 0);
  }
  start.number = ++last_upload_;
  start.identity = *std::move(identity);
  start.content_type = header_of(head, "content-type");
  start.packing = *encoding_of(header_of(head, "content-encoding"));
  const std::uint64_t number = start.number;
  uploads_.emplace(number, std::make_unique<Upload>(*this, std::move(start), std::move(resume),
                                                    std::move(respond)));
  return std::make_unique<UploadReader>(weak_from_this(), number);
}

Upload* Ingest::upload(std::uint64_t number) {
  const auto found = uploads_.find(number);
  return found == uploads_.end() ? nullptr : found->second.get();
}

void Ingest::finish_upload(std::uint64_t number, net::Response response) {
  const auto ended = uploads_.extract(number);
  if (!ended.empty()) ended.mapped()->take_respond()(std::move(response));
}

void Ingest::look_around() {
  const Duration now = switchboard_->clock().elapsed();
  std::vector<std::uint64_t> overdue;
  for (const auto& [number, exchange] : exchanges_) {
    if (now - exchange->since() >= options_.answer_span_max) overdue.push_back(number);
  }
  for (const std::uint64_t number : overdue) {
    const auto& exchange = exchanges_.at(number);
    finish(number,
           problem(503,
                   exchange->is_waiting()
                       ? "The stream is full: nothing was taken, send it again."
                       : "The disk is slow: it is not certain that the messages are stored, send "
                         "them again.",
                   exchange->id()));
  }
  std::vector<std::uint64_t> uploads;
  for (const auto& [number, upload] : uploads_)
    uploads.push_back(number);
  for (const std::uint64_t number : uploads)
    upload(number)->look_around(now);
}

}  // namespace cauce::gateway::http
