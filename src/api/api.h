// The REST interface under /api/v1, the health answer at /healthz and the page at /. What each
// route takes and answers is docs/guides/api.md; the routes are one table, routes.h.
//
// A request arrives on the HTTP loop, which answers the page and the health at once from memory
// and queues the rest. One worker thread takes requests from that queue, reads the stores and
// answers. A full queue answers 503 with Retry-After.
//
// What devices send to this port is handed on to the gateway's (ingest.h), from the loop.
#pragma once

#include <memory>

#include "api/attempts.h"
#include "api/meters.h"
#include "api/sources.h"
#include "base/clock.h"
#include "base/random.h"
#include "business/business.h"
#include "commands/desk.h"
#include "crypto/password.h"
#include "ledger/ledger_reader.h"
#include "net/http.h"
#include "recent/recent.h"
#include "stream/stream.h"
#include "work/worker.h"

namespace cauce::api {

struct Options {
  // The gateway runs with --open: the company `open` exists, health says so.
  bool open = false;

  std::size_t requests_waiting_max = 256;  // more: 503
  std::size_t body_bytes_max = 256 << 10;  // more: 413
  // Of messages for the gateway; more: 413. What the server before us takes.
  std::size_t handed_on_bytes_max = 4 << 20;
  std::size_t company_tokens_max = 1000;              // more: 409
  std::size_t device_commands_max = 100;              // waiting or sent; more: 409
  std::size_t company_commands_max = 100'000;         // given in 24 hours; more: 429
  std::uint64_t company_command_bytes_max = 1 << 30;  // of their payloads; more: 429

  // For an Idempotency-Key, see repeats.h.
  std::size_t repeats_max = 10'000;
  std::size_t repeats_bytes_max = 16 << 20;

  // GET /metrics needs no token; set when only this machine can ask.
  bool metrics_open = false;
  Meters meters = {};

  // Health: sentences begin beyond these.
  Duration gateway_silent_max = std::chrono::seconds{5};
  Duration oldest_unprocessed_max = std::chrono::minutes{5};  // beside the window
  double disk_free_low = 0.15;                                // of the disk: the oldest segments go
  double disk_free_refused = 0.05;                            // of the disk: the gateway refuses

  // A device that sent nothing for so long is listed as silent, with or without a rule.
  Duration device_silent = std::chrono::minutes{15};
  // Of recent; days that start before it are not whole.
  Duration recent_time_to_live = std::chrono::hours{24 * 90};
  Duration session_span = std::chrono::hours{24 * 90};
  Duration owner_link_span = std::chrono::hours{1};  // of one made on request

  crypto::PasswordCost password_cost;
  std::size_t passwords_waiting_max = 16;  // more: 503
  Attempts::Options sign_in_attempts;      // more: 429

  // Signs links that show a chart without a token. Another key ends all of them.
  Bytes link_key = {};
  Duration link_span = std::chrono::hours{24 * 30};  // when none is asked for
  Duration link_span_max = std::chrono::hours{24 * 366};
};

class ReportDesk;
class DataDesk;
class ChartDesk;

// Everything the api works on. All of it outlives the Api. `registry`, `business`, `raw` and the
// sources are used by the worker's thread only.
struct House {
  Clock& clock;
  Random& random;
  business::Registry& registry;
  business::Business& business;
  recent::Reader& recent;
  stream::Reader& raw;
  commands::Desk& commands;
  AlarmHistory& alarms;
  DeadLetterShelf& dead_letters;
  ledger::LedgerReader& ledger;
  Platform& platform;
  net::HttpClient& gateway;  // on the loop that serve() is called from
  ReportDesk& reports;
  DataDesk& data;
  ChartDesk& charts;
};

class Api {
 public:
  virtual ~Api() = default;

  // For net::serve_http, whose loop thread calls it. At the end, stop that thread first; then
  // destroy the Api and the writer of `commands`, which may hold unanswered requests, and the loop
  // after both.
  virtual net::Serve serve() = 0;

  // For net::HttpOptions: bodies that are uploads go to files of DataDesk, after their heads were
  // judged like any request.
  virtual net::Spooling spooling() = 0;

  // What a request is answered that is no HTTP or beyond a limit of net::HttpOptions. The loop's
  // thread.
  virtual net::Response refusal(int status, std::string_view why, const net::Request& head) = 0;

  // Answers the queued requests and samples the installation once a second; one thread.
  virtual work::Worker& worker() = 0;

  // Compares passwords, which takes long on purpose; another thread.
  virtual work::Worker& password_worker() = 0;
};

std::unique_ptr<Api> make_api(const House& house, const Options& options);

}  // namespace cauce::api
