// A bounded queue in which companies take turns: who asks for much waits for himself, not the
// others for him. Any thread.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace cauce::api {

template <class Item>
class FairQueue {
 public:
  // `of_one_max`: of one company.
  FairQueue(std::size_t items_max, std::size_t of_one_max)
      : items_max_(items_max), of_one_max_(of_one_max) {}

  // False, and the item is not kept, when as many wait as may.
  bool put(const std::string& company, Item item) {
    const std::lock_guard lock(mutex_);
    if (count_ >= items_max_) return false;
    const auto found = waiting_.find(company);
    if (found != waiting_.end() && found->second.size() >= of_one_max_) return false;
    waiting_[company].push_back(std::move(item));
    ++count_;
    return true;
  }

  // The oldest of the company whose turn it is.
  std::optional<Item> take() {
    const std::lock_guard lock(mutex_);
    if (waiting_.empty()) return std::nullopt;
    auto turn = waiting_.upper_bound(served_);
    if (turn == waiting_.end()) turn = waiting_.begin();
    served_ = turn->first;
    Item item = std::move(turn->second.front());
    turn->second.pop_front();
    if (turn->second.empty()) waiting_.erase(turn);
    --count_;
    return item;
  }

 private:
  const std::size_t items_max_;
  const std::size_t of_one_max_;
  std::mutex mutex_;                                 // guards what follows
  std::map<std::string, std::deque<Item>> waiting_;  // by company; none is empty
  std::string served_;                               // the company whose turn it was last
  std::size_t count_ = 0;
};

}  // namespace cauce::api
