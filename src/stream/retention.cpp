#include "stream/retention.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "base/log.h"
#include "work/signal.h"

namespace cauce::stream {
namespace {

// Room is made in this many parts of what may go, oldest first, looking at the disk after each.
constexpr std::uint64_t parts = 32;

class Retention final : public work::Worker {
 public:
  Retention(Writer& writer, std::unique_ptr<Reader> reader, std::unique_ptr<Cursors> cursors,
            disk::FreeSpace& free_space, const Clock& clock, RetentionOptions options)
      : writer_(writer),
        reader_(std::move(reader)),
        cursors_(std::move(cursors)),
        free_space_(free_space),
        clock_(clock),
        options_(std::move(options)) {}

  std::string_view name() const override { return "retention"; }

  Result<work::Progress> step() override {
    const Duration now = clock_.elapsed();
    if (looked_at_ && now - *looked_at_ < options_.interval) return work::Progress::idle;
    looked_at_ = now;
    for (std::uint32_t number = 0; number < options_.partitions; ++number) {
      if (auto done = retain(Partition{number}); !done) {
        // Nothing is lost by keeping too much; a full disk makes itself heard.
        log::warning(fmt::format("retention of partition {}: {}", number, done.error().message));
      }
    }
    return work::Progress::worked;
  }

  void wait(Duration span_max) override { signal_.wait(std::min(span_max, options_.interval)); }
  void wake() override { signal_.set(); }

 private:
  Result<void> retain(Partition partition) {
    auto passed = passed_by_groups(partition);
    if (!passed) return passed.error();
    auto old = reader_->position_at(partition, clock_.now() - options_.age_max);
    if (!old) return old.error();
    if (auto done = writer_.trim(partition, std::min(*old, *passed)); !done) return done;
    return make_room(partition, *passed);
  }

  // What every named group has passed; the first position kept when one never committed.
  Result<Position> passed_by_groups(Partition partition) {
    auto passed = reader_->end(partition);
    for (const std::string& group : options_.groups) {
      auto committed = cursors_->committed(group, partition);
      if (!committed) return committed.error();
      if (!*committed) return reader_->first(partition);
      if (passed) passed = std::min(*passed, **committed);
    }
    return passed;
  }

  Result<void> make_room(Partition partition, Position passed) {
    auto first = reader_->first(partition);
    if (!first) return first.error();
    if (passed <= *first) return {};
    const std::uint64_t count = passed.number - first->number;
    for (std::uint64_t part = 1; part <= parts; ++part) {
      auto space = free_space_.measure();
      if (!space) return space.error();
      if (!space->below_percent(options_.free_percent_min)) return {};
      // Divided first: count * part could overflow. The last part reaches all that was passed.
      const std::uint64_t reach = part == parts ? count : count / parts * part;
      const Position before{first->number + reach};
      if (auto done = writer_.trim(partition, before); !done) return done;
    }
    return {};
  }

  Writer& writer_;
  const std::unique_ptr<Reader> reader_;
  const std::unique_ptr<Cursors> cursors_;
  disk::FreeSpace& free_space_;
  const Clock& clock_;
  const RetentionOptions options_;
  work::Signal signal_;
  std::optional<Duration> looked_at_;
};

}  // namespace

std::unique_ptr<work::Worker> retain(Writer& writer, std::unique_ptr<Reader> reader,
                                     std::unique_ptr<Cursors> cursors, disk::FreeSpace& free_space,
                                     const Clock& clock, RetentionOptions options) {
  return std::make_unique<Retention>(writer, std::move(reader), std::move(cursors), free_space,
                                     clock, std::move(options));
}

Result<bool> must_refuse_intake(disk::FreeSpace& free_space) {
  auto space = free_space.measure();
  if (!space) return space.error();
  return space->below_percent(intake_free_percent_min);
}

}  // namespace cauce::stream
