// The writer of a topic: its partitions' logs and the worker that makes them durable in turn.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "stream/embedded/partition_log.h"
#include "work/signal.h"

namespace cauce::stream::embedded {

class EmbeddedWriter final : public Writer, private work::Worker {
 public:
  // `directory` is the topic's. `conflict` naming the holder when it has a writer.
  static Result<std::unique_ptr<Writer>> open(std::unique_ptr<disk::Directory> directory,
                                              const std::string& topic, const Options& options,
                                              const Clock& clock);

  Result<void> append(Partition partition, std::vector<Bytes> records,
                      Acknowledge acknowledge) override;
  Result<void> append_derived(Partition partition, std::vector<Bytes> records,
                              Source source) override;
  Position derived_end(Partition partition, Partition source) const override;
  Position derived_end_durable(Partition partition, Partition source) const override;
  work::Worker& worker() override { return *this; }
  Result<void> trim(Partition partition, Position before) override;

 private:
  EmbeddedWriter(const std::string& topic, const Options& options);

  std::string_view name() const override { return name_; }
  Result<work::Progress> step() override;
  void wait(Duration span_max) override;
  void wake() override { signal_.set(); }

  Result<void> check(Partition partition) const;

  const std::string topic_;
  const std::string name_;
  const Options options_;
  InFlight in_flight_;
  work::Signal signal_;
  std::unique_ptr<disk::Lock> lock_;  // before logs_: they are closed while it is still held
  std::vector<std::unique_ptr<PartitionLog>> logs_;
  std::size_t next_ = 0;  // the partition that has its turn; the writer's thread only
};

}  // namespace cauce::stream::embedded
