#include "api/api.h"

#include <fmt/core.h>

#include <deque>
#include <mutex>
#include <optional>

#include "api/access.h"
#include "api/chart_desk.h"
#include "api/ingest.h"
#include "api/json.h"
#include "api/links.h"
#include "api/metrics_page.h"
#include "api/page.h"
#include "api/pulse.h"
#include "api/query.h"
#include "api/repeats.h"
#include "api/respond.h"
#include "api/routes.h"
#include "api/sign_in.h"
#include "api/upload_place.h"
#include "base/log.h"
#include "crypto/crypto.h"
#include "net/request_id.h"
#include "work/signal.h"

namespace cauce::api {
namespace {

constexpr std::string_view rest_prefix = "/api/";
// Not a row of routes.h: who may ask depends on where we listen.
constexpr Route metrics_route{"GET", "/metrics", Need::owner, Scope::none, "", show_metrics};
constexpr std::string_view repeat_header = "idempotency-key";
constexpr std::size_t path_shown_max = 256;
// Nothing but our own files, no inline scripts, in no frame of others.
constexpr std::string_view content_security_policy =
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

// A request that waits for the worker.
struct Waiting {
  net::Request request;
  Match match;
  std::string id;
  net::Respond respond;
  // Of a head alone, whose body is to come: where that goes. Refusals go through `respond`.
  net::Spooling::Place place = {};
};

// For the log: a path may hold any byte, and be long.
std::string shown_path(std::string_view path) {
  std::string shown(path.substr(0, path_shown_max));
  for (char& character : shown) {
    if (static_cast<unsigned char>(character) < 0x20 || character == 0x7F) character = '?';
  }
  return shown;
}

// How a request is counted: by the row it fits, never by its path.
std::string route_label(std::string_view path, const Match& match, const PageFile* file) {
  if (match.route != nullptr)
    return fmt::format("{} {}", match.route->method, match.route->pattern);
  if (path == "/healthz") return "GET /healthz";
  if (Ingest::takes(path)) return std::string(Ingest::route);
  return file == nullptr ? "none" : "page";
}

class LiveApi final : public Api, private work::Worker {
 public:
  LiveApi(const House& house, const Options& options)
      : house_(house),
        options_(options),
        pulse_(house),
        ingest_(house.gateway, house.platform.ingest_address()),
        id_start_(to_hex(house.random.bytes(6))),
        repeats_(std::make_shared<Repeats>(Repeats::Limits{
            .answers_max = options.repeats_max, .bytes_max = options.repeats_bytes_max})),
        sign_in_(options_, [this] { arrived_.set(); }) {}

  net::Serve serve() override {
    return [this](const net::Request& request, net::Respond respond) {
      receive(request, std::move(respond));
    };
  }
  net::Spooling spooling() override;
  net::Response refusal(int status, std::string_view why, const net::Request& head) override;
  work::Worker& worker() override { return *this; }
  work::Worker& password_worker() override { return sign_in_.passwords; }

 private:
  // On the loop's thread.
  void receive(const net::Request& request, net::Respond respond);
  std::string next_id() { return fmt::format("{}-{}", id_start_, ++requests_); }
  // `respond`, which then also counts and logs what is answered.
  net::Respond noted(const net::Request& request, std::string route, const std::string& id,
                     net::Respond respond) const;
  void receive_head(const net::Request& head, net::Spooling::Place place);
  void enqueue(Waiting waiting);
  std::string too_large(const net::Request& head) const;
  net::Response page(const net::Request& request, const PageFile& file, std::string_view id) const;
  net::Response health(const net::Request& request, std::string_view id) const;

  // On the worker's thread.
  std::string_view name() const override { return "api"; }
  Result<work::Progress> step() override;
  void wait(Duration span_max) override;
  void wake() override { arrived_.set(); }
  std::optional<Waiting> next();
  void work_on(const Waiting& waiting);
  // The answer, or what HTTP says instead of one.
  net::Response response_to(const Waiting& waiting, bool& later);
  // Who asks and about which company, into the call; or the refusal.
  std::optional<net::Response> admit_call(const Waiting& waiting, Call& call);
  std::optional<net::Response> place_body(const Waiting& waiting);
  Result<Caller> caller_for(const Waiting& waiting);
  Result<void> check_query(const Route& route, const net::Request& request) const;
  // Runs the handler, or gives what it gave before to the same Idempotency-Key.
  Result<Answer> handle(const Route& route, Call& call);

  const House house_;
  const Options options_;
  Pulse pulse_;
  Ingest ingest_;
  const std::string id_start_;
  std::uint64_t requests_ = 0;  // the loop's thread only

  // Answers to commands may still come when this is gone.
  const std::shared_ptr<Repeats> repeats_;

  // Why nothing more can be written; the worker's thread only.
  std::optional<Error> failure_;

  work::Signal arrived_;
  std::mutex mutex_;  // guards waiting_
  std::deque<Waiting> waiting_;

  // Last, because it wakes us.
  SignIn sign_in_;
};

void LiveApi::receive(const net::Request& request, net::Respond plain_respond) {
  std::string id = net::request_id_of(request, next_id());
  Match match = find_route(request.method, request.path);
  const PageFile* file = page_file(request.path);
  if (request.path == metrics_route.pattern) {
    match.allowed = metrics_route.method;
    if (request.method == metrics_route.method) match.route = &metrics_route;
  }
  net::Respond respond =
      noted(request, route_label(request.path, match, file), id, std::move(plain_respond));
  if (request.path == "/healthz") return respond(health(request, id));
  if (Ingest::takes(request.path)) return ingest_.hand_on(request, id, std::move(respond));
  if (file != nullptr) return respond(page(request, *file, id));
  if (match.route == nullptr && match.allowed.empty())
    return respond(problem(404,
                           request.path.starts_with(rest_prefix)
                               ? "There is nothing at this path: the routes are in "
                                 "/api/v1/openapi.yaml."
                               : "There is nothing at this path: the page is at /.",
                           id));
  if (match.route == nullptr) {
    net::Response refused =
        problem(405, fmt::format("This path knows {} only.", match.allowed), id);
    refused.headers.emplace_back("Allow", match.allowed);
    return respond(std::move(refused));
  }
  if (request.body.size() > options_.body_bytes_max)
    return respond(problem(
        413, fmt::format("The body may have {} bytes at most.", options_.body_bytes_max), id));
  enqueue({request, std::move(match), std::move(id), std::move(respond)});
}

net::Spooling LiveApi::spooling() {
  net::Spooling spooling;
  spooling.wants = [](const net::Request& head) {
    const Match match = find_route(head.method, head.path);
    return match.route != nullptr &&
           (match.route->extra == Extra::takes_file || match.route->extra == Extra::continues_file);
  };
  spooling.decide = [this](const net::Request& head, net::Spooling::Place place) {
    receive_head(head, std::move(place));
  };
  return spooling;
}

void LiveApi::receive_head(const net::Request& head, net::Spooling::Place place) {
  std::string id = net::request_id_of(head, next_id());
  Match match = find_route(head.method, head.path);
  // Counted and logged only when the upload ends here.
  net::Respond refuse = noted(head, route_label(head.path, match, nullptr), id,
                              [place](net::Response response) { place(std::move(response)); });
  enqueue({head, std::move(match), std::move(id), std::move(refuse), std::move(place)});
}

net::Respond LiveApi::noted(const net::Request& request, std::string route, const std::string& id,
                            net::Respond respond) const {
  // What the answer's thread needs: it may outlive this.
  return [&clock = house_.clock, began = house_.clock.elapsed(), meters = options_.meters,
          method = request.method, path = request.path, peer = request.peer,
          route = std::move(route), id, respond = std::move(respond)](net::Response response) {
    const Duration span = clock.elapsed() - began;
    const std::string status = std::to_string(response.status);
    meters.requests.at({route, status}).add();
    meters.durations.at({route}).observe(span);
    if (log::writes(log::Level::detail)) {
      const std::string spent = fmt::format("{:.1f}", static_cast<double>(span.count()) / 1000);
      const std::string shown = shown_path(path);
      log::detail(fmt::format("request {}: {} {} from {}: {} in {} ms", id, method, shown, peer,
                              status, spent),
                  {{"request_id", id},
                   {"method", method},
                   {"path", shown},
                   {"peer", peer},
                   {"status", status},
                   {"milliseconds", spent}});
    }
    respond(std::move(response));
  };
}

std::string LiveApi::too_large(const net::Request& head) const {
  if (Ingest::takes(head.path)) {
    const auto gateway = house_.platform.ingest_address();
    return fmt::format(
        "Messages that come through this port may have {} bytes at most in one request. Send "
        "NDJSON "
        "of any length to the port for devices{}, or send it in parts.",
        options_.handed_on_bytes_max, gateway ? fmt::format(" ({})", gateway->port) : "");
  }
  return fmt::format("The body may have {} bytes at most.", options_.body_bytes_max);
}

net::Response LiveApi::refusal(int status, std::string_view why, const net::Request& head) {
  const std::string id = net::request_id_of(head, next_id());
  options_.meters.requests.at({"none", std::to_string(status)}).add();
  if (!why.empty() && status != 500) return problem(status, why, id);
  if (status == 500) return problem(Error{Outcome::corrupt, std::string(why)}, id);
  switch (status) {
    case 408: return problem(status, "The request was not complete in time.", id);
    case 413: return problem(status, too_large(head), id);
    case 503:
      return problem(status, "Too many requests are under way: send it again in a second.", id);
    case 431: return problem(status, "The headers are too large.", id);
    default: return problem(400, "This is no HTTP/1.1 request.", id);
  }
}

void LiveApi::enqueue(Waiting waiting) {
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() < options_.requests_waiting_max) {
      waiting_.push_back(std::move(waiting));
      arrived_.set();
      return;
    }
  }
  waiting.respond(
      problem(503, "Too many requests are waiting: try again in a second.", waiting.id));
}

net::Response LiveApi::page(const net::Request& request, const PageFile& file,
                            std::string_view id) const {
  if (request.method != "GET") {
    net::Response refused = problem(405, "This path knows GET only.", id);
    refused.headers.emplace_back("Allow", "GET");
    return refused;
  }
  net::Response response;
  response.headers.emplace_back("Content-Type", std::string(file.content_type));
  response.headers.emplace_back("Content-Security-Policy", std::string(content_security_policy));
  response.body = file.content;
  add_common_headers(response, id);
  return response;
}

net::Response LiveApi::health(const net::Request& request, std::string_view id) const {
  if (request.method != "GET") {
    net::Response refused = problem(405, "This path knows GET only.", id);
    refused.headers.emplace_back("Allow", "GET");
    return refused;
  }
  const auto sample = pulse_.last();
  const Health judged = judge(sample.get(), house_.clock.elapsed(), options_);
  Json problems = Json::array();
  for (const Problem& found : judged.problems) {
    problems.push_back(found.english);
  }
  Json json = {{"status", judged.ok ? "ok" : "attention"},
               {"open", options_.open},
               {"version", CAUCE_VERSION},
               {"problems", problems}};
  Answer told = answer(judged.ok ? 200 : 503, json);
  return api::respond(std::move(told), id);
}

std::optional<Waiting> LiveApi::next() {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) return std::nullopt;
  Waiting first = std::move(waiting_.front());
  waiting_.pop_front();
  return first;
}

Result<work::Progress> LiveApi::step() {
  const bool beaten = pulse_.beat();
  if (beaten) ingest_.set_address(house_.platform.ingest_address());
  const auto waiting = next();
  if (waiting) work_on(*waiting);
  const auto delivered = sign_in_.passwords.deliver();
  if (!delivered && delivered.error().outcome == Outcome::corrupt) failure_ = delivered.error();
  if (failure_) return failure_->during("api");
  return beaten || waiting || !delivered || *delivered ? work::Progress::worked
                                                       : work::Progress::idle;
}

void LiveApi::wait(Duration span_max) {
  arrived_.wait(std::min(span_max, pulse_.until_next()));
}

void LiveApi::work_on(const Waiting& waiting) {
  if (waiting.place) {
    auto refusal = place_body(waiting);
    if (refusal) waiting.respond(std::move(*refusal));
    return;
  }
  bool later = false;
  net::Response response = response_to(waiting, later);
  if (!later) waiting.respond(std::move(response));
}

Result<void> LiveApi::check_query(const Route& route, const net::Request& request) const {
  for (const auto& [name, value] : request.query) {
    const bool company = route.scope == Scope::query && name == "company";
    // `query` is a list of words: a name is known when it is one of them as a whole.
    const std::string words = fmt::format(" {} ", route.query);
    const bool word = name.find(' ') == std::string::npos;
    if (company || (word && words.find(fmt::format(" {} ", name)) != std::string::npos)) continue;
    return Error{Outcome::invalid,
                 fmt::format("The query parameter \"{}\" is not known here.", name.substr(0, 64))};
  }
  return {};
}

Result<Caller> LiveApi::caller_for(const Waiting& waiting) {
  const net::Request& request = waiting.request;
  const Time now = house_.clock.now();
  if (waiting.match.route->extra != Extra::by_link || !comes_by_link(request))
    return recognise(request, house_.registry, now);
  const std::string& name = waiting.match.parameters[0];
  const auto pin =
      house_.charts.pins().find(company_by_link(request), name.substr(0, name.find('.')));
  return caller_by_link(request, options_.link_key,
                        pin ? std::optional{pin->created_at} : std::nullopt, now);
}

std::optional<net::Response> LiveApi::admit_call(const Waiting& waiting, Call& call) {
  const net::Request& request = waiting.request;
  const Route& route = *waiting.match.route;
  const auto refreshed = house_.registry.refresh();
  if (!refreshed) return problem(refreshed.error(), waiting.id);
  call.parameters = waiting.match.parameters;
  const bool is_metrics = &route == &metrics_route;
  const bool unasked = is_metrics && may_see_metrics_unasked(options_, request);
  if (route.need != Need::nobody && !unasked) {
    const auto caller = caller_for(waiting);
    if (!caller) return problem(401, caller.error().message, waiting.id);
    call.caller = *caller;
    const auto admitted = admit(call.caller, route, request);
    if (!admitted) return problem(admitted.error(), waiting.id);
  }
  const auto checked = check_query(route, request);
  if (!checked) return problem(checked.error(), waiting.id);
  if (route.scope != Scope::none) {
    const std::string named =
        route.scope == Scope::path ? call.parameters[0] : parameter(call, "company");
    const auto company = company_of(call.caller, named, house_.registry, options_.open);
    if (!company) return problem(company.error(), waiting.id);
    call.company = *company;
  }
  return std::nullopt;
}

std::optional<net::Response> LiveApi::place_body(const Waiting& waiting) {
  Call call{.house = house_,
            .options = options_,
            .pulse = pulse_,
            .sign_in = sign_in_,
            .request = waiting.request};
  if (auto refusal = admit_call(waiting, call)) return refusal;
  const auto placed = upload_place(call, waiting.match.route->extra);
  if (!placed) return problem(placed.error(), waiting.id);
  if (const auto* refusal = std::get_if<Answer>(&*placed))
    return api::respond(*refusal, waiting.id);
  waiting.place(std::get<net::BodyTarget>(*placed));
  return std::nullopt;
}

net::Response LiveApi::response_to(const Waiting& waiting, bool& later) {
  const net::Request& request = waiting.request;
  const Route& route = *waiting.match.route;
  Call call{.house = house_,
            .options = options_,
            .pulse = pulse_,
            .sign_in = sign_in_,
            .request = request};
  if (auto refusal = admit_call(waiting, call)) return std::move(*refusal);
  call.finish = [respond = waiting.respond, id = waiting.id](const Result<Answer>& result) {
    respond(api::respond(result, id));
  };
  const Result<Answer> result = handle(route, call);
  // A failed disk: it is answered, and the process starts again. What is only read may be damaged
  // without that.
  const bool writes = request.method != "GET";
  if (writes && !result && result.error().outcome == Outcome::corrupt) failure_ = result.error();
  later = result && result->later;
  return later ? net::Response{} : api::respond(result, waiting.id);
}

Result<Answer> LiveApi::handle(const Route& route, Call& call) {
  const auto header = call.request.headers.find(std::string(repeat_header));
  const bool repeatable = route.method == "POST" && route.need != Need::nobody;
  if (!repeatable || header == call.request.headers.end()) return route.handler(call);
  if (!Repeats::is_key(header->second))
    return Error{Outcome::invalid,
                 fmt::format("\"Idempotency-Key\" must be 1 to {} printable ASCII characters "
                             "without spaces.",
                             Repeats::key_bytes_max)};
  const std::string key = call.caller.token_hash + header->second;
  Bytes request;
  put_sized(request, call.request.path);
  put_sized(request, call.company.empty() ? parameter(call, "company") : call.company);
  put_sized(request, call.request.body);
  put_u64(request, call.request.file ? call.request.file->bytes() : 0);
  call.repeat_key = crypto::sha256(key);
  call.repeat_request = crypto::sha256(request);
  Repeats::Found found = repeats_->begin(key, call.repeat_request, house_.clock.elapsed());
  switch (found.verdict) {
    case Repeats::Verdict::fresh: break;
    case Repeats::Verdict::answered:
      options_.meters.repeats.add();
      found.answer.headers.emplace_back("Idempotency-Replayed", "true");
      return std::move(found.answer);
    case Repeats::Verdict::working:
      return Answer::refused(409,
                             "The first request with this Idempotency-Key is still being worked "
                             "on: try again in a second.");
    case Repeats::Verdict::other: return key_reused();
  }
  call.finish = [finish = call.finish, repeats = repeats_, key](const Result<Answer>& result) {
    repeats->finish(key, result);
    finish(result);
  };
  Result<Answer> result = route.handler(call);
  if (!result || !result->later) repeats_->finish(key, result);
  return result;
}

}  // namespace

std::unique_ptr<Api> make_api(const House& house, const Options& options) {
  return std::make_unique<LiveApi>(house, options);
}

}  // namespace cauce::api
