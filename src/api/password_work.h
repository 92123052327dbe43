// Passwords, hashed and compared. One takes 64 MiB and a tenth of a second on purpose, so it has a
// worker of its own: however many people sign in, the api's worker goes on. A bounded queue; one at
// a time, so that memory is bounded too.
#pragma once

#include <deque>
#include <functional>
#include <mutex>
#include <string>

#include "base/result.h"
#include "crypto/password.h"
#include "work/signal.h"
#include "work/worker.h"

namespace cauce::api {

class PasswordWork final : public work::Worker {
 public:
  // What follows, on the api's thread. An error is one that it has answered already, for the log
  // and for whoever must stop.
  using Verified = std::function<Result<void>(bool matches)>;
  using Hashed = std::function<Result<void>(Result<std::string> hash)>;

  // `finished` is called on this worker's thread whenever deliver() has something to do.
  PasswordWork(const crypto::PasswordCost& cost, std::size_t waiting_max,
               std::function<void()> finished);

  // The api's thread. `exhausted` when waiting_max wait. Nobody's hash is empty: comparing with it
  // fails, after as long as with any other.
  Result<void> verify(std::string password, std::string hash, Verified then);
  Result<void> hash(std::string password, Hashed then);

  // The api's thread: runs what follows one finished piece of work. False when there is none.
  Result<bool> deliver();

  std::string_view name() const override { return "passwords"; }
  Result<work::Progress> step() override;
  void wait(Duration span_max) override { arrived_.wait(span_max); }
  void wake() override { arrived_.set(); }

 private:
  using Work = std::function<std::function<Result<void>()>()>;  // gives what follows

  Result<void> add(Work work);
  bool matches(const std::string& password, const std::string& hash) const;

  const crypto::PasswordCost cost_;
  const std::size_t waiting_max_;
  const std::function<void()> finished_;
  std::string nobodys_hash_;  // this worker's thread only
  work::Signal arrived_;
  std::mutex mutex_;  // guards what follows
  std::deque<Work> waiting_;
  std::deque<std::function<Result<void>()>> done_;
  std::size_t unfinished_ = 0;  // waiting, or being worked on
};

}  // namespace cauce::api
