#include "app/wiring.h"
#include "processing/processing.h"
#include "warehouse/dimensions.h"
#include "warehouse/facts.h"

namespace cauce::app {
namespace {

// Joins the warehouse to delivery, its neighbour.
class FactsSink final : public delivery::Sink {
 public:
  FactsSink(objects::Objects& objects, const Clock& clock, warehouse::FactsOptions options)
      : facts_(objects, clock, std::move(options)) {}

  Result<void> open() { return facts_.open(); }
  Result<stream::Position> resume_at() override { return facts_.resume_at(); }
  Result<void> deliver(const stream::Batch& batch) override { return facts_.deliver(batch); }

 private:
  warehouse::Facts facts_;
};

class ProcessingRole final : public Role {
 public:
  Result<void> open(const Machine& machine);

  std::vector<work::Worker*> workers() override {
    return {&facts_->worker(), to_facts_.get(), to_warehouse_.get(), follower_.get(),
            retention_.get()};
  }

 private:
  std::unique_ptr<business::Registry> registry_;
  std::unique_ptr<stream::Writer> facts_;
  std::unique_ptr<processing::Processing> processing_;
  std::unique_ptr<work::Worker> to_facts_;
  std::unique_ptr<objects::Objects> objects_;
  std::unique_ptr<FactsSink> warehouse_;
  std::unique_ptr<work::Worker> to_warehouse_;
  std::unique_ptr<business::Registry> followed_;  // by the dimensions
  std::unique_ptr<warehouse::Dimensions> dimensions_;
  std::unique_ptr<work::Worker> follower_;
  std::unique_ptr<work::Worker> retention_;
};

Result<void> ProcessingRole::open(const Machine& machine) {
  const Config& config = machine.config;
  if (auto done = put(open_registry(machine), registry_); !done) return done;
  if (auto done = put(open_writer(machine, "facts"), facts_); !done) return done;
  processing_ = std::make_unique<processing::Processing>(*registry_, *facts_,
                                                         processing::Processing::Partitions{});
  if (auto done =
          put(deliver_topic(machine, "readings", "processing", *processing_, {}), to_facts_);
      !done) {
    return done;
  }

  objects_ = machine.engines.objects();
  warehouse::FactsOptions options;
  options.files.scratch_directory = machine.engines.data() / "scratch" / "facts";
  warehouse_ = std::make_unique<FactsSink>(*objects_, machine.clock, options);
  if (auto done = warehouse_->open(); !done) return done;
  const delivery::Options batches{.window = config.warehouse_window,
                                  .batch_bytes_max = config.warehouse_batch_bytes_max,
                                  .retry_interval = whole_batch_retry_interval};
  if (auto done =
          put(deliver_topic(machine, "facts", "warehouse", *warehouse_, batches), to_warehouse_);
      !done) {
    return done;
  }
  if (auto done = put(open_registry(machine), followed_); !done) return done;
  dimensions_ = std::make_unique<warehouse::Dimensions>(
      *objects_, *followed_, machine.clock,
      warehouse::DimensionsOptions{.scratch_directory =
                                       machine.engines.data() / "scratch" / "dimensions"});
  if (auto done = dimensions_->open(); !done) return done;
  follower_ = warehouse::follow_business(*dimensions_);
  return put(retain_topic(machine, "facts", *facts_, {"warehouse", "jobs"}), retention_);
}

}  // namespace

Result<std::unique_ptr<Role>> make_processing(const Machine& machine) {
  return open_role<ProcessingRole>(machine);
}

}  // namespace cauce::app
