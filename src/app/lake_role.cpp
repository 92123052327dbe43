#include "app/wiring.h"
#include "decode/decryptor.h"
#include "lake/lake.h"

namespace cauce::app {
namespace {

// Lends the lake what decode knows of keys.
class LakeDecryptor final : public lake::Decryptor {
 public:
  explicit LakeDecryptor(business::Registry& registry) : decryptor_(registry) {}

  std::optional<Bytes> decrypt(const record::Message& message) override {
    return decryptor_.decrypt(message);
  }
  Result<void> refresh() { return decryptor_.refresh(); }

 private:
  decode::PayloadDecryptor decryptor_;
};

// The lake's sink, with the keys as they are when a batch comes.
class RefreshingSink final : public delivery::Sink {
 public:
  RefreshingSink(delivery::Sink& sink, LakeDecryptor& decryptor)
      : sink_(sink), decryptor_(decryptor) {}

  Result<stream::Position> resume_at() override { return sink_.resume_at(); }
  Result<void> deliver(const stream::Batch& batch) override {
    if (auto done = decryptor_.refresh(); !done) return done;
    return sink_.deliver(batch);
  }

 private:
  delivery::Sink& sink_;
  LakeDecryptor& decryptor_;
};

class LakeRole final : public Role {
 public:
  Result<void> open(const Machine& machine);
  std::vector<work::Worker*> workers() override { return {to_lake_.get()}; }

 private:
  std::unique_ptr<business::Registry> registry_;
  std::unique_ptr<LakeDecryptor> decryptor_;
  std::unique_ptr<objects::Objects> objects_;
  std::unique_ptr<delivery::Sink> lake_;
  std::unique_ptr<RefreshingSink> refreshing_;
  std::unique_ptr<work::Worker> to_lake_;
};

Result<void> LakeRole::open(const Machine& machine) {
  const Config& config = machine.config;
  if (auto done = put(open_registry(machine), registry_); !done) return done;
  decryptor_ = std::make_unique<LakeDecryptor>(*registry_);
  objects_ = machine.engines.objects();
  lake::Options options;
  options.files.scratch_directory = machine.engines.data() / "scratch" / "lake";
  if (auto done = put(lake::open_lake(*objects_, *decryptor_, machine.clock, options), lake_);
      !done) {
    return done;
  }
  refreshing_ = std::make_unique<RefreshingSink>(*lake_, *decryptor_);
  const delivery::Options batches{.window = config.lake_window,
                                  .batch_bytes_max = config.lake_batch_bytes_max,
                                  .retry_interval = whole_batch_retry_interval};
  return put(deliver_topic(machine, "raw", "lake", *refreshing_, batches), to_lake_);
}

}  // namespace

Result<std::unique_ptr<Role>> make_lake(const Machine& machine) {
  return open_role<LakeRole>(machine);
}

}  // namespace cauce::app
