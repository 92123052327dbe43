#include "gateway/commands.h"

#include <fmt/core.h>

#include <atomic>

#include "base/log.h"

namespace cauce::gateway {
namespace {

constexpr stream::Partition only_partition{0};
constexpr std::size_t batch_bytes_max = 256 << 10;

}  // namespace

struct CommandsFollower::Transit {
  Deliver deliver;
  std::atomic<bool> occupied{false};
  work::Signal arrived;
};

CommandsFollower::CommandsFollower(net::Loop& loop, std::unique_ptr<stream::Reader> reader,
                                   stream::Position from, Deliver deliver)
    : loop_(loop),
      reader_(std::move(reader)),
      position_(from),
      transit_(std::make_shared<Transit>()) {
  transit_->deliver = std::move(deliver);
}

Result<work::Progress> CommandsFollower::step() {
  if (transit_->occupied) return work::Progress::idle;
  auto batch = reader_->read(only_partition, position_, batch_bytes_max);
  if (!batch) {
    if (batch.error().outcome == Outcome::not_found) return skip_to_first();
    if (batch.error().outcome == Outcome::unavailable) return work::Progress::idle;
    return batch.error().during("read commands");
  }
  if (batch->from == batch->to) return work::Progress::idle;
  position_ = batch->to;
  auto commands = std::make_shared<std::vector<Command>>();
  stream::Position position = batch->from;
  for (const BytesView record : batch->records) {
    auto decoded = record::decode_command(record);
    if (!decoded) return decoded.error().during("read commands");
    commands->push_back({std::move(*decoded), position});
    ++position.number;
  }
  transit_->occupied = true;
  loop_.post([transit = transit_, commands] {
    transit->deliver(*commands);
    transit->occupied = false;
    transit->arrived.set();
  });
  return work::Progress::worked;
}

Result<work::Progress> CommandsFollower::skip_to_first() {
  auto first = reader_->first(only_partition);
  if (!first) return first.error().during("read commands");
  log::warning(fmt::format("commands {} to {} are past their retention and were not delivered",
                           position_.number, first->number));
  position_ = *first;
  return work::Progress::worked;
}

void CommandsFollower::wait(Duration span_max) {
  if (transit_->occupied) {
    transit_->arrived.wait(span_max);
  } else {
    reader_->wait(only_partition, position_, span_max);
  }
}

void CommandsFollower::wake() {
  transit_->arrived.set();
  reader_->wake();
}

}  // namespace cauce::gateway
