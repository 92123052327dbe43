// What came of the commands: reads `raw`, where the gateway writes it (record::CommandStep), and
// keeps it in the store with the position it has come to, in one transaction. All else in `raw` is
// passed over by its first bytes. What left the stream before it was read is told in the log: the
// commands that it was about stay as they are.
//
// It also notes where the stream has the commands, and forgets old ones.
#pragma once

#include <memory>
#include <mutex>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "commands/store.h"
#include "stream/stream.h"
#include "work/signal.h"
#include "work/worker.h"

namespace cauce::commands {

// A group of `raw` that only says how far it is: retention does not ask for it.
constexpr std::string_view cursor_group = "commands";

struct FollowerLimits {
  // After it came to the end of `raw` it rests so long: what came meanwhile is read at once.
  Duration rest = std::chrono::milliseconds{100};
  // When no step came, the position is kept so often …
  Duration keep_interval = std::chrono::seconds{10};
  // … and told to those who want to know how far it is.
  Duration tell_interval = std::chrono::seconds{1};
  // A full disk, or another's lock, is tried again after this.
  Duration retry_interval = std::chrono::seconds{1};
  std::size_t read_bytes_max = 1 << 20;
  // A command and what came of it are kept so long after it was given.
  Duration kept = std::chrono::hours{24 * 30};
  Duration forget_interval = std::chrono::minutes{1};
  std::size_t forget_max = 100;  // in one transaction
};

// What the writer of `commands` made durable and the store does not know yet. Any thread.
class Notes {
 public:
  void add(Noted noted);
  // All of them; put back what could not be kept.
  std::vector<Noted> take();
  void put_back(std::vector<Noted> noted);

 private:
  std::mutex mutex_;  // guards noted_
  std::vector<Noted> noted_;
};

class Follower final : public work::Worker {
 public:
  // Begins at the end of `raw` when it never followed it. `raw` and `clock` outlive it.
  static Result<std::unique_ptr<Follower>> open(std::unique_ptr<Store> store, stream::Topic& raw,
                                                std::shared_ptr<Notes> notes, const Clock& clock,
                                                FollowerLimits limits);

  std::string_view name() const override { return "command-steps"; }
  Result<work::Progress> step() override;
  void wait(Duration span_max) override;
  void wake() override;

 private:
  Follower(std::unique_ptr<Store> store, std::unique_ptr<stream::Reader> raw,
           std::unique_ptr<stream::Cursors> cursors, std::shared_ptr<Notes> notes,
           const Clock& clock, FollowerLimits limits);

  // Each answers whether it did anything.
  Result<bool> work();
  Result<bool> note();
  Result<bool> follow();
  Result<bool> forget();

  // The next records; what is gone is passed over.
  Result<stream::Batch> read();
  Result<void> keep(const std::vector<Step>& steps, stream::Position position);
  Result<void> tell();

  const std::unique_ptr<Store> store_;
  const std::unique_ptr<stream::Reader> raw_;
  const std::unique_ptr<stream::Cursors> cursors_;
  const std::shared_ptr<Notes> notes_;
  const Clock& clock_;
  const FollowerLimits limits_;

  stream::Position position_;  // what comes before it was looked at …
  stream::Position kept_;      // … and is kept
  Duration kept_at_{0};
  stream::Position told_;
  Duration told_at_{0};
  Duration forgot_at_;
  Duration rest_until_{0};
  bool complained_ = false;
  work::Signal woken_;
};

}  // namespace cauce::commands
