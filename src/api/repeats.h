// What was answered to requests with an `Idempotency-Key`, so that a client that does not know
// whether its POST arrived may send it again: the same key gives the same answer and does nothing.
//
// In memory: at most `answers_max` answers of `bytes_max` bytes together, the oldest go first, each
// for `span` and until the process ends. Only success is kept: what failed made nothing, so it is
// tried again. Any thread.
#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <string_view>

#include "api/call.h"

namespace cauce::api {

// The key came with another request.
Answer key_reused();

class Repeats {
 public:
  struct Limits {
    std::size_t answers_max = 10'000;
    std::size_t bytes_max = 16 << 20;
    Duration span = std::chrono::hours{24};
  };

  static constexpr std::size_t key_bytes_max = 128;
  // 1 to key_bytes_max printable ASCII characters.
  static bool is_key(std::string_view text);

  explicit Repeats(Limits limits) : limits_(limits) {}

  enum class Verdict {
    fresh,     // go on, then call finish()
    answered,  // `answer` is what the first one got
    working,   // the first one has no answer yet
    other,     // the key came with another request
  };
  struct Found {
    Verdict verdict = Verdict::fresh;
    Answer answer = {};
  };
  // `key` is the caller's alone: it holds who he is. `request` tells requests apart.
  Found begin(const std::string& key, const std::string& request, Duration now);
  void finish(const std::string& key, const Result<Answer>& result);

 private:
  struct Kept {
    std::string key;
    std::string request;
    Duration began{0};
    bool working = true;
    Answer answer = {};
    std::size_t bytes = 0;
  };
  using Place = std::list<Kept>::iterator;

  static std::size_t size_of(const Kept& kept);
  void forget(Place place);
  void make_room(Duration now);

  const Limits limits_;
  std::mutex mutex_;      // guards what follows
  std::list<Kept> kept_;  // the oldest first
  std::map<std::string, Place, std::less<>> by_key_;
  std::size_t bytes_ = 0;  // Invariant: the sum of Kept::bytes
  Duration now_{0};        // of the latest begin()
};

}  // namespace cauce::api
