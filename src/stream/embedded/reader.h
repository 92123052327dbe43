// The reader of a topic: one PartitionReader for each partition asked for, and the sleep on a head.
#pragma once

#include <atomic>
#include <map>
#include <memory>

#include "stream/embedded/partition_reader.h"
#include "work/signal.h"

namespace cauce::stream::embedded {

class EmbeddedReader final : public Reader {
 public:
  // `directory` is the topic's, which need not exist yet.
  explicit EmbeddedReader(std::unique_ptr<disk::Directory> directory)
      : directory_(std::move(directory)) {}

  Result<Position> first(Partition partition) override;
  Result<Position> end(Partition partition) override;
  Result<Batch> read(Partition partition, Position from, std::size_t bytes_max) override;
  Result<Position> position_at(Partition partition, Time time) override;
  Result<Position> derived_end(Partition partition, Partition source) override;
  void wait(Partition partition, Position known, Duration span_max) override;
  void wake() override;

 private:
  // `invalid` when the number is beyond any topic's.
  Result<PartitionReader*> reader_of(Partition partition);

  const std::unique_ptr<disk::Directory> directory_;
  std::map<Partition, std::unique_ptr<PartitionReader>> readers_;
  work::Signal signal_;  // for the time before there is a head
  std::atomic<bool> woken_{false};
  std::atomic<const Head*> waiting_on_{nullptr};
};

}  // namespace cauce::stream::embedded
