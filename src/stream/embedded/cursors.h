// The cursors of a topic: one file for each group, two slots for each partition written in turn, so
// that a torn write leaves the position before it.
#pragma once

#include <memory>
#include <mutex>

#include "disk/directory.h"
#include "stream/stream.h"

namespace cauce::stream::embedded {

// Any thread; one process at a time commits for a group, any may ask.
class EmbeddedCursors final : public Cursors {
 public:
  // `directory` is the topic's, which need not exist yet.
  explicit EmbeddedCursors(const disk::Directory& topic, std::unique_ptr<disk::Directory> groups)
      : topic_(topic.path()), groups_(std::move(groups)) {}

  Result<void> commit(std::string_view group, Partition partition, Position position) override;
  Result<std::optional<Position>> committed(std::string_view group, Partition partition) override;
  Result<std::vector<std::string>> groups() override;

 private:
  const std::string topic_;
  const std::unique_ptr<disk::Directory> groups_;
  std::mutex mutex_;  // one commit at a time
};

// The farthest that a group of the topic has read in the partition: all before it was durable once.
// A cursor that is damaged says nothing.
Result<Position> end_of_cursors(disk::Directory& topic, Partition partition);

}  // namespace cauce::stream::embedded
