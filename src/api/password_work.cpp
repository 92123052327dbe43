#include "api/password_work.h"

namespace cauce::api {

PasswordWork::PasswordWork(const crypto::PasswordCost& cost, std::size_t waiting_max,
                           std::function<void()> finished)
    : cost_(cost), waiting_max_(waiting_max), finished_(std::move(finished)) {}

Result<void> PasswordWork::verify(std::string password, std::string hash, Verified then) {
  return add([this, password = std::move(password), hash = std::move(hash),
              then = std::move(then)]() -> std::function<Result<void>()> {
    const bool right = matches(password, hash);
    return [then, right] { return then(right); };
  });
}

Result<void> PasswordWork::hash(std::string password, Hashed then) {
  return add([this, password = std::move(password),
              then = std::move(then)]() -> std::function<Result<void>()> {
    auto hashed = crypto::hash_password(password, cost_);
    return [then, hashed = std::move(hashed)] { return then(hashed); };
  });
}

Result<void> PasswordWork::add(Work work) {
  const std::lock_guard lock(mutex_);
  if (unfinished_ >= waiting_max_)
    return Error{Outcome::exhausted, "too many people sign in at this moment: try again"};
  ++unfinished_;
  waiting_.push_back(std::move(work));
  arrived_.set();
  return {};
}

bool PasswordWork::matches(const std::string& password, const std::string& hash) const {
  const bool matches = crypto::matches_password(password, hash.empty() ? nobodys_hash_ : hash);
  return matches && !hash.empty();
}

Result<work::Progress> PasswordWork::step() {
  if (nobodys_hash_.empty()) {
    auto hashed = crypto::hash_password("the password of nobody", cost_);
    // Without memory for it there is none for any password: until then, all of them wait.
    if (!hashed) return work::Progress::idle;
    nobodys_hash_ = std::move(*hashed);
  }
  Work work;
  {
    const std::lock_guard lock(mutex_);
    if (waiting_.empty()) return work::Progress::idle;
    work = std::move(waiting_.front());
    waiting_.pop_front();
  }
  auto follow = work();
  {
    const std::lock_guard lock(mutex_);
    done_.push_back(std::move(follow));
    --unfinished_;
  }
  finished_();
  return work::Progress::worked;
}

Result<bool> PasswordWork::deliver() {
  std::function<Result<void>()> follow;
  {
    const std::lock_guard lock(mutex_);
    if (done_.empty()) return false;
    follow = std::move(done_.front());
    done_.pop_front();
  }
  const auto followed = follow();
  if (!followed) return followed.error();
  return true;
}

}  // namespace cauce::api
