// How often something that fails may be tried. Who has failed `attempts_max` times waits; every
// interval gives one attempt back. An attempt counts as failed until it is forgiven, so that many
// at once are no way around it.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/time.h"

namespace cauce::api {

class Attempts {
 public:
  struct Options {
    int attempts_max = 10;
    Duration interval = std::chrono::minutes{1};
    // Beyond it, who is nearest to being forgotten is forgotten.
    std::size_t names_max = 10'000;
  };

  explicit Attempts(const Options& options) : options_(options) {}

  // How long `name` has to wait before it may try; zero: it may now. `now` never runs backwards.
  Duration wait_of(const std::string& name, Duration now) const;
  void count(const std::string& name, Duration now);
  // What failed before is over: it succeeded.
  void forgive(const std::string& name);

  std::size_t size() const { return free_at_.size(); }

 private:
  void make_room(Duration now);

  const Options options_;
  // When every attempt will have been given back.
  std::unordered_map<std::string, Duration> free_at_;
};

}  // namespace cauce::api
