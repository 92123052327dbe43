#include <fmt/core.h>
#include <malloc.h>

#include <algorithm>
#include <cstdio>
#include <optional>
#include <utility>

#include "api/api.h"
#include "api/chart_desk.h"
#include "api/data_desk.h"
#include "api/report_desk.h"
#include "app/api_sources.h"
#include "app/link_key.h"
#include "app/tls.h"
#include "app/wiring.h"
#include "base/log.h"
#include "crypto/crypto.h"
#include "net/http.h"
#include "record/command.h"

namespace cauce::app {
namespace {

constexpr const char* command_line_title = "command line";
constexpr std::string_view key_mark = "?key=";
constexpr Duration owner_link_span = std::chrono::hours{24};

constexpr Duration violation_interval = std::chrono::seconds{1};

// Of this process. A picture takes buffers of some MB and leaves them again. As it comes, glibc
// gives them back to the kernel, from which they then come page by page: a third of the time of
// the scatter plot of cars (bench/chart_service). So much may be free at the end of an arena.
constexpr int free_bytes_max = 16 << 20;

void keep_free_memory() {
  mallopt(M_MMAP_THRESHOLD, free_bytes_max);
  mallopt(M_TRIM_THRESHOLD, free_bytes_max);
}

class ApiRole final : public Role {
 public:
  Result<void> open(const Machine& machine, Listeners listeners);

  std::vector<work::Worker*> workers() override {
    return {&commands_->worker(), &desk_->worker(), &api_->worker(),    &api_->password_worker(),
            &reports_->worker(),  &data_->worker(), &charts_->worker(), retention_.get()};
  }
  std::vector<net::Loop*> loops() override { return {loop_.get()}; }

 private:
  Result<void> open_desks(const Machine& machine);
  void note_violation(const Clock& clock, std::string_view peer, std::string_view why);
  Result<void> ensure_local_token(const Machine& machine);
  Result<void> ensure_owner_link(const Machine& machine, const net::Address& http);

  // First, so that it goes last: answers that wait at the end still go to it.
  std::unique_ptr<net::Loop> loop_;
  std::unique_ptr<net::HttpClient> gateway_;
  std::unique_ptr<business::Store> store_;
  std::unique_ptr<business::Business> business_;
  std::unique_ptr<business::Registry> registry_;
  std::unique_ptr<recent::Reader> recent_;
  std::unique_ptr<stream::Reader> raw_;
  std::unique_ptr<stream::Topic> raw_topic_;
  std::unique_ptr<stream::Writer> commands_;
  std::unique_ptr<commands::Desk> desk_;
  std::unique_ptr<api::AlarmHistory> alarms_;
  std::unique_ptr<api::DeadLetterShelf> dead_letters_;
  std::unique_ptr<ledger::LedgerReader> ledger_;
  std::unique_ptr<api::Platform> platform_;
  std::unique_ptr<objects::Objects> objects_;
  std::unique_ptr<api::ReportDesk> reports_;
  std::unique_ptr<api::DataDesk> data_;
  std::unique_ptr<api::ChartDesk> charts_;
  std::unique_ptr<api::Api> api_;
  std::unique_ptr<work::Worker> retention_;

  // The loop's thread only: when a broken connection was told, and how many were not since.
  std::optional<Duration> violation_told_at_;
  std::uint64_t violations_untold_ = 0;
};

// One line a second at most, for anybody can make them come.
void ApiRole::note_violation(const Clock& clock, std::string_view peer, std::string_view why) {
  const Duration now = clock.elapsed();
  if (violation_told_at_ && now - *violation_told_at_ < violation_interval) {
    ++violations_untold_;
    return;
  }
  violation_told_at_ = now;
  const std::uint64_t untold = std::exchange(violations_untold_, 0);
  log::notice(fmt::format("an unknown client at {} (REST interface): closed: {}{}", peer, why,
                          untold > 0 ? fmt::format("; {} more before it", untold) : ""));
}

// Whoever may read the data directory is an owner: the command line uses this token.
Result<void> ApiRole::ensure_local_token(const Machine& machine) {
  const Result<std::string> known = machine.run.read_token();
  if (known && registry_->access_token(crypto::sha256(*known)) != nullptr) return {};
  const std::string token = crypto::make_token(machine.random);
  business::AccessToken access;
  access.token_hash = crypto::sha256(token);
  access.access = business::Access::owner;
  access.title = command_line_title;
  if (auto done = business_->create(access); !done) return done;
  return machine.run.write_token(token);
}

// The key of the link that an earlier start left, when it still opens.
std::optional<std::string> unused_key(const Machine& machine, const business::Registry& registry) {
  const Result<std::string> link = machine.run.read_owner_link();
  if (!link) return std::nullopt;
  const std::size_t mark = link->find(key_mark);
  if (mark == std::string::npos) return std::nullopt;
  const std::string key = link->substr(mark + key_mark.size());
  const business::AccessToken* token = registry.access_token(crypto::sha256(key));
  const bool opens = token != nullptr && token->once && token->expires_at > machine.clock.now();
  return opens ? std::optional{key} : std::nullopt;
}

// Until somebody has a login, there is a link that gives one, once.
Result<void> ApiRole::ensure_owner_link(const Machine& machine, const net::Address& http) {
  for (const business::AccessToken* token : registry_->access_tokens()) {
    if (token->title != command_line_title && !token->once) return machine.run.remove_owner_link();
  }
  for (const business::User* user : registry_->users()) {
    const bool is_owner = user->company.empty() && user->access == business::Access::owner;
    if (is_owner && user->enabled) return machine.run.remove_owner_link();
  }
  std::optional<std::string> key = unused_key(machine, *registry_);
  if (!key) {
    key = crypto::make_token(machine.random);
    business::AccessToken access;
    access.token_hash = crypto::sha256(*key);
    access.access = business::Access::owner;
    access.title = "first owner";
    access.once = true;
    access.expires_at = machine.clock.now() + owner_link_span;
    if (auto done = business_->create(access); !done) return done;
  }
  const std::string link = fmt::format("http://{}:{}/{}{}", http.host, http.port, key_mark, *key);
  std::printf("  open  %s  (once, within 24 h; creates your login)\n", link.c_str());
  std::fflush(stdout);
  return machine.run.write_owner_link(link);
}

// What works on its own thread for the api.
Result<void> ApiRole::open_desks(const Machine& machine) {
  keep_free_memory();
  const std::filesystem::path scratch = machine.engines.data() / "scratch";
  objects_ = machine.engines.objects();
  api::ReportDeskOptions reports;
  reports.report.table.temporary_directory = scratch / "reports";
  reports_ = api::make_report_desk(*objects_, machine.clock, std::move(reports));
  api::DataDeskOptions data;
  data.directory = scratch / "uploads";
  data_ = api::make_data_desk(*objects_, machine.random, machine.clock, std::move(data));
  if (auto opened = data_->open(); !opened) return opened;
  api::ChartDeskOptions charts;
  charts.facts.table.temporary_directory = scratch / "charts";
  charts_ = api::make_chart_desk(*objects_, *data_, *recent_, machine.clock, std::move(charts));
  if (auto opened = charts_->open(); !opened) return opened;
  data_->when_expired([this](const std::string& company, const std::string& id) {
    if (auto removed = charts_->pins().remove_of(company, id); !removed)
      log::warning(removed.error().message);
  });
  return {};
}

Result<void> ApiRole::open(const Machine& machine, Listeners listeners) {
  auto listener = take(listeners, "http");
  INVARIANT(listener);  // it is always open
  store_ = machine.engines.business(machine.random);
  if (auto done = put(store_->open_writer(), business_); !done) return done;
  if (auto done = put(store_->open_registry(), registry_); !done) return done;
  if (const Result<bool> read = registry_->refresh(); !read) return read.error();
  if (auto done = ensure_local_token(machine); !done) return done;
  if (auto done = ensure_owner_link(machine, listener->address()); !done) return done;

  if (auto done = put(machine.engines.recent_reader(), recent_); !done) return done;
  if (auto done = put(open_reader(machine, "raw"), raw_); !done) return done;
  if (auto done = put(open_writer(machine, "commands"), commands_); !done) return done;
  raw_topic_ = machine.engines.topic("raw");
  if (auto done = put(commands::Desk::open(machine.engines.data(), {*commands_, *raw_topic_,
                                                                    machine.clock, machine.random}),
                      desk_);
      !done) {
    return done;
  }
  if (auto done = put(retain_topic(machine, "commands", *commands_, {}, record::command_wait_max),
                      retention_);
      !done) {
    return done;
  }
  alarms_ = make_alarm_history(machine);
  dead_letters_ = make_dead_letter_shelf(machine);
  ledger_ = std::make_unique<ledger::LedgerReader>(machine.engines.data());
  if (auto done = put(make_platform(machine), platform_); !done) return done;

  if (auto done = open_desks(machine); !done) return done;

  api::Options options;
  options.open = machine.config.open;
  options.recent_time_to_live = machine.config.recent_ttl;
  options.metrics_open = is_loopback(machine.config.http.host);
  options.meters = api::Meters::in(machine.metrics);
  if (auto done =
          put(read_or_make_link_key(machine.engines.data(), machine.random), options.link_key);
      !done) {
    return done;
  }
  // What waits for its window to end is not behind.
  options.oldest_unprocessed_max +=
      std::max(machine.config.lake_window, machine.config.warehouse_window);
  loop_ = net::Loop::create();
  gateway_ = net::HttpClient::create(*loop_, {});
  api_ = api::make_api(
      {machine.clock, machine.random, *registry_, *business_, *recent_, *raw_, *desk_, *alarms_,
       *dead_letters_, *ledger_, *platform_, *gateway_, *reports_, *data_, *charts_},
      options);
  net::HttpOptions http;
  http.body_bytes_max = options.handed_on_bytes_max;
  http.on_violation = [this, &clock = machine.clock](std::string_view peer, std::string_view why) {
    note_violation(clock, peer, why);
  };
  http.refusal = [this](int status, std::string_view why, const net::Request& head) {
    return api_->refusal(status, why, head);
  };
  http.spooling = api_->spooling();
  std::vector<net::HttpDoor> doors;
  doors.push_back({std::move(*listener)});
  if (auto encrypted = take(listeners, "http_tls")) {
    std::shared_ptr<net::TlsServer> tls;
    if (auto done = put(open_tls(machine, *loop_, {}), tls); !done) return done;
    doors.push_back({std::move(*encrypted), std::move(tls)});
  }
  return net::serve_http(*loop_, std::move(doors), api_->serve(), std::move(http));
}

}  // namespace

Result<std::unique_ptr<Role>> make_api(const Machine& machine, Listeners listeners) {
  return open_role<ApiRole>(machine, std::move(listeners));
}

}  // namespace cauce::app
