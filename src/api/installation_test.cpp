#include "api/installation_test.h"

#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "api/chart_desk.h"
#include "api/data_desk.h"
#include "crypto/crypto.h"
#include "objects/memory/memory.h"
#include "record/message.h"
#include "stream/memory/memory.h"
#include "warehouse/dimensions.h"
#include "warehouse/facts.h"

namespace cauce::api {
namespace {

constexpr crypto::PasswordCost cheap{1, 8192};

DataDeskOptions desk_below(const std::filesystem::path& folder) {
  DataDeskOptions options;
  options.directory = folder / "uploads";
  return options;
}

// An upload as the server hands it over.
class GivenFile final : public net::BodyFile {
 public:
  GivenFile(const std::filesystem::path& folder, const AskedFile& asked)
      : path_(folder / "given"), bytes_(asked.content.size()), asked_(asked) {
    std::ofstream(path_, std::ios::binary) << asked.content;
  }
  const std::filesystem::path& path() const override { return path_; }
  std::uint64_t bytes() const override { return bytes_; }
  const std::string& name() const override { return asked_.name; }
  const std::map<std::string, std::string>& fields() const override { return asked_.fields; }
  std::filesystem::path take() override { return path_; }

 private:
  const std::filesystem::path path_;
  const std::uint64_t bytes_;
  const AskedFile asked_;
};

}  // namespace

Folder::Folder() {
  std::string name = (std::filesystem::temp_directory_path() / "cauce-api-XXXXXX").string();
  REQUIRE(mkdtemp(name.data()) != nullptr);
  path = name;
}
Folder::~Folder() {
  std::filesystem::remove_all(path);
}

void fail(const Error& error) {
  FAIL(error.message);
  std::abort();  // FAIL throws
}

Reply::Reply() = default;
Reply::Reply(const Reply&) = default;
Reply::Reply(Reply&&) noexcept = default;
Reply& Reply::operator=(Reply&&) noexcept = default;
Reply::~Reply() = default;

std::string Reply::lasting() const {
  nlohmann::json rest = body;
  if (rest.is_object()) rest.erase("instance");
  return std::to_string(status) + ' ' + rest.dump();
}

Installation::Installation(Options with)
    : options(with),
      store(business::make_sqlite_store(folder.path, random)),
      business(must(store->open_writer())),
      registry(must(store->open_registry())),
      raw(stream::memory::make_topic("raw", {}, clock)),
      raw_writer(must(raw->open_writer())),
      raw_reader(must(raw->open_reader())),
      commands(stream::memory::make_topic("commands", {}, clock)),
      commands_writer(must(commands->open_writer())),
      desk(must(commands::Desk::open(folder.path, {*commands_writer, *raw, clock, random}))),
      loop(net::Loop::create()),
      gateway(net::HttpClient::create(*loop, {})),
      objects(objects::memory_objects(folder.path)),
      reports(make_report_desk(*objects, clock, {})),
      data(make_data_desk(*objects, random, clock, desk_below(folder.path))),
      charts(make_chart_desk(*objects, *data, recent.reader(), clock, {})) {
  must(data->open());
  must(charts->open());
  options.link_key = Bytes(32, 'l');
  options.password_cost = cheap;
  add_companies();
  add_tokens();
  add_series();
  add_records();
  api = make_api({clock, random, *registry, *business, recent.reader(), *raw_reader, *desk, alarms,
                  letters, ledger, platform, *gateway, *reports, *data, *charts},
                 options);
}
Installation::~Installation() = default;

Reply Installation::ask(const std::string& method, const std::string& path, const Asked& asked) {
  auto reply = std::make_shared<Reply>();
  send(method, path, asked, reply);
  work();
  return *reply;
}

void Installation::send(const std::string& method, const std::string& path, const Asked& asked,
                        const std::shared_ptr<Reply>& reply) {
  net::Request request{method, path, asked.query, asked.headers, asked.body, "127.0.0.1:5000"};
  if (asked.file) request.file = std::make_shared<GivenFile>(folder.path, *asked.file);
  if (!asked.token.empty()) request.headers["authorization"] = "Bearer " + asked.token;
  api->serve()(request, [reply](net::Response response) {
    REQUIRE(reply->status == 0);  // answered once only
    reply->status = response.status;
    for (const auto& [name, value] : response.headers) {
      reply->headers[name] = value;
    }
    reply->text = response.body;
    if (response.body.starts_with('{')) reply->body = nlohmann::json::parse(response.body);
  });
}

void Installation::work() {
  for (bool worked = true; worked;) {
    worked = must(api->worker().step()) == work::Progress::worked;
    worked = must(api->password_worker().step()) == work::Progress::worked || worked;
  }
  if (hold_reports) return;
  while (must(reports->worker().step()) == work::Progress::worked) {
  }
  while (must(data->worker().step()) == work::Progress::worked) {
  }
  if (hold_charts) return;
  while (must(charts->worker().step()) == work::Progress::worked) {
  }
  if (hold_commands) return;
  while (must(commands_writer->worker().step()) == work::Progress::worked) {
  }
  while (must(desk->worker().step()) == work::Progress::worked) {
  }
}

void Installation::pass(Duration span) {
  clock.advance(span);
  work();
}

void Installation::receive(std::vector<Bytes> records) {
  must(raw_writer->append(stream::Partition{0}, std::move(records), [](const auto&) {}));
  while (must(raw_writer->worker().step()) == work::Progress::worked) {
  }
}

void Installation::refresh() {
  must(registry->refresh());
}

void Installation::fill_warehouse() {
  const auto followed = must(store->open_registry());
  warehouse::Dimensions dimensions{
      *objects, *followed, clock, {.scratch_directory = folder.path / "dimensions"}};
  must(dimensions.open());
  CHECK(must(dimensions.follow()));
  record::Fact fact;
  fact.company = "acme";
  fact.site = "plant";
  fact.device = "pump-1";
  fact.metric = "temperature";
  fact.unit = "Cel";
  fact.time = fact.received_at = start;
  fact.value = 21.5;
  warehouse::FactsOptions of_facts;
  of_facts.files.scratch_directory = folder.path / "facts";
  warehouse::Facts facts{*objects, clock, of_facts};
  must(facts.open());
  must(facts.deliver({{0}, {0}, {1}, {record::encode(fact)}, {start}}));
}

void Installation::add_companies() {
  must(business->create(business::Company{"acme", "Acme"}));
  must(business->create(business::Company{"rival", "Rival"}));
  must(business->create(business::Site{"acme", "plant", "Plant", "Europe/Madrid"}));
  business::DeviceType type;
  type.company = "acme";
  type.name = "motor";
  type.metrics.push_back({"t", "temperature", "Cel", 1, 0});
  must(business->create(type));
  business::Device device;
  device.company = "acme";
  device.name = "pump-1";
  device.type = "motor";
  device.site = "plant";
  device.token_hash = crypto::sha256("pump-1-token");
  device.keys = {{1, Bytes(crypto::key_bytes, 'k')}};
  device.created_at = start;
  must(business->create(device));
  business::Rule rule;
  rule.company = "acme";
  rule.name = "hot";
  rule.metric = "temperature";
  rule.raise_at = 80;
  rule.clear_at = 70;
  must(business->create(rule));
}

void Installation::add_token(const std::string& token, const std::string& company,
                             business::Access access) {
  business::AccessToken row;
  row.token_hash = crypto::sha256(token);
  row.company = company;
  row.access = access;
  row.title = token;
  must(business->create(row));
}

void Installation::add_tokens() {
  add_token("acme-viewer", "acme", business::Access::viewer);
  add_token("acme-operator", "acme", business::Access::operator_);
  add_token("acme-owner", "acme", business::Access::owner);
  add_token("rival-owner", "rival", business::Access::owner);
  add_token("all-owner", "", business::Access::owner);
  add_token("all-viewer", "", business::Access::viewer);
}

void Installation::add_series() {
  for (const std::string metric : {"motor/temperature", "temperature"}) {
    const record::Series series{"acme", "pump-1", metric};
    recent::MinutePoints minute{record::to_text(series), start, {}};
    recent::Aggregate window;
    window.start = start;
    window.count = 10;
    window.min = 20;
    window.max = 29;
    window.mean = 24.5;
    window.first_time = start;
    window.last_time = start + std::chrono::seconds{9};
    for (int index = 0; index < 10; ++index) {
      minute.points.push_back({start + std::chrono::seconds{index},
                               20.0 + index,
                               record::Quality::good,
                               {0, static_cast<std::uint64_t>(index), 0, 0}});
      window.sketch.add(20.0 + index);
    }
    recent::Change change;
    change.minutes.push_back(minute);
    change.aggregates.push_back({minute.series, recent::Resolution::minute, window});
    change.aggregates.push_back({minute.series, recent::Resolution::quarter, window});
    change.aggregates.push_back({minute.series, recent::Resolution::hour, window});
    change.summaries.push_back({series, "Cel", minute.points.back()});
    must(recent.commit(change));
  }
}

void Installation::add_records() {
  Alarm alarm;
  alarm.id = 7;
  alarm.company = "acme";
  alarm.rule = "hot";
  alarm.kind = "threshold";
  alarm.severity = "critical";
  alarm.device = "pump-1";
  alarm.metric = "temperature";
  alarm.direction = "above";
  alarm.limit = 80;
  alarm.raised_at = start + std::chrono::seconds{3};
  alarm.since = start + std::chrono::seconds{2};
  alarm.value = 81.5;
  alarm.unit = "Cel";
  alarms.kept.push_back(alarm);
  alarm.id = 6;
  alarm.cleared_at = start + std::chrono::seconds{1};
  alarm.until = start + std::chrono::seconds{1};
  alarm.since = start;
  alarm.clear_reason = "recovered";
  alarms.kept.push_back(alarm);
  letters.kept.push_back({{0, 42},
                          "acme",
                          "pump-1",
                          "devices/pump-1/telemetry",
                          "",
                          start,
                          "decrypt",
                          "key 7 sent, key 3 on record",
                          5,
                          Bytes("\0\xff"
                                "abc",
                                5)});
  letters.kept.push_back({{0, 41},
                          "acme",
                          "pump-1",
                          "devices/pump-1/telemetry",
                          "",
                          start,
                          "decrypt",
                          "key 7 sent, key 3 on record",
                          2,
                          "ab"});
}

}  // namespace cauce::api
