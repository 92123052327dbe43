// Keeps the sessions of a gateway over its restarts: restores them when it starts, and makes a
// snapshot of them every minute and at a clean stop, so that a start has little to read and `raw`
// need not be kept for it.
//
// A snapshot is made beside the gateway, not of it: of the last one and of what stands in the
// stream since, on a thread of its own. So the loop never waits for it, and what is restored is
// what was tried a minute ago.
#pragma once

#include <functional>
#include <memory>

#include "base/clock.h"
#include "gateway/broker/broker.h"
#include "gateway/intake.h"
#include "gateway/session_files.h"
#include "gateway/session_replay.h"
#include "work/signal.h"
#include "work/worker.h"

namespace cauce::gateway {

// What sessions are kept in.
struct SessionStore {
  std::unique_ptr<disk::Directory> directory;
  std::unique_ptr<stream::Reader> raw;
  std::unique_ptr<stream::Reader> commands;
  std::unique_ptr<stream::Cursors> cursors;  // of `raw`: retention asks for `group`
};

class SessionKeeper final : public work::Worker {
 public:
  static constexpr std::string_view group = "sessions";
  static constexpr Duration interval = std::chrono::minutes{1};
  // Without changes a snapshot only moves on: past so many records, or so much later.
  static constexpr std::uint64_t idle_records_min = 100'000;
  static constexpr Duration idle_interval = std::chrono::minutes{10};

  // Restores what `store` holds into `broker`, which is empty. `corrupt` when it is damaged.
  static Result<std::unique_ptr<SessionKeeper>> start(SessionStore store, broker::Broker& broker,
                                                      const Clock& clock,
                                                      std::function<Changes()> changes);

  // The last snapshot, of all that is durable: when nobody publishes any more and no other thread
  // steps this. Gives up after close_span_max, for the stop must not wait; then the next start has
  // more to read.
  Result<void> close();
  static constexpr Duration close_span_max = std::chrono::seconds{5};

  ~SessionKeeper() override;
  std::string_view name() const override { return "sessions"; }
  Result<work::Progress> step() override;
  void wait(Duration span_max) override { signal_.wait(std::min(span_max, interval)); }
  void wake() override { signal_.set(); }

 private:
  // The gateway as of an earlier moment.
  struct Shadow;

  SessionKeeper(SessionStore store, const broker::Limits& limits, const Clock& clock,
                std::function<Changes()> changes);
  Result<void> restore(broker::Broker& broker);
  Result<work::Progress> begin();
  Result<work::Progress> go_on();
  Result<void> finish(SessionSnapshot snapshot, bool is_quiet);

  SessionFiles files_;
  SessionStore store_;
  const broker::Limits limits_;
  const Clock& clock_;
  std::function<Changes()> changes_;
  work::Signal signal_;
  Duration looked_at_;
  Duration kept_at_;                 // the newest snapshot
  stream::Position position_;        // of the newest snapshot
  bool is_quiet_ = false;            // nobody subscribed, and nothing was on its way to the disk
  std::uint64_t changes_known_ = 0;  // at the newest snapshot
  std::unique_ptr<Shadow> shadow_;
};

}  // namespace cauce::gateway
