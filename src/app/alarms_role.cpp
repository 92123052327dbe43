#include <fmt/core.h>

#include "alarms/alarms.h"
#include "alarms/outbox.h"
#include "app/wiring.h"
#include "base/log.h"

namespace cauce::app {
namespace {

// Each batch is one synced commit.
constexpr delivery::Options judging{.window = std::chrono::milliseconds{200}};

class AlarmsRole final : public Role {
 public:
  Result<void> open(const Machine& machine);

  std::vector<work::Worker*> workers() override {
    return {&events_->worker(), to_alarms_.get(), outbox_.get(), retention_.get()};
  }

 private:
  Result<void> pass_over_what_left(const Machine& machine);

  std::unique_ptr<business::Registry> registry_;
  std::unique_ptr<stream::Writer> events_;
  std::unique_ptr<alarms::Alarms> alarms_;
  std::unique_ptr<alarms::Outbox> outbox_;
  std::unique_ptr<work::Worker> to_alarms_;
  std::unique_ptr<work::Worker> retention_;
};

// Alarms never hold retention. What left the stream while they were away is recorded as not
// evaluated.
Result<void> AlarmsRole::pass_over_what_left(const Machine& machine) {
  std::unique_ptr<stream::Reader> readings;
  if (auto done = put(open_reader(machine, "readings"), readings); !done) return done;
  const Result<stream::Position> first = readings->first(stream::Partition{0});
  if (!first) return first.error();
  const Result<stream::Position> resume = alarms_->resume_at();
  if (!resume) return resume.error();
  if (*resume >= *first) return {};
  log::warning(fmt::format("readings {} to {} left the stream before alarms judged them",
                           resume->number, first->number));
  return alarms_->record_skipped(*resume, *first);
}

Result<void> AlarmsRole::open(const Machine& machine) {
  const std::filesystem::path file = machine.engines.data() / "alarms.db";
  if (auto done = put(open_registry(machine), registry_); !done) return done;
  if (auto done = put(open_writer(machine, "events"), events_); !done) return done;
  const stream::Position events_end =
      events_->derived_end(stream::Partition{0}, stream::Partition{0});
  alarms::Options options;
  options.meters = alarms::Meters::in(machine.metrics);
  if (auto done = put(alarms::Alarms::open(file, *registry_, events_end, options), alarms_);
      !done) {
    return done;
  }
  if (auto done = pass_over_what_left(machine); !done) return done;
  std::unique_ptr<stream::Reader> events;
  if (auto done = put(open_reader(machine, "events"), events); !done) return done;
  alarms::Outbox::Options posting;
  posting.waiting = options.meters.outbox;
  if (auto done = put(alarms::Outbox::open(file, *events_, std::move(events), posting), outbox_);
      !done) {
    return done;
  }
  if (auto done = put(retain_topic(machine, "events", *events_, {}), retention_); !done)
    return done;
  return put(deliver_topic(machine, "readings", "alarms", *alarms_, judging), to_alarms_);
}

}  // namespace

Result<std::unique_ptr<Role>> make_alarms(const Machine& machine) {
  return open_role<AlarmsRole>(machine);
}

}  // namespace cauce::app
