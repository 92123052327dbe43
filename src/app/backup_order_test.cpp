#include "app/backup_order.h"

#include <doctest/doctest.h>

#include <cstdlib>
#include <set>

#include "alarms/store.h"
#include "commands/store.h"
#include "decode/dead_letters.h"
#include "ledger/ledger.h"
#include "objects/manifest.h"
#include "sql/database.h"

namespace cauce::app {
namespace {

namespace fs = std::filesystem;
using stream::Partition;
using stream::Position;
using stream::Source;

constexpr Partition only{0};
constexpr Time noon = from_microseconds(1'795'262'400'000'000);

struct Scratch {
  fs::path path;
  Scratch() {
    std::string name = (fs::temp_directory_path() / "backup_test_XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
    fs::create_directory(path / "data");
  }
  ~Scratch() { fs::remove_all(path); }
};

void must(const Result<void>& result) {
  if (!result) FAIL(result.error().message);
}

template <class T>
T must(Result<T> result) {
  if (!result) FAIL(result.error().message);
  return std::move(*result);
}

std::uint64_t number_in(sql::Database& database, std::string_view query) {
  auto statement = must(database.prepare(query));
  REQUIRE(must(statement.step()));
  return std::uint64_t(statement.integer(0));
}

// All stores with their writers, as roles use them: one message at a time goes all the way.
class World {
 public:
  World(const Engines& engines, VirtualClock& clock)
      : clock_(clock),
        raw_(must(engines.topic("raw")->open_writer())),
        readings_(must(engines.topic("readings")->open_writer())),
        facts_(must(engines.topic("facts")->open_writer())),
        events_(must(engines.topic("events")->open_writer())),
        objects_(engines.objects()),
        lake_(*objects_, "lake"),
        warehouse_(*objects_, "facts"),
        jobs_(must(engines.jobs())),
        dead_letters_(must(decode::DeadLetters::open(engines.data()))),
        ledger_(must(ledger::Ledger::open(engines.data(), only, clock))),
        history_(must(commands::Store::open(engines.data(), sql::Durability::unsynced))),
        alarms_(must(sql::Database::open(engines.data() / "alarms.db", sql::Durability::synced))) {
    must(lake_.open(noon));
    must(warehouse_.open(noon));
    must(alarms::prepare_tables(alarms_));
  }

  void go_on() {
    clock_.advance(std::chrono::seconds{1});
    const Source next{only, {count_}, {count_ + 1}};
    ++count_;
    must(raw_->append(only, {"message"}, nullptr));
    step(*raw_);
    commit(lake_, next);
    must(dead_letters_->replace(next, {letter_at(next.from)}, noon));
    count(next.from);
    must(history_->apply({}, only, next.to));
    derive(*readings_, next);
    judge(next);
    derive(*events_, next);
    must(alarms_.execute("DELETE FROM outbox"));
    derive(*facts_, next);
    commit(warehouse_, next);
    must(jobs_->add({}, next));
  }

 private:
  static void step(stream::Writer& writer) { must(writer.worker().step()); }

  static void derive(stream::Writer& writer, const Source& source) {
    must(writer.append_derived(only, {"derived"}, source));
    step(writer);
  }

  void commit(objects::Manifest& manifest, const Source& source) {
    must(manifest.commit({.epoch = 0,
                          .partition = 0,
                          .from = source.from.number,
                          .to = source.to.number,
                          .committed_at = clock_.now(),
                          .objects = {}}));
  }

  void judge(const Source& source) {
    auto transaction = must(sql::Transaction::begin(alarms_));
    auto progress = must(alarms_.prepare("UPDATE progress SET cursor = ?, next_event = ?"));
    must(progress.bind(1, std::int64_t(source.to.number))
             .bind(2, std::int64_t(source.to.number))
             .run());
    auto outbox = must(alarms_.prepare("INSERT INTO outbox VALUES(?, x'00')"));
    must(outbox.bind(1, std::int64_t(source.from.number)).run());
    must(transaction.commit());
  }

  void count(Position position) {
    ledger::Arrival arrival;
    arrival.received_at = clock_.now();
    must(ledger_->enter(position, "acme", "m", arrival));
    must(ledger_->keep());
  }

  static decode::DeadLetter letter_at(Position position) {
    decode::DeadLetter letter;
    letter.origin.position = position.number;
    letter.message.company = "acme";
    letter.message.device = "m";
    letter.message.received_at = noon;
    letter.stage = "parse";
    letter.reason = "not JSON";
    return letter;
  }

  VirtualClock& clock_;
  std::unique_ptr<stream::Writer> raw_;
  std::unique_ptr<stream::Writer> readings_;
  std::unique_ptr<stream::Writer> facts_;
  std::unique_ptr<stream::Writer> events_;
  std::unique_ptr<objects::Objects> objects_;
  objects::Manifest lake_;
  objects::Manifest warehouse_;
  std::unique_ptr<jobs::Jobs> jobs_;
  std::unique_ptr<decode::DeadLetters> dead_letters_;
  std::unique_ptr<ledger::Ledger> ledger_;
  std::unique_ptr<commands::Store> history_;
  sql::Database alarms_;
  std::uint64_t count_ = 0;
};

// A cauce that was restored, at the moment of its first start.
class Restored {
 public:
  Restored(const fs::path& data, const Clock& clock)
      : data_(data), clock_(clock), engines_(data, clock), objects_(engines_.objects()) {}

  Position end(std::string_view topic) const {
    const auto writer = must(engines_.topic(topic)->open_writer());
    return must(must(engines_.topic(topic)->open_reader())->end(only));
  }
  Position derived_end(std::string_view topic) const {
    return must(engines_.topic(topic)->open_writer())->derived_end(only, only);
  }
  Position cursor_of(const std::string& prefix) const {
    objects::Manifest manifest{*objects_, prefix};
    must(manifest.refresh());
    return {manifest.cursor(0)};
  }
  Position counted_to() const {
    return must(ledger::Ledger::open(data_, only, clock_))->resume({});
  }
  Position followed_to() const {
    const auto history = must(commands::Store::open(data_, sql::Durability::unsynced));
    return must(history->position(only)).value_or(Position{});
  }
  Position jobs_cursor() const { return must(must(engines_.jobs())->cursor(only)); }
  std::uint64_t in_alarms(std::string_view query) const {
    auto database = must(sql::Database::open_read_only(data_ / "alarms.db"));
    return number_in(database, query);
  }
  std::uint64_t letters_before(Position position) const {
    auto database = must(sql::Database::open_read_only(data_ / "dead_letters.db"));
    return number_in(database, "SELECT count(*) FROM dead_letters WHERE position < " +
                                   std::to_string(position.number));
  }

 private:
  const fs::path data_;
  const Clock& clock_;
  const Engines engines_;
  const std::unique_ptr<objects::Objects> objects_;
};

}  // namespace

TEST_CASE("in a backup nobody is ahead of his source and nothing lies between two stores") {
  const Scratch scratch;
  VirtualClock clock{noon};
  const Engines engines{scratch.path / "data", clock};
  World world{engines, clock};
  world.go_on();
  world.go_on();
  auto target = must(BackupTarget::open(scratch.path / "backup"));
  BackupNote note;
  // The whole way of a message between any two copies.
  must(copy_stores(engines, true, *target, note, [&](std::string_view) { world.go_on(); }));
  fs::copy(target->stores(), scratch.path / "restored", fs::copy_options::recursive);
  note = must(target->finish(note));
  fs::copy(scratch.path / "backup" / "objects", scratch.path / "restored" / "objects",
           fs::copy_options::recursive);

  const Restored restored{scratch.path / "restored", clock};
  CHECK(restored.end("raw") >= Position{2});
  CHECK(note.topics.at("raw").end == restored.end("raw").number);
  CHECK(restored.cursor_of("lake") >= Position{2});
  CHECK(restored.cursor_of("lake") <= restored.end("raw"));
  CHECK(restored.derived_end("readings") <= restored.end("raw"));
  CHECK(restored.derived_end("facts") <= restored.end("readings"));
  CHECK(restored.cursor_of("facts") <= restored.end("facts"));
  CHECK(restored.jobs_cursor() <= restored.end("facts"));
  CHECK(Position{restored.in_alarms("SELECT cursor FROM progress")} <= restored.end("readings"));
  // What was counted beyond the end of raw would not be counted when it comes.
  CHECK(restored.counted_to() >= Position{2});
  CHECK(restored.counted_to() <= restored.end("raw"));
  // What is in raw beyond it is followed; what was followed beyond raw would be passed over.
  CHECK(restored.followed_to() >= Position{2});
  CHECK(restored.followed_to() <= restored.end("raw"));
  // Each message of this world is undecodable: what readings have passed has its dead letter.
  const Position decoded = restored.derived_end("readings");
  CHECK(restored.letters_before(decoded) == decoded.number);
  // An event is in the topic, or waits in the outbox, or will be made again: one of them.
  const std::uint64_t made = restored.in_alarms("SELECT next_event FROM progress");
  const std::uint64_t sent = restored.derived_end("events").number;
  CHECK(sent <= made);
  CHECK(restored.in_alarms("SELECT count(*) FROM outbox WHERE sequence >= " +
                           std::to_string(sent)) == made - sent);
}

TEST_CASE("a job that is done while a backup runs is in it as a job or as its result") {
  const Scratch scratch;
  VirtualClock clock{noon};
  const Engines engines{scratch.path / "data", clock};
  const auto jobs = must(engines.jobs());
  const auto recent = must(engines.recent_writer(std::chrono::days{90}));
  constexpr int count = 40;
  std::vector<jobs::NewJob> added;
  for (int number = 0; number < count; ++number)
    added.push_back({"acme/m/" + std::to_string(number), "facts"});
  must(jobs->add(added, {only, {0}, {count}}));
  const auto work = [&](std::string_view) {
    const auto lease = must(jobs->lease("worker", noon, std::chrono::minutes{1}, 256));
    if (lease.jobs.empty()) return;
    recent::Change change;
    for (const jobs::Job& job : lease.jobs)
      change.minutes.push_back({job.series, noon, {{.time = noon, .value = 1.0, .origin = {}}}});
    must(recent->commit(change));
    must(jobs->finish(lease, noon));
  };
  work("before");
  auto target = must(BackupTarget::open(scratch.path / "backup"));
  BackupNote note;
  must(copy_stores(engines, true, *target, note, work));

  const Engines copy{target->stores(), clock};
  const auto waiting = must(copy.jobs_gauge()->depth());
  const auto reader = must(copy.recent_reader());
  std::uint64_t missing = 0;
  const auto jobs_of_copy = must(copy.jobs());
  std::set<std::string> series;
  while (true) {
    const auto lease = must(jobs_of_copy->lease("test", noon, std::chrono::minutes{1}, 256));
    if (lease.jobs.empty()) break;
    for (const jobs::Job& job : lease.jobs)
      series.insert(job.series);
  }
  for (const jobs::NewJob& job : added) {
    const bool has_result = !must(reader->minute(job.series, noon)).empty();
    if (!has_result && !series.contains(job.series)) ++missing;
  }
  CHECK(waiting.jobs > 0);
  CHECK(missing == 0);
}

}  // namespace cauce::app
