// Follows the topic `commands` and hands what is new to the loop.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "net/net.h"
#include "record/command.h"
#include "stream/stream.h"
#include "work/signal.h"
#include "work/worker.h"

namespace cauce::gateway {

class CommandsFollower final : public work::Worker {
 public:
  struct Command {
    record::CommandRecord record;
    stream::Position position;
  };
  // Runs on the loop's thread.
  using Deliver = std::function<void(std::vector<Command>& commands)>;

  CommandsFollower(net::Loop& loop, std::unique_ptr<stream::Reader> reader, stream::Position from,
                   Deliver deliver);

  std::string_view name() const override { return "commands"; }
  Result<work::Progress> step() override;
  void wait(Duration span_max) override;
  void wake() override;

 private:
  // One batch at a time is on its way to the loop; it may outlive the follower.
  struct Transit;

  Result<work::Progress> skip_to_first();

  net::Loop& loop_;
  std::unique_ptr<stream::Reader> reader_;
  stream::Position position_;
  std::shared_ptr<Transit> transit_;
};

}  // namespace cauce::gateway
