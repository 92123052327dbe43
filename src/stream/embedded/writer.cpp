#include "stream/embedded/writer.h"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

#include "stream/embedded/cursors.h"

namespace cauce::stream::embedded {
namespace {

constexpr std::size_t worker_name_bytes_max = 15;

}  // namespace

EmbeddedWriter::EmbeddedWriter(const std::string& topic, const Options& options)
    : topic_(topic),
      name_(topic.substr(0, worker_name_bytes_max)),
      options_(options),
      in_flight_(options.bytes_in_flight_max) {}

Result<std::unique_ptr<Writer>> EmbeddedWriter::open(std::unique_ptr<disk::Directory> directory,
                                                     const std::string& topic,
                                                     const Options& options, const Clock& clock) {
  if (auto made = directory->make(); !made) return made.error();
  std::unique_ptr<EmbeddedWriter> writer{new EmbeddedWriter{topic, options}};
  auto lock = directory->lock("lock", options.program, options.lock_span_max);
  if (!lock) return lock.error().during("open the writer of topic " + topic);
  writer->lock_ = std::move(*lock);
  for (std::uint32_t number = 0; number < options.partitions; ++number) {
    auto given = end_of_cursors(*directory, {number});
    if (!given) return given.error();
    auto log = PartitionLog::open(directory->directory(std::to_string(number)), topic, {number},
                                  *given, writer->options_, clock, writer->in_flight_);
    if (!log) return log.error();
    writer->logs_.push_back(std::move(*log));
  }
  return std::unique_ptr<Writer>{std::move(writer)};
}

Result<void> EmbeddedWriter::check(Partition partition) const {
  if (partition.number < logs_.size()) return {};
  return Error{Outcome::invalid, fmt::format("topic {} has {} partitions; there is no partition {}",
                                             topic_, logs_.size(), partition.number)};
}

Result<void> EmbeddedWriter::append(Partition partition, std::vector<Bytes> records,
                                    Acknowledge acknowledge) {
  if (auto checked = check(partition); !checked) return checked;
  if (records.empty()) return Error{Outcome::invalid, "an append without records says nothing"};
  auto cost = in_flight_.cost_of(records);
  if (!cost) return cost.error();
  if (auto entered = in_flight_.enter(*cost); !entered) return entered;
  auto added = logs_[partition.number]->pending().add(records, *cost, std::move(acknowledge));
  if (!added) {
    in_flight_.leave(*cost);
    return added.error();
  }
  options_.meters.appends.add();
  if (*added) signal_.set();
  return {};
}

Result<void> EmbeddedWriter::append_derived(Partition partition, std::vector<Bytes> records,
                                            Source source) {
  if (auto checked = check(partition); !checked) return checked;
  auto cost = in_flight_.cost_of(records);
  if (!cost) return cost.error();
  if (*cost > body_bytes_max) {
    return Error{Outcome::invalid, fmt::format("a derived append of {} bytes is over the limit of "
                                               "{}: derive less of the source at once",
                                               *cost, body_bytes_max)};
  }
  // Empty ones are not free: each is a frame header.
  const std::size_t whole_cost = std::min(*cost + frame_header_bytes, options_.bytes_in_flight_max);
  if (auto entered = in_flight_.enter(whole_cost); !entered) return entered;
  auto added = logs_[partition.number]->pending().add_derived(records, whole_cost, source);
  if (!added) {
    in_flight_.leave(whole_cost);
    return added.error();
  }
  options_.meters.appends.add();
  if (*added) signal_.set();
  return {};
}

Position EmbeddedWriter::derived_end(Partition partition, Partition source) const {
  if (!check(partition)) return {};
  return logs_[partition.number]->pending().derived_end(source);
}

Position EmbeddedWriter::derived_end_durable(Partition partition, Partition source) const {
  if (!check(partition)) return {};
  return logs_[partition.number]->derived_end_durable(source);
}

Result<void> EmbeddedWriter::trim(Partition partition, Position before) {
  if (auto checked = check(partition); !checked) return checked;
  return logs_[partition.number]->trim(before);
}

Result<work::Progress> EmbeddedWriter::step() {
  for (std::size_t tries = 0; tries < logs_.size(); ++tries) {
    PartitionLog& log = *logs_[next_];
    next_ = (next_ + 1) % logs_.size();
    auto progress = log.step();
    if (!progress || *progress == work::Progress::worked) return progress;
  }
  return work::Progress::idle;
}

void EmbeddedWriter::wait(Duration span_max) {
  for (const auto& log : logs_)
    span_max = std::min(span_max, log->rest_max());
  signal_.wait(span_max);
}

}  // namespace cauce::stream::embedded
